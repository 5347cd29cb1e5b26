"""Two doors and the bank between them, before an adversary who moves every contact, runs out any
timer, asks, clears, refuses pulses and cuts the power at any point.

The clock stands still: a timer is over when the adversary says so, in any order. That is more than
can happen, and makes the number of states finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from locker.core import bank as bank_module
from locker.core import doors, faults
from locker.core.bank import Bank
from locker.core.doors import FAIL_CLOSED, SECURED, Timers
from model import rules
from model.adversary import CHOICES, SETTINGS, Inputs
from model.coverage import Coverage
from model.freeze import NOW, Frame
from model.search import Step, Violation
from model.world import World

_SHUT = "shut"


def _nothing() -> None:
    """An event that is none."""


class BankScope:
    """profiles: lock profile of each door; inhibits: how many a day are forgiven (a small number
    keeps the search small); choices: settings of the contacts in play.
    """

    def __init__(
        self,
        name: str,
        profiles: tuple[str, ...],
        coverage: Coverage,
        inhibits: int = 1,
        choices: tuple[str, ...] = CHOICES,
    ) -> None:
        self.name = name
        self.coverage = coverage
        self._choices = choices
        self._shared_only = len(profiles) > 1
        self.bank = Bank(profiles, Timers())
        for door in self.bank.doors:
            door.INHIBITS_A_DAY = inhibits
        self.latches, self.reeds = Inputs(), Inputs()
        self.bank._latches, self.bank._reeds = self.latches, self.reeds  # type: ignore[assignment]
        self.world = World(profiles, inhibits)
        things = [self.bank, self.bank._window, *self.bank.doors]
        things += [self.latches, self.reeds, self.world]
        self._frame = Frame(things, self.bank.doors)
        self._blank = self._frame.save()
        self._between = False
        self._boots: dict[tuple[int, ...], list[Step]] = {}

    # --- what the search asks ---

    def first(self) -> Iterator[bytes]:
        """Every way to wake up with nothing latched."""
        for _, state, _ in self._wake_ups((0,) * len(self.bank.doors)):
            yield state

    def steps(self, state: bytes) -> Iterator[Step]:
        """Every event in this state."""
        self._frame.load(state)
        self._frame.check()
        for label, event, honest in tuple(self._events()):
            yield from self._try(state, label, event, honest)
        self._frame.load(state)
        yield from self._cut()

    def is_good(self, state: bytes) -> bool:
        """Every door would take a request."""
        self._frame.load(state)
        return all(self.bank.may_release(door.number) for door in self.bank.doors)

    # --- one event ---

    def _try(
        self, state: bytes, label: str, event: Callable[[], Any], honest: bool
    ) -> Iterator[Step]:
        for refused in (False, True):
            self._frame.load(state)
            said = label + (" (the driver refuses the pulse)" if refused else "")
            try:
                fired = self._act(event, refused)
            except Violation as violation:
                yield said, violation, False
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
                yield said, Violation(f"0 raised {type(error).__name__}: {error}"), False
                return
            yield said, self._frame.save(), honest and not refused
            if not fired:
                return

    def _act(self, event: Callable[[], Any], refused: bool) -> bool:
        self._between = False
        before = rules.Before(self.bank, self.world)
        before.cleared = event() or 0
        fired = not self._between and self._step(before, refused)
        rules.check(self.bank, self.world, before)
        self._let_rest()
        return fired

    def _step(self, before: rules.Before, refused: bool) -> bool:
        """One door step and what the door task would do with its actions. True when it fired."""
        fired = False
        for action, number, _ in self.bank.step(0, 0, NOW):
            if action == bank_module.FIRE:
                fired = True
                rules.fire(self.bank, self.world, number)
                if refused:
                    self.bank.not_fired(number, NOW)
                    self.world.refuse(number)
            elif action == bank_module.EXPIRED:
                self.world.expire(number)
        self.world.follow(self.bank, before.states)
        return fired

    # --- the events ---

    def _events(self) -> Iterator[tuple[str, Callable[[], Any], bool]]:
        for door in self.bank.doors:
            yield from self._contact_events(door.number)
            yield from self._orders(door.number)
            yield from self._timers(door)
        window = self.bank._window
        if window.door is not None:
            yield "the pulse window ends", self._end_window, True
            yield from self._pairs()
        elif window.resting:
            yield "the pause after the pulse ends", self._end_rest, True
        if self.bank._wanted:
            yield "a door step", _nothing, True
            yield f"the request for door {self.bank._wanted} gets old", self._end_request, True

    def _contact_events(self, number: int) -> Iterator[tuple[str, Callable[[], Any], bool]]:
        now_at = self.world.contacts[number - 1]
        moving = self.world.moving[number - 1]
        for name in self._choices:
            if SETTINGS[name] != SETTINGS[CHOICES[now_at]] if now_at >= 0 else True:
                yield f"door {number}: contacts {name}", partial(self._put, number, name), name == _SHUT
            elif moving:
                yield f"door {number}: contacts rest", partial(self._put, number, name), True
        door = self.bank.door(number)
        if self._is_looked_at(door) and not moving and now_at >= 0:
            yield f"door {number}: a contact moves", partial(self._move, number), False

    def _is_looked_at(self, door: Any) -> bool:
        """True while it matters whether a contact moves: later, it may have come to rest."""
        waits = door.state == doors.COOLING or self.bank._wanted == door.number
        return waits or (door.doubted and not self._shared_only)

    def _let_rest(self) -> None:
        for door in self.bank.doors:
            if self.world.moving[door.number - 1] and not self._is_looked_at(door):
                self.world.moving[door.number - 1] = 0
                self.latches.moving &= ~(1 << (door.number - 1))
                self.reeds.moving &= ~(1 << (door.number - 1))

    def _orders(self, number: int) -> Iterator[tuple[str, Callable[[], Any], bool]]:
        yield f"request door {number}", partial(self._request, number), False
        if self.bank.door(number).state in (doors.INHIBITED, FAIL_CLOSED):
            yield f"service clear of door {number}", partial(self._clear, number), True
        if self.world.firing == number:
            yield f"door {number}: the pulse runs long", partial(self._overrun, number), False

    def _timers(self, door: Any) -> Iterator[tuple[str, Callable[[], Any], bool]]:
        n = door.number
        if door.timed and not (self.bank._window.door is door and door.state == doors.RELEASING):
            yield f"door {n}: its time runs out", partial(self._expire, door, "deadline"), True
        if door.doubted:
            yield f"door {n}: the doubt lasts", partial(self._expire, door, "_doubt_until"), True
        if door._inhibits:
            yield f"door {n}: a day is over", partial(self._new_day, door), True

    def _pairs(self) -> Iterator[tuple[str, Callable[[], Any], bool]]:
        """Both doors in one sample: only in a pulse window does the bank compare doors."""
        if len(self.bank.doors) < 2:
            return
        for one in self._choices:
            for two in self._choices:
                yield f"contacts of door 1 {one} and door 2 {two}", partial(self._put_both, one, two), False

    def _put_both(self, one: str, two: str) -> None:
        self._put(1, one)
        self._put(2, two)

    def _put(self, number: int, name: str) -> None:
        latch_known, latch, reed_known, reed, flapping = SETTINGS[name]
        bit = 1 << (number - 1)
        self.latches.put(bit, latch_known, latch, flapping)
        self.reeds.put(bit, reed_known, reed, 0)
        self.world.put(number, name)

    def _move(self, number: int) -> None:
        """Odd doors move the bolt, even doors the reed: each must count."""
        inputs = self.latches if number & 1 else self.reeds
        inputs.moving |= 1 << (number - 1)
        self.world.moving[number - 1] = 1

    def _request(self, number: int) -> None:
        self._between = True  # the desk asks after the door step: the next one sees it
        if self.bank.request(number, NOW):
            rules.request(self.bank, self.world, number)

    def _clear(self, number: int) -> int:
        if not self.bank.clear(number, NOW):
            return 0
        rules.clear(self.world, number)
        return number

    def _overrun(self, number: int) -> None:
        self.bank.stop(number, faults.PULSE_OVERRUN, NOW)
        self.world.stop()

    def _expire(self, thing: Any, field: str) -> None:
        setattr(thing, field, NOW)
        self.bank._wake(NOW)

    def _new_day(self, door: Any) -> None:
        door._inhibits_from = NOW - doors._DAY_MS
        self.world.inhibits[door.number - 1] = 0
        self.bank._wake(NOW)

    def _end_window(self) -> None:
        window = self.bank._window
        if window.door is not None and window.door.state == doors.RELEASING:
            window.door.deadline = NOW
        self._expire(window, "ends_at")
        self.world.end_window()

    def _end_rest(self) -> None:
        self._expire(self.bank._window, "ends_at")
        self.world.end_rest()

    def _end_request(self) -> None:
        self.world.run_out(self.bank._wanted)
        self._expire(self.bank, "_wanted_until")

    # --- power ---

    def _cut(self) -> Iterator[Step]:
        """Power lost and back. What the desk had stored by then is open: the parcel search looks
        at that.
        """
        latched = []
        for door in self.bank.doors:
            self.coverage.cut(door.state)
            latched.append(door.verdict if door.state == FAIL_CLOSED else faults.NONE)
        yield from self._wake_ups(tuple(latched))

    def _wake_ups(self, latched: tuple[int, ...]) -> list[Step]:
        if latched not in self._boots:
            self._boots[latched] = list(self._boot_all(latched))
        return self._boots[latched]

    def _boot_all(self, latched: tuple[int, ...]) -> Iterator[Step]:
        count = len(self.bank.doors)
        kept = [
            tuple(v if mask >> i & 1 else faults.NONE for i, v in enumerate(latched))
            for mask in range(1 << count)
        ]
        for stored in dict.fromkeys(kept):
            for granted in range(1 << count):
                self._frame.load(self._blank)
                self.bank.start(granted, stored, NOW)
                self.world.boot(granted)
                said = f"power cut and boot: granted mask {granted:b}, latched {stored}"
                yield said, self._frame.save(), False


