"""One-time codes against the RFCs' tables; the real Pico W image runs this file too."""

from hashlib import sha1, sha256

from locker.core import otp
from locker.core.mac import Mac

SHA1_KEY = b"12345678901234567890"
SHA256_KEY = b"12345678901234567890123456789012"

# RFC 4226 appendix D: the codes of counters 0..9.
RFC4226 = (755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489)

# RFC 6238 appendix B: (Unix time, SHA-1, SHA-256).
RFC6238 = (
    (59, 94287082, 46119246),
    (1111111109, 7081804, 68084774),
    (1111111111, 14050471, 67062674),
    (1234567890, 89005924, 91819424),
    (2000000000, 69279037, 90698825),
    (20000000000, 65353130, 77737706),
)


def test_counters_of_rfc_4226():
    mac = Mac(SHA1_KEY, sha1)
    for counter, code in enumerate(RFC4226):
        assert otp.code(mac, counter, 6) == code


def test_times_of_rfc_6238():
    ours = (Mac(SHA1_KEY, sha1), Mac(SHA256_KEY, sha256))
    for unix_s, *codes in RFC6238:
        for mac, code in zip(ours, codes):
            assert otp.code(mac, otp.step_at(unix_s), 8) == code
            assert otp.code(mac, otp.step_at(unix_s), 6) == code % 1_000_000


def test_a_step_begins_on_its_second():
    assert [otp.step_at(second) for second in (0, 29, 30, 59, 60)] == [0, 0, 1, 1, 2]
    assert otp.step_at(1_800_000_059, 60) == 30_000_000


def test_a_key_from_an_hkdf_expansion():
    info = b"plk1|L0042|07|P123456789|1760000000|1760604800\x01"
    mac = Mac(Mac(b"\x11" * 32).digest(info))
    step = otp.step_at(1_760_000_000)
    assert otp.code(mac, step, 6) == 512888 and otp.code(mac, step, 8) == 70512888


def test_truncation_of_twelve_digits_uses_sixty_three_bits():
    digest = bytes(range(31)) + b"\x00"
    assert otp.truncate(digest, 12) == 0x0001020304050607 % 10**12
    high = b"\xff" * 31 + b"\x00"
    assert otp.truncate(high, 18) == 0x7FFFFFFFFFFFFFFF % 10**18
    assert otp.truncate(high, 9) == 0x7FFFFFFF % 10**9
