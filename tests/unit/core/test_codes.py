"""Keys and codes against published vectors and against each other."""

from hashlib import sha256

from locker.core import codes, damm
from locker.core.mac import Mac, equal

# RFC 4231 test cases 1, 2, 3 and 6 (a key longer than a block).
RFC4231 = (
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
)

# RFC 6238 appendix B, SHA-256 rows: (time, eight digits).
RFC6238_KEY = b"12345678901234567890123456789012"
RFC6238 = (
    (59, 46119246),
    (1111111109, 68084774),
    (1111111111, 67062674),
    (1234567890, 91819424),
    (2000000000, 90698825),
    (20000000000, 77737706),
)


def test_hmac_matches_rfc_4231():
    for key, message, digest in RFC4231:
        assert Mac(key).digest(message) == bytes.fromhex(digest)


def test_truncation_matches_rfc_6238():
    mac = Mac(RFC6238_KEY)
    for when, code in RFC6238:
        counter = when // 30
        assert codes.truncate(mac.digest(counter.to_bytes(8, "big")), 8) == code


def test_truncation_of_twelve_digits_uses_sixty_three_bits():
    digest = bytes(range(31)) + b"\x00"
    assert codes.truncate(digest, 12) == 0x0001020304050607 % 10**12


def test_equal_compares_whole_strings():
    assert equal(b"abc", b"abc")
    assert not equal(b"abc", b"abd")
    assert not equal(b"abc", b"ab")


def test_damm_finds_every_wrong_digit_and_every_swap():
    body = "0748219356"
    whole = body + str(damm.check_digit(body))
    assert damm.is_valid(whole)
    for i in range(len(whole)):
        for digit in "0123456789":
            if digit != whole[i]:
                assert not damm.is_valid(whole[:i] + digit + whole[i + 1 :])
        if i and whole[i] != whole[i - 1]:
            assert not damm.is_valid(whole[: i - 1] + whole[i] + whole[i - 1] + whole[i + 1 :])


def test_a_key_gives_its_successors():
    root = b"r" * 32
    key = codes.first_door_key(root, 7)
    assert codes.key_of_tenancy(root, 7, 1) == key
    assert codes.key_of_tenancy(root, 7, 3) == codes.next_key(codes.next_key(key))
    assert codes.next_key(key) == sha256(b"latchwork ratchet" + key).digest()


def test_doors_purposes_and_tenancies_have_codes_of_their_own():
    root = b"r" * 32
    seen = set()
    for door in (1, 2, 24):
        for tenancy in (1, 2):
            mac = Mac(codes.key_of_tenancy(root, door, tenancy))
            for name in codes.CLASSES:
                seen.add(codes.recipient_code(mac, name, 1000))
            seen.add(codes.courier_code(mac, 1000))
            seen.add(codes.recovery_code(mac))
    assert len(seen) == 3 * 2 * 6


def test_a_code_is_good_in_its_window_and_not_outside():
    for name in codes.CLASSES:
        now = 215_000_123
        slot = now // codes.slot_seconds(name)
        start, end = codes.window(name, slot)
        assert start <= now < end and end - start == codes.CLASSES[name]
        for moment, good in ((start, True), (end - 1, True), (start - 1, False), (end, False)):
            assert (slot in codes.slots(name, moment)) == good, (name, moment)


def test_an_unsure_clock_widens_the_window_to_five_slots_at_most():
    for name in codes.CLASSES:
        for uncertainty in (0, 5, 1000, 10**6, 10**8):
            found = codes.slots(name, 215_000_123, uncertainty)
            assert 4 <= len(found) <= 5
            assert found[-1] == (215_000_123 + uncertainty) // codes.slot_seconds(name)


def test_what_a_person_types():
    digits = codes.entry(7, 48219356)
    assert digits[:-1] == "0748219356" and damm.is_valid(digits)
    assert codes.spoken(digits) == "07-4821-9356-" + digits[-1]
    recovery = codes.entry(7, 42, recovery=True)
    assert len(recovery) == codes.RECOVERY_ENTRY and recovery[:14] == "07000000000042"
    assert codes.is_entry(digits) and codes.is_entry(recovery)
    assert not codes.is_entry(digits + "0") and not codes.is_entry(digits[:-2])


def test_demo_keys_are_told_from_others():
    assert codes.is_demo_key(codes.DEMO_MARK + b"x" * 17)
    assert not codes.is_demo_key(b"x" * 32)
