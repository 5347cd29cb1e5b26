from locker.drivers.solenoid import Solenoid
from ports import FakeCoils

STEP_MS = 10


class Bench:
    """A solenoid driver stepped every 10 ms over fake pulse hardware."""

    def __init__(self, doors=4, duty_percent=10, gap_ms=150, start=0):
        self.coils = FakeCoils()
        self.start = start
        self.solenoid = Solenoid(self.coils, doors, duty_percent, gap_ms, self.now)
        self.run(60_000)  # a coil counts as hot at first

    @property
    def now(self):
        return (self.start + self.coils.time) & 0x3FFFFFFF

    def run(self, ms):
        for _ in range(ms // STEP_MS):
            self.coils.time += STEP_MS
            self.solenoid.step(self.now)

    def fire(self, door, on_ms=60):
        return self.solenoid.fire(1 << (door - 1), on_ms, self.now)


def test_pulse_reaches_its_coil():
    bench = Bench()
    assert bench.fire(3)
    assert bench.coils.fired == [(4, 60, bench.coils.time)]
    assert bench.solenoid.busy()
    bench.run(100)
    assert not bench.solenoid.busy() and not bench.solenoid.end_late(bench.now)


def test_bad_doors_or_time_is_refused():
    bench = Bench()
    for mask, on_ms in ((0, 60), (16, 60), (17, 60), (-1, 60), (1, 0), (1, -5), (1, 201)):
        assert not bench.solenoid.fire(mask, on_ms, bench.now)
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


def test_a_start_takes_every_coil_for_hot_so_that_restarts_add_no_heat():
    coils = FakeCoils()
    on_ms = 0
    for start in range(0, 60_000, 100):
        coils.time = start
        solenoid = Solenoid(coils, 1, 10, 150, start)
        for now in range(start, start + 100, 10):
            coils.time = now
            on_ms += 60 * solenoid.fire(1, 60, now)
    assert on_ms == 0
    solenoid = Solenoid(coils, 1, 10, 150, 60_000)
    assert not solenoid.fire(1, 60, 60_500) and solenoid.refusal == "duty"
    assert solenoid.fire(1, 60, 61_500), "a cool-down of its own duty is enough"


def test_a_pulse_may_have_several_coils_and_heats_each():
    bench = Bench(duty_percent=4)
    assert bench.solenoid.fire(0b101, 200, bench.now)
    assert bench.coils.fired[-1][0] == 0b101
    heat = bench.solenoid._heat_ms
    assert heat[0] == heat[2] == heat[1] + 200 == heat[3] + 200


def test_heat_of_one_coil_leaves_the_others_alone():
    bench = Bench(duty_percent=4)
    bench.solenoid._heat_ms[0] = 2_400
    assert not bench.fire(1, 200) and bench.solenoid.refusal == "duty"
    assert bench.fire(2, 200)
    bench.run(60_000)
    assert bench.fire(1, 200)


def test_cooling_is_never_faster_than_the_time_constant():
    for step_s in (1, 7, 60, 3600):
        solenoid = Solenoid(FakeCoils(), 1, 50, 150, 0)
        now_s = 0
        while now_s < 7200:
            now_s += step_s
            solenoid._cool(now_s * 1000)
            assert solenoid._heat_ms[0] >= 30_000 * 2.718281828 ** (-now_s / 60)


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
    bench.coils.ends += 500
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
