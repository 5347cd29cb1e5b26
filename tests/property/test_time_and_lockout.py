"""Whatever comes in whatever order - readings, answers, power cuts, forgeries -: the uncertainty
shrinks only with evidence, the floor only rises, and a lockout only ends by powered time.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from locker.core import clock, faults, ticks
from locker.core.clock import Clock
from locker.core.lockout import Lockout

NOW = 215_000_000
FLOOR = NOW - 86_400
SECONDS = st.integers(0, 900_000_000)
OFFSETS = st.one_of(st.integers(-5, 5), st.integers(-200, 200), st.integers(-400_000, 400_000))

EVENTS = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 86_400_000)),
    st.tuples(st.just("chip"), OFFSETS),
    st.tuples(st.just("sync"), OFFSETS, st.sampled_from([clock.SERVER, clock.TOKEN])),
    st.tuples(st.just("far"), SECONDS, st.sampled_from([clock.SERVER, clock.TOKEN])),
    st.tuples(st.just("set"), OFFSETS),
    st.tuples(st.just("hint"), OFFSETS, st.integers(0, 1000)),
    st.tuples(st.just("cut"), st.integers(0, 300_000), st.booleans()),
)


class Station:
    """A clock with its chip, in true time; chip_s: what the chip shows."""

    def __init__(self) -> None:
        self.ms = 0
        self.chip_s = NOW
        self.stored = b""
        self.floor_s = FLOOR
        self.clock = Clock(FLOOR)
        self.clock.take(NOW, NOW - 100, 0)

    @property
    def now(self) -> int:
        return self.ms % ticks.PERIOD

    def run(self, ms: int) -> None:
        self.ms += ms
        self.clock.advance(self.now)
        self.chip_s += ms // 1000

    def play(self, kind: str, *values: int) -> int:
        """A fault number of what was refused or stepped."""
        if kind == "pass":
            self.run(values[0])
        elif kind == "chip":
            self.clock.take(self.chip_s + values[0], 0, self.now)
        elif kind == "set" and self.clock.is_known:  # as TimeTask: only after a time was taken
            self.chip_s = self.clock.now_s(self.now) + values[0]
            self.clock.chip_was_set(self.chip_s, self.now)
        elif kind == "hint":
            at_s = self.clock.now_s(self.now) + values[0]
            return self.clock.hint((at_s, 0), values[1], self.now)
        elif kind == "cut":
            self.cut(values[0], bool(values[1]))
        elif kind in ("sync", "far"):
            at_s = values[0] + (self.clock.now_s(self.now) if kind == "sync" else 0)
            error_ms = 600 if values[1] == clock.SERVER else 30_000
            return self.clock.sync(values[1], (at_s, 0), error_ms, self.now)
        return faults.NONE

    def cut(self, off_s: int, stored: bool) -> None:
        """Power goes, with what is on flash now or was before; ticks start anew."""
        if stored or not self.stored:
            self.stored, self.floor_s = self.clock.pack(), max(self.clock.floor_s, self.floor_s)
        self.clock = Clock(self.floor_s)
        self.clock.unpack(self.stored)
        self.ms, self.chip_s = 0, self.chip_s + off_s
        self.clock.take(self.chip_s, NOW - 100, 0)


@given(st.lists(EVENTS, max_size=40))
@settings(max_examples=300)
def test_uncertainty_never_shrinks_without_evidence(events):
    station = Station()
    for event in events:
        before_s, known = station.clock.uncertainty_s(station.now), station.clock.is_known
        fault = station.play(*event)
        evidence = event[0] in ("sync", "far") and fault in (faults.NONE, faults.CLOCK_STEPPED)
        if evidence or event[0] in ("cut", "chip") or not known:
            continue
        assert station.clock.uncertainty_s(station.now) >= before_s, event


HINTS = st.lists(st.tuples(st.integers(0, 86_400_000), st.integers(-40_000, 40_000)), max_size=30)


@given(st.integers(0, 90), st.integers(-4, 4), HINTS)
@settings(max_examples=200)
def test_no_sequence_of_unsigned_answers_leads_the_clock_out_of_its_bound(days, wrong_s, hints):
    """days: since the clock was set, wrong by less than it allows for."""
    clock_ = Clock(FLOOR)
    clock_.take(NOW, NOW - days * 86_400, 0)
    wrong_s = max(-clock_.uncertainty_s(0) + 2, min(wrong_s, clock_.uncertainty_s(0) - 2))
    floor_s, ms = clock_.floor_s, 0
    for wait_ms, lie_ms in hints:
        ms += wait_ms
        clock_.advance(ms % ticks.PERIOD)
        now = ms % ticks.PERIOD
        before_s = clock_.uncertainty_s(now)
        seconds, part = clock_.time(now)
        told = seconds * 1000 + part + lie_ms
        clock_.hint((told // 1000, told % 1000), 50, now)
        assert clock_.uncertainty_s(now) >= before_s and clock_.floor_s == floor_s
        true_ms = (NOW + wrong_s) * 1000 + ms
        seconds, part = clock_.time(now)
        assert abs(seconds * 1000 + part - true_ms) <= clock_.uncertainty_s(now) * 1000
    now = ms % ticks.PERIOD
    assert clock_.sync(clock.SERVER, (NOW + wrong_s + ms // 1000, ms % 1000), 600, now) == 0
    assert abs(clock_.now_s(now) - (NOW + wrong_s + ms // 1000)) <= clock_.uncertainty_s(now)


@given(st.lists(EVENTS, max_size=40))
@settings(max_examples=300)
def test_the_floor_never_falls_and_no_believed_time_lies_below(events):
    station = Station()
    for event in events:
        before_s = station.clock.floor_s
        fault = station.play(*event)
        if event[0] != "cut":
            assert station.clock.floor_s >= before_s
        if event[0] not in ("sync", "far") or fault:
            assert station.clock.floor_s <= before_s or event[0] == "cut"
        assert station.clock.floor_s >= FLOOR
        if event[0] in ("sync", "far") and not fault:
            assert station.clock.now_s(station.now) >= before_s - 1


@given(st.lists(EVENTS, max_size=20), st.integers(-200_000, 200_000), st.integers(1, 200))
def test_refused_time_changes_nothing(events, offset_s, tries):
    station = Station()
    for event in events:
        station.play(*event)
    state = station.clock.pack()
    before = (station.clock.time(station.now), station.clock.floor_s)
    for _ in range(min(tries, 3)):
        low = (station.clock.floor_s - 1 - abs(offset_s), 0)
        assert station.clock.sync(clock.SERVER, low, 600, station.now) == faults.TIME_BELOW_FLOOR
        assert not station.clock.take(station.clock.floor_s - 400_000, 0, station.now)
    assert station.clock.pack() == state
    assert (station.clock.time(station.now), station.clock.floor_s) == before


TRIES = st.one_of(
    st.tuples(st.just("wrong"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("right"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("pass"), st.integers(1, 20_000)),
    st.tuples(st.just("pass"), st.integers(1, 3_600_000)),
    st.tuples(st.just("reboot"), st.integers(0, 1 << 29)),
    st.tuples(st.just("clock"), OFFSETS),
)


class Gate:
    """A lockout and the rule it must keep, counted apart from it: leaks no faster than one in ten
    minutes of powered time, and after each wrong entry the delay of the level then.
    """

    def __init__(self) -> None:
        self.lockout = Lockout(3)
        self.clock = Clock(FLOOR)
        self.clock.take(NOW, NOW - 100, 0)
        self.now = 0
        self.powered_ms = 0
        self.failures = 0
        self.locked_until_ms = 0

    def play(self, kind: str, *values: int) -> None:
        if kind == "pass":
            self.now = ticks.add(self.now, values[0])
            self.powered_ms += values[0]
            self.lockout.leak(self.now)
        elif kind == "reboot":
            again = Lockout(3)
            again.unpack(self.lockout.pack())
            self.now = values[0]
            again.restart(self.now)
            self.lockout = again
            self.locked_until_ms = self.powered_ms + again.wait_ms(self.now)
        elif kind == "clock":
            at = (self.clock.now_s(self.now) + values[0], 0)
            self.clock.sync(clock.SERVER, at, 600, self.now)
        elif not self.lockout.wait_ms(self.now):
            self._enter(values[0], bool(values[1]), kind == "right")

    def _enter(self, selector: int, long: bool, right: bool) -> None:
        if not long and self.lockout.codes_closed(selector, 5):
            return
        self.lockout.charge(selector, 5, long, self.now)
        if right:
            self.lockout.acquit(selector, 5, long)
            return
        self.failures += 1
        self.locked_until_ms = self.powered_ms + self.lockout.wait_ms(self.now)


@given(st.lists(TRIES, max_size=80))
@settings(max_examples=300)
def test_a_lockout_ends_by_powered_time_alone(events):
    gate = Gate()
    for event in events:
        level, mass, wait = gate.lockout.level, gate.lockout.pack(), gate.lockout.wait_ms(gate.now)
        gate.play(*event)
        assert gate.lockout.wait_ms(gate.now) <= 30_000
        assert gate.lockout.level >= min(gate.failures, 60) - gate.powered_ms // 600_000 - 1
        if event[0] == "clock":
            assert (gate.lockout.pack(), gate.lockout.wait_ms(gate.now)) == (mass, wait)
        if event[0] == "reboot":
            assert gate.lockout.pack() == mass and gate.lockout.wait_ms(gate.now) >= wait
        if event[0] != "pass":
            assert gate.lockout.level >= level
        elif gate.lockout.level == level:
            assert gate.lockout.wait_ms(gate.now) >= gate.locked_until_ms - gate.powered_ms
