"""The figures and edges of one door: timers, profiles, doubts, the day's inhibits."""

from locker.core import doors, faults
from locker.core.door import Door, Timers

SHUT, FREE, OPEN, ODD = 3, 2, 0, 1  # reed closed * 2 + bolt locked
ALL = 3
DAY_MS = 86_400_000


def door(profile="rotary", granted=False, retries=1):
    d = Door(1, profile, Timers(), retries)
    d.start(granted, 0, 0)
    return d


def secured():
    d = door()
    d.sense(ALL, SHUT, False, 0)
    assert d.state == doors.SECURED
    return d


def opened():
    d = door(granted=True)
    d.sense(ALL, OPEN, False, 0)
    assert d.state == doors.OPEN
    return d


def inhibited(level, flapping=False, now=0):
    """A secured door that could not be told for a while and now shows level."""
    d = secured()
    d.sense(0, 0, flapping, now)
    d.tick(True, now + 500)
    assert d.state == doors.INHIBITED
    d.sense(ALL, level, False, now + 600)
    return d


def test_every_timer_has_its_figure():
    timers = Timers()
    by_name = dict(zip(doors.STATE_NAMES, timers.state_ms))
    assert by_name == {
        "starting": 5_000,
        "secured": 60_000,
        "releasing": 600,
        "cooling": 2_000,
        "released": 15_000,
        "open": 120_000,
        "open_late": 30_000,
        "open_alarm": 0,
        "relocking": 3_000,
        "loose": 60_000,
        "loose_alarm": 0,
        "inhibited": 5_000,
        "fail_closed": 0,
        "serving": 600,
    }
    assert timers.contradict_ms == 500


def test_the_site_sets_four_of_them():
    site = {"pull_s": 20, "open_s": 200, "alarm_s": 40, "ajar_s": 90}
    states = (doors.RELEASED, doors.OPEN, doors.OPEN_LATE, doors.LOOSE)
    timers = Timers(site=site)
    assert [timers.state_ms[state] for state in states] == [20_000, 200_000, 40_000, 90_000]


def test_each_profile_needs_its_contacts_and_no_other():
    needs = {"rotary": 3, "slam_bolt": 3, "lock_contact_only": 1, "door_contact_only": 2}
    for profile, mask in needs.items():
        for known in range(4):
            d = door(profile)
            d.sense(known, SHUT, False, 0)
            assert (d.state == doors.SECURED) == (known & mask == mask), (profile, known)
        assert d.needs == mask


def test_a_new_door_is_in_no_doubt():
    d = door()
    assert not d.tick(True, 10) and d.state == doors.STARTING


def test_the_same_reading_again_is_no_change():
    assert not secured().sense(ALL, SHUT, False, 10)


def test_a_doubt_begins_anew_when_its_kind_changes():
    for first, second, verdict in (
        ((ALL, ODD), (0, 0), faults.SENSOR_LOST),
        ((0, 0), (ALL, ODD), faults.CONFLICT),
    ):
        d = secured()
        d.sense(first[0], first[1], False, 0)
        d.sense(second[0], second[1], False, 400)
        assert not d.tick(True, 899)
        assert d.tick(True, 900) and d.verdict == verdict


def test_a_doubt_that_is_told_again_does_not_begin_anew():
    d = secured()
    d.sense(ALL, ODD, False, 0)
    d.sense(ALL, ODD, False, 400)
    assert not d.tick(True, 499)
    assert d.tick(True, 500) and d.verdict == faults.CONFLICT


def test_an_inhibited_door_must_be_still_for_the_whole_time():
    d = inhibited(SHUT)
    d.sense(ALL, FREE, False, 4_000)
    d.sense(ALL, SHUT, False, 4_100)
    assert not d.tick(True, 9_099)
    assert d.tick(True, 9_100) and d.state == doors.SECURED


def test_a_doubt_that_passes_gives_an_open_door_no_more_time():
    d = opened()
    d.sense(ALL, ODD, False, 60_000)
    d.sense(ALL, OPEN, False, 60_100)
    assert d.tick(True, 120_000) and d.state == doors.OPEN_LATE


def test_a_service_release_ends_with_its_window_whatever_moves():
    d = door()
    d.fail_closed(faults.CONFLICT, 0)
    assert d.serve(1_000)
    d.sense(ALL, OPEN, False, 1_300)
    assert not d.tick(True, 1_599)
    assert d.tick(True, 1_600) and d.state == doors.FAIL_CLOSED


def test_an_inhibited_door_that_turns_out_open_is_forced():
    for flapping in (False, True):
        d = inhibited(OPEN, flapping)
        assert not d.tick(True, 5_599)
        assert d.tick(True, 5_600)
        assert (d.state, d.verdict) == (doors.FAIL_CLOSED, faults.FORCED_OPEN)


def test_an_inhibited_door_that_was_found_or_left_open_waits():
    found = door()
    found.sense(ALL, OPEN, False, 0)
    left = opened()
    left.sense(0, 0, False, 100)
    left.tick(True, 600)
    left.sense(ALL, OPEN, False, 700)
    for d in (found, left):
        assert d.state == doors.INHIBITED
        assert not d.tick(True, 20_000) and d.state == doors.INHIBITED


def test_failing_closed_ends_the_grant():
    d = opened()
    d.fail_closed(faults.CONFLICT, 100)
    assert not d.granted


def test_every_further_pulse_has_its_try():
    d = door(retries=2)
    d.sense(ALL, SHUT, False, 0)
    assert d.release(0)
    seen = []
    for now in range(0, 12_000, 10):
        if d.tick(True, now):
            seen.append(d.verdict)
        if d.state == doors.COOLING and not d.timed:
            assert d.release(now)
    assert seen == [faults.NO_RELEASE, faults.NO_RELEASE, faults.JAMMED]


def test_only_a_door_that_is_out_of_service_may_be_cleared():
    assert not secured().may_clear
    d = inhibited(SHUT)
    assert d.may_clear


def test_an_alarm_is_told_and_a_warning_is_not():
    d = opened()
    d.tick(True, 120_000)
    assert (d.verdict, d.alarm) == (faults.HELD_OPEN_SOON, faults.NONE)
    d.tick(True, 150_000)
    assert d.alarm == faults.HELD_OPEN


def flap(d, now):
    d.sense(0, 0, True, now)


def heal(d, now):
    d.sense(ALL, SHUT, False, now)
    d.tick(True, now + 5_000)
    assert d.state == doors.SECURED


def thrice_inhibited(start):
    d = secured()
    for now in range(start, start + 30_000, 10_000):
        flap(d, now)
        assert d.state == doors.INHIBITED
        heal(d, now + 100)
    return d


def test_inhibits_count_for_a_day_from_the_first():
    start = 20_000_000
    d = thrice_inhibited(start)
    assert d.next_due(start + 40_000) == start + DAY_MS
    d.tick(True, start + DAY_MS - 1)
    flap(d, start + DAY_MS - 1)
    assert (d.state, d.verdict) == (doors.FAIL_CLOSED, faults.INHIBITED_TOO_OFTEN)


def test_inhibits_are_forgotten_after_a_day():
    start = 20_000_000
    for late in (0, 70_000):
        d = thrice_inhibited(start)
        again = start + DAY_MS + late
        d.tick(True, again)
        assert d.next_due(again) is None
        for now in (again + 1_000, again + 11_000, again + 21_000):
            flap(d, now)
            assert d.state == doors.INHIBITED
            heal(d, now + 100)
        flap(d, again + 31_000)
        assert d.state == doors.FAIL_CLOSED


def test_conflicts_are_not_counted_as_inhibits():
    d = secured()
    for now in range(0, 50_000, 10_000):
        d.sense(ALL, ODD, False, now)
        d.tick(True, now + 500)
        assert (d.state, d.verdict) == (doors.FAIL_CLOSED, faults.CONFLICT)
        d.sense(ALL, SHUT, False, now + 1_000)
        assert d.clear(now + 1_000)


def test_next_due_is_the_sooner_of_doubt_and_timer():
    d = opened()
    d.sense(ALL, ODD, False, 1_000)
    for deadline, due in ((1_400, 1_400), (1_501, 1_500), (9_000, 1_500)):
        d.deadline = deadline
        assert d.next_due(1_000) == due


def test_nothing_is_due_where_no_timer_runs():
    d = opened()
    for now in (120_000, 150_000):
        d.tick(True, now)
    assert d.state == doors.OPEN_ALARM and d.next_due(160_000) is None
    assert secured().next_due(100) is None
    d.fail_closed(faults.CONFLICT, 160_000)
    assert d.next_due(170_000) is None


def test_the_grant_after_a_jam_ends_without_a_step():
    d = secured()
    assert d.release(0)
    for now in range(0, 8_000, 10):
        d.tick(True, now)
        if d.state == doors.COOLING and not d.timed:
            d.release(now)
    assert d.verdict == faults.JAMMED and d.granted
    assert not d.tick(True, 70_000) and not d.granted


def test_a_cooled_door_asks_for_the_bank_at_once():
    door = Door(1, "rotary", Timers())
    door.state, door.deadline = doors.COOLING, 2_000
    door.timed = True
    assert door.next_due(500) == 2_000
    door.timed = False
    assert door.next_due(2_500) == 2_500


def jammed():
    """Both pulses moved nothing: a late pull would still be the courier's."""
    d = secured()
    for now in (0, 2_600):
        assert d.release(now)
        assert d.tick(True, now + 600)
        d.tick(True, now + 2_600)
    assert (d.state, d.verdict, d.granted) == (doors.SECURED, faults.JAMMED, True)
    return d


def test_a_withdrawn_grant_leaves_a_door_that_is_forced():
    d = jammed()
    d.withdraw()
    assert not d.granted and d.next_due(5_300) is None
    d.sense(ALL, OPEN, False, 5_300)
    assert (d.state, d.verdict) == (doors.FAIL_CLOSED, faults.FORCED_OPEN)


def test_only_a_secured_door_loses_its_grant():
    starting = door(granted=True)
    starting.withdraw()
    starting.sense(ALL, OPEN, False, 0)
    assert starting.state == doors.OPEN
    starting.withdraw()
    starting.sense(ALL, FREE, False, 0)
    assert starting.state == doors.RELOCKING
    assert starting.next_due(0) == 3_000
