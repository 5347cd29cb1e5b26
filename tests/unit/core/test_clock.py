"""Time between RTC readings, and how far it is trusted."""

from locker.core import clock, ticks
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
