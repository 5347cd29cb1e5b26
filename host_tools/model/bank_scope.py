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
from locker.core.door import Timers
from locker.core.doors import FAIL_CLOSED
from model import rules
from model.adversary import CHOICES
from model.coverage import Coverage
from model.freeze import NOW, Frame
from model.rig import Event, Rig
from model.search import Step, Violation
from model.world import World


class BankScope:
    """profiles: lock profile of each door; inhibits: how many a day are forgiven (UNCOUNTED keeps
    a search of two doors small); choices: settings of the contacts in play.
    """

    def __init__(
        self,
        name: str,
        profiles: tuple[str, ...],
        coverage: Coverage,
        inhibits: int,
        choices: tuple[str, ...] = CHOICES,
    ) -> None:
        self.name = name
        self._coverage = coverage
        self.bank = Bank(profiles, Timers())
        for door in self.bank.doors:
            door.INHIBITS_A_DAY = inhibits
        self.world = World(profiles, inhibits)
        self._rig = Rig(self.bank, self.world, choices)
        self._frame = Frame(self._rig.things, self.bank.doors)
        self._blank = self._frame.save()
        self._has_service = len(profiles) == 1  # two doors with it are too many states
        self._between = False
        self._boots: dict[tuple[int, ...], list[Step]] = {}

    # --- what the search asks ---

    def first(self) -> Iterator[bytes]:
        """Every way to wake up with nothing latched."""
        for _, state, _ in self._wake_ups((0,) * len(self.bank.doors)):
            if isinstance(state, bytes):
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
        self._rig.let_rest()
        return fired

    def _step(self, before: rules.Before, refused: bool) -> bool:
        """One door step and what the door task would do with its actions. True when it fired."""
        fired = False
        for action, number, _ in self.bank.step(0, 0, NOW, self._rig.unread()):
            if action == bank_module.FIRE:
                fired = True
                rules.fire(self.bank, self.world, number)
                if refused:
                    self.bank.not_fired(number, NOW)
                    self.world.refuse(number)
            elif action == bank_module.EXPIRED:
                self.world.expire(number)
        self.world.follow(self.bank, before.stepped_from)
        return fired

    # --- the events ---

    def _events(self) -> Iterator[Event]:
        yield from self._rig.contact_events()
        yield from self._rig.timer_events()
        for door in self.bank.doors:
            yield from self._orders(door.number)

    def _orders(self, number: int) -> Iterator[Event]:
        yield f"request door {number}", partial(self._request, number), False
        door = self.bank.door(number)
        if door.state in (doors.INHIBITED, FAIL_CLOSED):
            yield f"service clear of door {number}", partial(self._clear, number), True
        if self._has_service:
            yield f"service release of door {number}", partial(self._serve, number), True
        if door.state in (doors.OPEN, doors.OPEN_LATE, doors.OPEN_ALARM):
            yield f"door {number}: more time", partial(self.bank.more_time, number, NOW), True
        if self.world.firing == number:
            yield f"door {number}: the pulse runs long", partial(self._overrun, number), False

    def _request(self, number: int) -> None:
        self._between = True  # the desk asks after the door step: the next one sees it
        if self.bank.request(number, NOW):
            rules.request(self.bank, self.world, number)

    def _serve(self, number: int) -> None:
        if self.bank.serve(number, NOW):
            self.world.served[number - 1] = 1

    def _clear(self, number: int) -> int:
        if not self.bank.clear(number, NOW):
            return 0
        rules.clear(self.world, number)
        return number

    def _overrun(self, number: int) -> None:
        self.bank.stop(number, faults.PULSE_OVERRUN, NOW)
        self.world.stop()

    # --- power ---

    def _cut(self) -> Iterator[Step]:
        """Power lost and back. What the desk had stored by then is open: the parcel search looks
        at that.
        """
        latched = []
        for door in self.bank.doors:
            self._coverage.cut(door.state)
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
