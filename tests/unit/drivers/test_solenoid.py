from locker.drivers.solenoid import Solenoid
from ports import FakeCoils

STEP_MS = 10


class Bench:
    """A solenoid driver stepped every 10 ms over fake pulse hardware."""

    def __init__(self, doors=4, duty_percent=10, gap_ms=150, start=0):
        self.coils = FakeCoils()
        self.solenoid = Solenoid(self.coils, doors, duty_percent, gap_ms)
        self.start = start

    @property
    def now(self):
        return (self.start + self.coils.time) & 0x3FFFFFFF

    def run(self, ms):
        for _ in range(ms // STEP_MS):
            self.coils.time += STEP_MS
            self.solenoid.step(self.now)

    def fire(self, door, on_ms=60):
        return self.solenoid.fire(door, on_ms, self.now)


def test_pulse_reaches_its_coil():
    bench = Bench()
    assert bench.fire(3)
    assert bench.coils.fired == [(4, 60, 0)]
    assert bench.solenoid.busy()
    bench.run(100)
    assert not bench.solenoid.busy() and not bench.solenoid.end_late(bench.now)


def test_bad_door_or_time_is_refused():
    bench = Bench()
    for door, on_ms in ((0, 60), (5, 60), (-1, 60), (1, 0), (1, -5), (1, 201)):
        assert not bench.fire(door, on_ms)
        assert bench.solenoid.refusal == "range"
    assert bench.coils.fired == []


def test_one_pulse_at_a_time():
    bench = Bench()
    assert bench.fire(1)
    assert not bench.fire(2)
    assert bench.solenoid.refusal == "busy"


def test_off_time_follows_the_duty_of_the_pulse():
    bench = Bench()
    assert bench.fire(1)
    bench.run(60 + 540)
    assert not bench.fire(2)
    bench.run(40)
    assert bench.fire(2)


def test_gap_holds_where_it_is_longer():
    bench = Bench(duty_percent=50, gap_ms=400)
    assert bench.fire(1)
    bench.run(60 + 380)
    assert not bench.fire(2)
    bench.run(40)
    assert bench.fire(2)


def test_no_minute_has_more_than_the_duty_whatever_is_asked():
    bench = Bench(duty_percent=10)
    for _ in range(40_000):
        bench.fire(1, 200)
        bench.run(STEP_MS)
    starts = [time for _mask, _on_ms, time in bench.coils.fired]
    assert len(starts) > 50
    for first in starts:
        on = sum([200 for start in starts if first <= start < first + 60_000])
        assert on <= 6_000


def test_duty_of_one_coil_leaves_the_others_alone():
    bench = Bench(duty_percent=4)
    while bench.solenoid.refusal != "duty":
        bench.fire(1, 200)
        bench.run(STEP_MS)
    assert bench.fire(2, 200)
    bench.run(120_000)
    assert bench.fire(1, 200)


def test_hardware_that_refuses_is_told():
    bench = Bench()
    bench.coils.broken = True
    assert not bench.fire(1)
    assert bench.solenoid.refusal == "hardware"
    bench.coils.broken = False
    assert bench.fire(1) and bench.solenoid.refusal == ""


def test_coil_that_stays_on_is_seen():
    bench = Bench()
    bench.fire(1)
    bench.coils.ends = 500
    bench.run(80)
    assert not bench.solenoid.end_late(bench.now)
    bench.run(20)
    assert bench.solenoid.end_late(bench.now)
    bench.run(1_000)
    assert bench.solenoid.end_late(bench.now)


def test_late_step_is_no_late_end():
    bench = Bench()
    bench.fire(1)
    bench.coils.time += 1_000
    assert not bench.solenoid.end_late(bench.now)


def test_abort_ends_the_pulse_and_keeps_the_off_time():
    bench = Bench()
    bench.fire(1)
    bench.run(20)
    bench.solenoid.abort()
    assert bench.coils.aborted == 1 and not bench.solenoid.busy()
    bench.run(100)
    assert not bench.fire(1)
    bench.run(600)
    assert bench.fire(1)


def test_fires_after_weeks_of_rest_and_across_the_wrap():
    bench = Bench(start=(1 << 30) - 30)
    assert bench.fire(1)
    bench.run(700)
    bench.coils.time += (1 << 29) + 1_000
    bench.solenoid.step(bench.now)
    assert bench.fire(1)
