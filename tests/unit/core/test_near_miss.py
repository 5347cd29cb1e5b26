"""Refused codes that were right for another time, and what they say of the clock."""

from locker.core import codes, faults, near_miss, window
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
    misses = near_miss.recipient(Entry(3, code, False), [occupied()], classes, moment)
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
    for now_s, good, fault, steps, low, high in (
        (start + 299, slot - 4, faults.CODE_EXPIRED, 10, 300, 3600),  # over for so long
        (start + 3000, slot + 1, faults.CODE_EARLY, 20, -3600, -600),  # not begun for so long
        (start + 3000, slot - 4, faults.CODE_EXPIRED, 101, 3001, 3600),
    ):
        assert found(code_of(good), now_s=now_s) == [(fault, steps, low, high, 7)]


def test_windows_further_away_are_found_and_are_no_evidence():
    slot = NOW // codes.slot_seconds("4h")
    for good, fault in ((-11, faults.CODE_EXPIRED), (-5, faults.CODE_EXPIRED), (8, 0), (2, 0)):
        ((told, _steps, low, high, _tenancy),) = found(code_of(slot + good))
        assert told == (fault or faults.CODE_EARLY) and low > high
    assert found(code_of(slot - 12)) == found(code_of(slot + 9)) == []


def test_good_windows_and_other_keys_are_no_misses():
    slot = NOW // codes.slot_seconds("4h")
    for good in range(slot - 3, slot + 1):
        assert found(code_of(good)) == []
    other = codes.recipient_code(Mac(b"\x22" * 32), "4h", slot - 4)
    assert found(other) == []


def test_tenancies_issued_ahead_and_every_class_are_looked_at():
    slot = NOW // codes.slot_seconds("3d")
    ((_, _, _, _, tenancy),) = found(code_of(slot + 1, "3d", ahead=2), ("4h", "3d"))
    assert tenancy == 9
    assert found(code_of(slot + 1, "3d", ahead=3), ("4h", "3d")) == []


def rotating(step):
    return step * 7919 % 100_000_000


def search(step, now_s=NOW, uncertainty_s=2):
    moment = Moment(now_s, uncertainty_s, True)
    good = window.steps(now_s, uncertainty_s)
    tried = list(near_miss.rotating(lambda at: rotating(at) == rotating(step), good, moment))
    return [miss for miss in tried if miss], len(tried)


def test_a_rotating_code_is_looked_for_120_steps_either_way():
    here = NOW // window.STEP_S
    for away in (6, 20, 120):
        for sign in (1, -1):
            misses, tried = search(here - sign * away)
            late_s = NOW - (here - sign * away) * window.STEP_S
            fault = faults.CODE_EXPIRED if sign > 0 else faults.CODE_EARLY
            assert misses == [(fault, away, late_s - 330, late_s, 0)]
            assert tried <= 241
    for away in (0, 1, 121, -121):  # good, or too far
        assert search(here - away)[0] == []


def test_the_true_error_is_in_the_interval_for_every_honest_delay():
    for error_s in (-3000, -400, 400, 1500):
        for delay_s in (0, 1, 20, 75, 300):
            for phase in range(0, 30, 7):
                true_s = NOW + phase
                step = (true_s - delay_s) // window.STEP_S
                ((_, _, low, high, _),) = search(step, true_s + error_s)[0]
                assert low <= error_s <= high


def test_two_agree_beyond_what_the_clock_allows_for():
    assert near_miss.agree((300, 405), (380, 500), 10)
    assert not near_miss.agree((300, 405), (406, 500), 10)
    assert near_miss.agree((-3600, -600), (-3600, -20), 10)
    assert not near_miss.agree((-3600, -5), (-25, -20), 30)
    assert not near_miss.agree((5, 110), (0, 105), 120)
    assert not near_miss.agree((1, 0), (-3600, 3600), 0)


def parcels(*doors):
    rows = [Compartment(door, "S", bytes([door]) * 32) for door in doors]
    for row in rows:
        row.occupancy, row.tenancy = OCCUPIED, door_tenancy(row.door)
    return rows


def door_tenancy(door):
    return 10 + door


def wrong_door(entry, rows, classes=("4h", "3d")):
    misses = list(near_miss.recipient(entry, rows, classes, Moment(NOW, 2, True)))
    return [miss for miss in misses if miss]


def test_a_code_that_is_good_at_another_door_now():
    rows = parcels(2, 3, 5)
    mac = Mac(rows[2].key)
    now = codes.recipient_code(mac, "3d", NOW // codes.slot_seconds("3d"))
    over = codes.recipient_code(mac, "3d", NOW // codes.slot_seconds("3d") - 4)
    told = [(faults.CODE_OF_OTHER_DOOR, 5, 1, 0, 15)]
    assert wrong_door(Entry(2, now, False), rows) == told
    assert wrong_door(Entry(1, now, False), rows) == told, "an empty one"
    assert wrong_door(Entry(2, codes.recovery_code(mac), True), rows) == told
    assert wrong_door(Entry(2, over, False), rows) == []
    rows[2].occupancy = 0
    assert wrong_door(Entry(2, now, False), rows) == []
    rows[2].occupancy, rows[2].key = OCCUPIED, b""
    assert wrong_door(Entry(2, now, False), rows) == []


def test_a_code_of_a_key_that_was_revoked():
    told = [miss for miss in near_miss.revoked(lambda at: at == 7, range(5, 9)) if miss]
    assert told == [(faults.CODE_REVOKED, 0, 1, 0, 0)]
    assert [miss for miss in near_miss.revoked(lambda at: at == 9, range(5, 9)) if miss] == []
