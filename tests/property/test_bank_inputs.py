"""A sample sequence of any kind, rate or order never raises and never energises; with requests,
what fires is what was asked for, and the pulse hardware's rules hold.
"""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from locker.core import bank, doors, faults, ticks
from locker.core.bank import Bank
from locker.core.door import Timers
from locker.core.doors import READINGS
from locker.drivers.solenoid import Solenoid
from ports import FakeCoils

COUNT = 4
ALL = (1 << COUNT) - 1
MASKS = st.one_of(st.just(ALL), st.integers(0, ALL), st.sampled_from([ALL & ~1, ALL & ~2, 0]))
# Any kind: what no door has is in some of them.
ANY = st.one_of(MASKS, st.integers(0, (1 << 30) - 1), st.integers(-(1 << 30), 1 << 40))
STEPS_MS = st.one_of(st.just(10), st.integers(0, 3000), st.integers(0, 1 << 28))
UNREAD = st.one_of(MASKS.map(lambda m: ALL & ~m), ANY)
SAMPLES = st.lists(st.tuples(ANY, ANY, UNREAD, STEPS_MS), max_size=60)
ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["request", "serve", "clear", "more_time", "stop", "none"]),
        st.integers(1, COUNT),
        MASKS,
        MASKS,
        st.sampled_from([10, 20, 150, 700, 2500, 6000]),
    ),
    max_size=60,
)
PROFILES = st.lists(st.sampled_from(sorted(READINGS)), min_size=COUNT, max_size=COUNT)
LATCHED = st.lists(st.sampled_from([0, 0, faults.CONFLICT]), min_size=COUNT, max_size=COUNT)


def fired(actions: Any) -> list[int]:
    return [door for action, door, _ in actions if action == bank.FIRE]


@settings(max_examples=300, deadline=None)
@given(
    PROFILES, LATCHED, st.integers(0, ALL), st.integers(0, ALL), st.integers(0, (1 << 30) - 1),
    SAMPLES,
)  # fmt: skip
def test_samples_alone_never_raise_and_never_fire(
    profiles: list[str],
    latched: list[int],
    granted: int,
    paired: int,
    now: int,
    samples: list[tuple[int, int, int, int]],
) -> None:
    doors_ = Bank(profiles, Timers(), paired=paired)
    doors_.start(granted, latched, now)
    for reeds, latches, unread, passed_ms in samples:
        now = ticks.add(now, passed_ms)
        if paired:
            doors_.sensors.take_twins(latches ^ unread, now)
        assert fired(doors_.step(reeds, latches, now, unread)) == []


@settings(max_examples=300, deadline=None)
@given(PROFILES, st.integers(0, ALL), SAMPLES, st.floats(0, 1))
def test_while_the_bank_says_that_it_is_idle_nothing_happens(
    profiles: list[str],
    paired: int,
    samples: list[tuple[int, int, int, int]],
    part: float,
) -> None:
    doors_ = Bank(profiles, Timers(), paired=paired)
    now = 0
    doors_.start(0, [0] * COUNT, now)
    for reeds, latches, unread, passed_ms in samples:
        now = ticks.add(now, passed_ms)
        if paired:
            doors_.sensors.take_twins(reeds ^ unread, now)
        doors_.step(reeds, latches, now, unread)
        left_ms = doors_.idle_ms(now)
        if left_ms > 1:
            then = ticks.add(now, int((left_ms - 1) * part))
            known = [doors_.sensors.read(1 << i) for i in range(COUNT)]
            if paired:
                doors_.sensors.take_twins(reeds ^ unread, then)
            assert not doors_.step(reeds, latches, then, unread)
            assert [doors_.sensors.read(1 << i) for i in range(COUNT)] == known
            now = then


class Rig:
    """Bank and coil driver as the door task joins them, and who was asked for."""

    def __init__(self, profiles: list[str], at_once: int) -> None:
        self.bank = Bank(profiles, Timers(680), at_once=at_once)
        self.bank.start(0, [0] * COUNT, 0)
        self.coils = FakeCoils()
        self.solenoid = Solenoid(self.coils, COUNT, 10, 150)
        self.asked = [0] * COUNT
        self.at_once = at_once

    def ask(self, what: str, door: int) -> None:
        now = self.coils.time
        if what == "request" and self.bank.request(door, now):
            self.asked[door - 1] = 2  # one, and one retry
        elif what == "serve" and self.bank.serve(door, now):
            self.asked[door - 1] = 1
        elif what == "clear":
            self.bank.clear(door, now)
        elif what == "more_time":
            self.bank.more_time(door, now)
        elif what == "stop":
            self.bank.stop(door, faults.PULSE_OVERRUN, now)

    def run(self, reeds: int, latches: int, ms: int) -> None:
        for _ in range(ms // 10):
            self.coils.time += 10
            actions = self.bank.step(reeds, latches, self.coils.time)
            self.solenoid.step(self.coils.time)
            firing = fired(actions)
            for _action, door, _value in [a for a in actions if a[0] == bank.EXPIRED]:
                self.asked[door - 1] = 0
            if firing:
                self._fire(firing)

    def _fire(self, firing: list[int]) -> None:
        assert len(firing) <= self.at_once
        assert not self.bank.cut_off
        for door in firing:
            assert self.asked[door - 1] > 0, "nobody asked for it"
            self.asked[door - 1] -= 1
            state = self.bank.door(door).state
            assert state == doors.SERVING or not self.bank.halted
        self.solenoid.fire(sum(1 << (door - 1) for door in firing), 60, self.coils.time)
        assert self.solenoid.refusal in ("", "duty"), "the bank keeps the gaps itself"
        if self.solenoid.refusal:
            for door in firing:
                self.bank.not_fired(door, self.coils.time)
                self.asked[door - 1] = 0


@settings(max_examples=200, deadline=None)
@given(PROFILES, st.integers(1, 2), ORDERS)
@example(  # a wrong door moves in a pulse, and staff ask before the coil has rested
    profiles=["door_contact_only"] * 3 + ["lock_contact_only"],
    at_once=1,
    orders=[
        ("request", 1, ALL, ALL, 710),
        ("request", 1, ALL, 0, 150),
        ("serve", 1, ALL, ALL, 150),
    ],
)
def test_whatever_is_asked_in_whatever_order_only_that_fires(
    profiles: list[str], at_once: int, orders: list[tuple[str, int, int, int, int]]
) -> None:
    rig = Rig(profiles, at_once)
    rig.run(ALL, ALL, 500)
    for what, door, reeds, latches, ms in orders:
        rig.ask(what, door)
        rig.run(reeds, latches, ms)
