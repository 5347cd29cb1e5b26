"""The door table: every row, every state by every event, and the stories people complain about."""

from locker.core import doors, faults
from locker.core.door import Door, Timers

SHUT, FREE, OPEN, ODD = 3, 2, 0, 1  # reed closed * 2 + bolt locked
ALL = 3


def door(profile="rotary", granted=False, latched=0):
    d = Door(1, profile, Timers())
    d.start(granted, latched, 0)
    return d


def sensed(level, now, d, known=ALL, flapping=False):
    changed = d.sense(known, level, flapping, now)
    for step in range(now, now + 700, 10):
        changed = d.tick(True, step) or changed
    return changed


def secured(profile="rotary"):
    d = door(profile)
    sensed(SHUT, 0, d)
    assert d.state == doors.SECURED
    return d


def test_every_row_does_what_it_says():
    for state, event, after, verdict in doors.rows():
        d = door()
        d.state = state
        d.verdict = faults.SENSOR_LOST
        assert d.apply(event, 0)
        expected = faults.SENSOR_LOST if verdict == doors.KEEP else verdict
        assert (d.state, d.verdict) == (after, expected), (state, event)


def test_a_pair_without_a_row_changes_nothing():
    listed = [row[:2] for row in doors.rows()]
    assert len(set(listed)) == len(listed), "one row a pair"
    for state in range(len(doors.STATE_NAMES)):
        for event in range(doors.STEADY_OPEN + 1):
            if (state, event) in listed:
                continue
            d = door()
            d.state, d.verdict = state, faults.AJAR
            assert not d.apply(event, 0)
            assert (d.state, d.verdict) == (state, faults.AJAR)


def test_only_a_release_leads_to_a_pulse():
    for state, event, after, _verdict in doors.rows():
        if after == doors.RELEASING:
            assert event == doors.RELEASE and state in (doors.SECURED, doors.COOLING)


def test_contradictions_fail_closed_from_every_live_state():
    rows = {row[:2]: row[2] for row in doors.rows()}
    for state in range(len(doors.STATE_NAMES)):
        if state not in (doors.FAIL_CLOSED, doors.SERVING):  # closed already
            assert rows[(state, doors.CONFLICT)] == doors.FAIL_CLOSED


def test_fail_closed_is_left_by_a_service_clear_only():
    shut = (doors.FAIL_CLOSED, doors.SERVING)
    exits = [row[1] for row in doors.rows() if row[0] in shut and row[2] not in shut]
    assert exits == [doors.CLEAR]
    d = door(latched=faults.CONFLICT)
    sensed(OPEN, 0, d)
    assert not d.clear(1000), "needs good readings"
    sensed(SHUT, 2000, d)
    assert d.state == doors.FAIL_CLOSED
    assert d.clear(4000) and d.state == doors.SECURED


def test_each_profile_reads_its_contacts():
    expected = {
        "rotary": (doors.OPENED, doors.CONFLICT, doors.UNLATCHED, doors.SHUT),
        "slam_bolt": (doors.OPENED, doors.OPENED, doors.UNLATCHED, doors.SHUT),
        "lock_contact_only": (doors.OPENED, doors.SHUT, doors.OPENED, doors.SHUT),
        "door_contact_only": (doors.OPENED, doors.OPENED, doors.SHUT, doors.SHUT),
    }
    for profile, readings in expected.items():
        for level, reading in enumerate(readings):
            d = door(profile)
            sensed(level, 0, d)
            assert d.reading == reading, (profile, level)


def test_a_missing_contact_is_unknown_and_never_secured():
    for known in (0, 1, 2):
        d = door()
        d.sense(known, SHUT, False, 0)
        for now in range(0, 6000, 10):
            d.tick(True, now)
        assert d.state == doors.INHIBITED, known


def test_a_short_contradiction_is_a_moving_door():
    d = secured()
    assert d.release(1000)
    sensed(FREE, 1020, d)
    sensed(OPEN, 1800, d)
    assert d.state == doors.OPEN
    d.sense(ALL, ODD, False, 5000)  # the bolt's contact is debounced faster than the reed
    d.tick(True, 5100)
    assert d.sense(ALL, SHUT, False, 5120) and d.state == doors.SECURED


def test_pulled_in_time_opens_and_ends_secured():
    d = secured()
    assert d.release(1000)
    for level, state in ((FREE, doors.RELEASED), (OPEN, doors.OPEN), (FREE, doors.RELOCKING)):
        d.sense(ALL, level, False, 1100)
        assert d.state == state
    d.sense(ALL, SHUT, False, 1200)
    assert (d.state, d.verdict, d.granted) == (doors.SECURED, faults.NONE, False)


def test_a_slam_bolt_that_nobody_pulled_is_not_a_success():
    d = secured("slam_bolt")
    assert d.release(1000)
    d.sense(ALL, FREE, False, 1020)
    d.sense(ALL, SHUT, False, 1090)
    assert (d.state, d.verdict) == (doors.SECURED, faults.NOT_PULLED)


def test_a_bolt_that_does_not_move_is_tried_once_more_and_then_jammed():
    d = secured()
    assert d.release(0)
    seen = []
    for now in range(0, 8000, 10):
        if d.tick(True, now):
            seen.append((d.state, d.verdict))
        if d.state == doors.COOLING and not d.timed:
            assert d.release(now)
    assert seen == [
        (doors.COOLING, faults.NO_RELEASE),
        (doors.SECURED, faults.JAMMED),
    ]


def test_nothing_fires_once_the_door_has_moved():
    d = secured()
    assert d.release(0)
    for now in range(0, 700, 10):
        d.tick(True, now)
    assert d.state == doors.COOLING
    d.sense(ALL, FREE, False, 800)
    assert d.state == doors.RELEASED
    assert not d.release(3000)


def test_an_open_door_without_access_is_an_alarm():
    d = secured()
    d.sense(ALL, OPEN, False, 100)
    assert (d.state, d.verdict) == (doors.FAIL_CLOSED, faults.FORCED_OPEN)


def test_open_at_boot_depends_on_the_stored_grant():
    d = door(granted=True)
    sensed(OPEN, 0, d)
    assert d.state == doors.OPEN
    d = door()
    sensed(OPEN, 0, d)
    assert (d.state, d.verdict) == (doors.INHIBITED, faults.FOUND_OPEN)
    d.sense(ALL, SHUT, False, 1000)
    for now in range(1000, 7000, 10):
        d.tick(True, now)
    assert d.state == doors.SECURED


def test_held_open_warns_before_it_alarms():
    d = door(granted=True)
    sensed(OPEN, 0, d)
    verdicts = []
    for now in range(0, 200_000, 50):
        if d.tick(True, now):
            verdicts.append(d.verdict)
    assert verdicts == [faults.HELD_OPEN_SOON, faults.HELD_OPEN]


def test_a_shut_door_that_does_not_lock_is_told_and_then_alarmed():
    d = secured()
    d.sense(ALL, FREE, False, 0)
    assert (d.state, d.verdict) == (doors.LOOSE, faults.NOT_LATCHED)
    for now in range(0, 70_000, 50):
        d.tick(True, now)
    assert (d.state, d.verdict) == (doors.LOOSE_ALARM, faults.AJAR)
    d.sense(ALL, SHUT, False, 80_000)
    assert d.state == doors.SECURED


def test_a_door_inhibited_too_often_latches():
    d = secured()
    now = 0
    for _ in range(Door.INHIBITS_A_DAY):
        d.sense(0, 0, True, now)
        assert d.state == doors.INHIBITED
        d.sense(ALL, SHUT, False, now + 10)
        for later in range(now + 10, now + 6000, 10):
            d.tick(True, later)
        assert d.state == doors.SECURED
        now += 10_000
    d.sense(0, 0, True, now)
    assert (d.state, d.verdict) == (doors.FAIL_CLOSED, faults.INHIBITED_TOO_OFTEN)
