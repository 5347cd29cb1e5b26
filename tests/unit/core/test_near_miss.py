"""Refused codes that were right for another time, and what they say of the clock."""

from locker.core import codes, near_miss, window
from locker.core.access import Entry, Moment
from locker.core.compartments import OCCUPIED, Compartment
from locker.core.mac import Mac

NOW = 215_000_000
KEY = b"\x21" * 32


def occupied(tenancy=7):
    compartment = Compartment(3, "S", KEY)
    compartment.tenancy, compartment.occupancy = tenancy, OCCUPIED
    return compartment


def found(code, classes=("4h",), now_s=NOW, uncertainty_s=2):
    moment = Moment(now_s, uncertainty_s, True)
    misses = near_miss.recipient(Entry(3, code, False), occupied(), classes, moment)
    return [miss for miss in misses if miss]


def code_of(slot, name="4h", ahead=0):
    key = KEY
    for _ in range(ahead):
        key = codes.next_key(key)
    return codes.recipient_code(Mac(key), name, slot)


def test_a_window_just_over_and_one_about_to_begin():
    quarter = codes.slot_seconds("4h")
    slot = NOW // quarter
    start = slot * quarter
    for now_s, good, steps, low, high in (
        (start + 299, slot - 4, 10, 300, 3600),  # over for so long
        (start + 3000, slot + 1, -20, -3600, -600),  # not begun for so long
        (start + 3000, slot - 4, 101, 3001, 3600),
    ):
        assert found(code_of(good), now_s=now_s) == [(steps, low, high, 7)]


def test_windows_further_away_are_found_and_are_no_evidence():
    slot = NOW // codes.slot_seconds("4h")
    for good in (slot - 5, slot + 2):
        ((_steps, low, high, _tenancy),) = found(code_of(good))
        assert low > high
    assert found(code_of(slot - 6)) == found(code_of(slot + 3)) == []


def test_good_windows_and_other_keys_are_no_misses():
    slot = NOW // codes.slot_seconds("4h")
    for good in range(slot - 3, slot + 1):
        assert found(code_of(good)) == []
    other = codes.recipient_code(Mac(b"\x22" * 32), "4h", slot - 4)
    assert found(other) == []


def test_tenancies_issued_ahead_and_every_class_are_looked_at():
    slot = NOW // codes.slot_seconds("3d")
    ((_, _, _, tenancy),) = found(code_of(slot + 1, "3d", ahead=2), ("4h", "3d"))
    assert tenancy == 9
    assert found(code_of(slot + 1, "3d", ahead=3), ("4h", "3d")) == []


def rotating(step):
    return step * 7919 % 100_000_000


def search(step, now_s=NOW, uncertainty_s=2):
    moment = Moment(now_s, uncertainty_s, True)
    tried = list(near_miss.rotating(rotating(step), rotating, moment))
    return [miss for miss in tried if miss], len(tried)


def test_a_rotating_code_is_looked_for_120_steps_either_way():
    here = NOW // window.STEP_S
    for away in (6, 20, 120):
        for sign in (1, -1):
            misses, tried = search(here - sign * away)
            late_s = NOW - (here - sign * away) * window.STEP_S
            assert misses == [(sign * away, late_s - 330, late_s, 0)]
            assert tried <= 241
    for away in (0, 1, 121, -121):  # good, or too far
        assert search(here - away)[0] == []


def test_the_true_error_is_in_the_interval_for_every_honest_delay():
    for error_s in (-3000, -400, 400, 1500):
        for delay_s in (0, 1, 20, 75, 300):
            for phase in range(0, 30, 7):
                true_s = NOW + phase
                step = (true_s - delay_s) // window.STEP_S
                ((_, low, high, _),) = search(step, true_s + error_s)[0]
                assert low <= error_s <= high


def test_two_agree_beyond_what_the_clock_allows_for():
    assert near_miss.agree((300, 405), (380, 500), 10)
    assert not near_miss.agree((300, 405), (406, 500), 10)
    assert near_miss.agree((-3600, -600), (-3600, -20), 10)
    assert not near_miss.agree((-3600, -5), (-25, -20), 30)
    assert not near_miss.agree((5, 110), (0, 105), 120)
    assert not near_miss.agree((1, 0), (-3600, 3600), 0)
