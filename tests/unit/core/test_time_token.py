"""The operator's time token: digits, MAC, and what it says of the time."""

from locker.core import damm, time_token
from locker.core.mac import Mac

KEY = b"\x11" * 32
MAC = Mac(time_token.time_key(KEY))
MINUTES = 3_628_806


def token(challenge=123456, minutes=MINUTES, station="test", mac=MAC):
    return time_token.entry(mac, station, challenge, minutes)


def test_a_known_token():
    digits = token()
    assert len(digits) == 17 and digits[:9] == "913628806" and damm.is_valid(digits)
    assert time_token.minutes_of(digits, MAC, "test", 123456) == MINUTES
    # By CPython's hmac: HMAC-SHA256(HMAC-SHA256(KEY, "latchwork time" 01), 01 "token" ...)
    assert digits[9:16] == "9899542"


def test_it_is_good_for_one_station_one_challenge_one_time_one_key():
    digits = token()
    other = Mac(time_token.time_key(b"\x12" * 32))
    for mac, station, challenge in (
        (other, "test", 123456),
        (Mac(KEY), "test", 123456),
        (MAC, "test2", 123456),
        (MAC, "test", 123457),
    ):
        assert time_token.minutes_of(digits, mac, station, challenge) == -1
    moved = "91%07d" % (MINUTES + 1) + digits[9:]
    assert time_token.minutes_of(moved, MAC, "test", 123456) == -1


def test_what_is_an_entry():
    assert time_token.question() == "912" and time_token.is_question("912")
    lengths = [n for n in range(25) if time_token.is_entry("9" * n)]
    assert lengths == [3, 17]
    assert not time_token.is_question(token())


def test_the_truth_lies_within_the_error_whenever_it_was_made():
    for age_ms in (0, 1, 59_999, 60_000, 599_999):
        seconds, ms, error_ms = time_token.moment(MINUTES, age_ms)
        told_ms = seconds * 1000 + ms
        earliest = MINUTES * 60_000  # made in its first ms, typed at once
        latest = MINUTES * 60_000 + 59_999 + age_ms  # in its last, as the challenge was shown
        assert told_ms - error_ms <= earliest and latest <= told_ms + error_ms
        assert error_ms <= 30_000 + age_ms // 2 + 1_000
