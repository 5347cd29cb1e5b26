"""Time between RTC readings, and how far it is trusted."""

from locker.core import clock, faults, ticks
from locker.core.clock import Clock

FLOOR = 200_000_000
NOW = 215_000_000


def test_it_runs_on_ticks_between_readings_even_when_they_wrap():
    c = Clock(FLOOR)
    start = (1 << 30) - 5_000
    assert c.take(NOW, NOW - 60, start)
    assert c.now_s(ticks.add(start, 12_345)) == NOW + 12


def test_a_month_of_hourly_steps_loses_nothing():
    c = Clock(FLOOR)
    c.take(NOW, NOW, 0)
    now = 0
    for _ in range(720):
        now = ticks.add(now, 3_600_000)
        c.advance(now)
    assert c.now_s(now) == NOW + 720 * 3600


def test_readings_below_the_floor_or_the_last_setting_are_refused():
    c = Clock(FLOOR)
    assert not c.take(FLOOR - 1, 0, 0)
    assert not c.take(NOW, NOW + 1, 0)
    assert not c.is_known and c.trust(0) == clock.UNSYNCED


def test_a_sick_chip_that_jumps_is_not_followed():
    c = Clock(FLOOR)
    c.take(NOW, NOW, 0)
    for wrong in (NOW + 3600, NOW + 100 - 3600):
        assert not c.take(wrong, NOW - 7200, 100_000)
    assert c.now_s(100_000) == NOW + 100


def test_trust_falls_with_the_time_since_the_clock_was_set():
    day = 86_400
    expected = ((0, clock.SYNCED), (5, clock.SYNCED), (30, clock.HOLDOVER), (300, clock.DEGRADED))
    for days, trust in expected:
        c = Clock(FLOOR)
        c.take(NOW, NOW - days * day, 0)
        assert c.trust(0) == trust, days


def test_uncertainty_never_shrinks_by_itself():
    c = Clock(FLOOR)
    c.take(NOW, NOW, 0)
    last = 0
    for hours in range(140):
        uncertainty = c.uncertainty_s(hours * 3_600_000)
        assert uncertainty >= last
        last = uncertainty


DAY = 86_400


def synced(days=14, lost_ppm=1.5):
    """A clock compared daily with true time; (clock, ticks, true seconds at its end)."""
    c = Clock(FLOOR)
    c.take(NOW, NOW, 0)
    now = 0
    for day in range(1, days + 1):
        now = ticks.add(now, DAY * 1000)
        c.advance(now)
        true_ms = int(day * DAY * 1000 * (1 + lost_ppm * 1e-6))
        assert c.take(NOW + day * DAY, NOW, now)
        assert c.sync(clock.SERVER, (NOW + true_ms // 1000, true_ms % 1000), 600, now) == 0
    return c, now, NOW + true_ms // 1000


def off_by(c, now, true_s):
    return abs(c.now_s(now) - true_s)


def test_the_rate_is_learnt_and_the_chip_left_alone():
    c, now, true_s = synced()
    assert abs(c.rate_ppm - 1.5) < 0.2
    for _ in range(60):
        now = ticks.add(now, DAY * 1000)
        c.advance(now)
    assert off_by(c, now, true_s + 60 * DAY + 7) <= 1
    assert c.take(NOW + 74 * DAY, NOW, now)
    assert off_by(c, now, true_s + 60 * DAY + 7) <= 1


def test_the_floor_follows_confirmed_time_and_nothing_below_is_taken():
    c, now, true_s = synced()
    assert true_s - 60 <= c.floor_s <= true_s
    floor_s = c.floor_s
    assert c.sync(clock.SERVER, (floor_s - 1, 0), 600, now) == faults.TIME_BELOW_FLOOR
    assert c.floor_s == floor_s and off_by(c, now, true_s) <= 1


def test_a_jump_within_a_day_is_taken_over_and_told_but_raises_no_floor():
    for jump in (600, -50, 80_000):
        c, now, true_s = synced()
        floor_s = c.floor_s
        assert c.sync(clock.SERVER, (true_s + jump, 0), 600, now) == faults.CLOCK_STEPPED
        assert off_by(c, now, true_s + jump) <= 1 and c.floor_s == floor_s
        assert c.sync(clock.SERVER, (true_s + jump, 0), 600, now) == faults.NONE
        assert c.floor_s == max(floor_s, true_s + jump - 60)


def test_a_jump_over_a_day_needs_a_second_source_within_the_hour():
    c, now, true_s = synced()
    far = true_s + 3 * DAY
    for _ in range(3):
        assert c.sync(clock.SERVER, (far, 0), 600, now) == faults.TIME_UNCONFIRMED
    assert off_by(c, now, true_s) <= 1
    assert c.sync(clock.TOKEN, (far + 1000, 0), 30_000, now) == faults.TIME_UNCONFIRMED
    assert c.sync(clock.SERVER, (far + 1000, 0), 600, now) == faults.CLOCK_STEPPED
    assert off_by(c, now, far + 1000) <= 1


def test_a_second_source_that_comes_too_late_is_a_first_one():
    c, now, true_s = synced()
    far = true_s + 3 * DAY
    assert c.sync(clock.SERVER, (far, 0), 600, now) == faults.TIME_UNCONFIRMED
    now = ticks.add(now, 3_700_000)
    assert c.sync(clock.TOKEN, (far + 3700, 0), 30_000, now) == faults.TIME_UNCONFIRMED


def test_a_dead_chip_takes_its_first_trusted_time_without_raising_the_floor():
    c = Clock(FLOOR)
    assert c.sync(clock.SERVER, (NOW, 250), 600, 5_000) == faults.NONE
    assert c.is_known and c.trust(5_000) == clock.SYNCED and c.floor_s == FLOOR
    assert c.time(6_000) == (NOW + 1, 250)
    c.chip_was_set(NOW + 2, 7_000)
    assert c.time(7_000) == (NOW + 2, 250)
    assert c.take(NOW + 12, 0, 17_100) and c.now_s(17_100) == NOW + 12
    assert c.sync(clock.SERVER, (NOW + 12, 300), 600, 17_100) == faults.NONE
    assert c.floor_s == NOW - 48


def test_it_survives_a_reboot_with_the_chip_running():
    c, _now, true_s = synced()
    again = Clock(c.floor_s)
    again.unpack(c.pack())
    assert again.trust(0) == clock.UNSYNCED
    assert again.take(NOW + 15 * DAY, NOW, 77)
    assert off_by(again, 77, true_s + DAY) <= 1
    assert again.uncertainty_s(77) <= 5 and abs(again.rate_ppm - c.rate_ppm) < 1e-3


def test_a_chip_that_went_back_is_not_believed_after_a_reboot():
    c, _now, _true_s = synced()
    again = Clock(FLOOR)
    again.unpack(c.pack())
    assert not again.take(NOW + 13 * DAY, NOW, 0)


def test_a_cut_between_state_and_chip_leaves_the_rate_and_no_time():
    c, _now, true_s = synced()
    again = Clock(FLOOR)
    again.unpack(c.pack(keep_offset=False))
    for chip_s in (NOW + 14 * DAY, true_s):
        assert not again.take(chip_s, NOW, 0)
    assert again.trust(0) == clock.UNSYNCED
    assert again.sync(clock.SERVER, (true_s, 0), 600, 0) == faults.NONE
    assert abs(again.rate_ppm - c.rate_ppm) < 1e-3


def test_foreign_states_are_refused():
    for payload in (b"", bytes(31), b"\xff" * 32):
        try:
            Clock(FLOOR).unpack(payload)
        except ValueError:
            continue
        raise AssertionError(payload)


def test_a_silent_chip_costs_certainty_and_teaches_no_rate():
    c, now, true_s = synced()
    rate, before = c.rate_ppm, c.uncertainty_s(now)
    for _ in range(10):
        now = ticks.add(now, DAY * 1000)
        c.advance(now)
    assert c.uncertainty_s(now) >= before + 40
    wrong = true_s + 10 * DAY + 20
    assert c.sync(clock.SERVER, (wrong, 0), 600, now) == faults.NONE
    assert c.rate_ppm == rate and off_by(c, now, wrong) <= 1


def test_whole_second_readings_are_placed_to_a_tenth():
    c = Clock(FLOOR)
    c.take(NOW, NOW, 0)  # in truth NOW + 0.7
    for i in range(1, 12):
        at_ms = i * 9_900
        c.take(NOW + (at_ms + 700) // 1000, NOW, at_ms)
    seconds, ms = c.time(200_000)
    off_ms = (seconds - NOW - 200) * 1000 + ms - 700
    assert -100 <= off_ms <= 0


def test_a_time_that_is_not_known_still_has_figures_that_can_be_recorded():
    c, _now, _true_s = synced()
    again = Clock(FLOOR, 500)
    again.unpack(c.pack())
    for now in (500, 100_000):
        assert again.uncertainty_s(now) == 65_535 and again.now_s(now) == (now - 500) // 1000


def test_what_a_source_leaves_open_is_taken_above_the_floor():
    c, now, _true_s = synced()
    floor_s = c.floor_s
    again = Clock(floor_s)
    assert again.sync(clock.TOKEN, (floor_s - 20, 0), 60_000, now) == faults.NONE
    assert again.now_s(now) == floor_s and 60 <= again.uncertainty_s(now) <= 62
    assert again.sync(clock.TOKEN, (floor_s - 61, 0), 60_000, now) == faults.TIME_BELOW_FLOOR


def test_the_floor_rises_by_no_more_than_is_certain():
    c, now, true_s = synced()
    c = Clock(FLOOR)
    c.take(true_s, true_s - 20 * DAY, now)
    assert c.sync(clock.TOKEN, (true_s + 5, 0), 300_000, now) == faults.NONE
    assert c.floor_s <= true_s + 5 - 300
