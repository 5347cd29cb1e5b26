"""Virtual time for a reactor on a bench: from one moment at which something happens to the next.

The firmware sees exactly what it would see if every one of its steps were run: a step is left out
only when it would do nothing, and the steps that do run keep their place on the tasks' own grids.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any, Protocol

from locker.core import ticks
from simulation.quiet import POLLED, idle_ms
from virtual.bench import Bench
from virtual.inprocess import InProcessHal

_LEAP_MAX_MS = 60_000


class Actor(Protocol):
    """Somebody beside the firmware: people, the network, faults."""

    def next_event(self) -> float:
        """Bench time in ms of what it does next; inf when it waits."""
        ...

    def step(self) -> None:
        """Do what is due at the bench's present time."""
        ...


class Clockwork:
    """skips: leave idle steps out. news(): changes when an input beside contacts and keys does."""

    def __init__(self, bench: Bench, hal: InProcessHal, skips: bool = True) -> None:
        self.bench = bench
        self.actors: list[Actor] = []
        self.news: Callable[[], object] = lambda: None
        self.moments = 0
        self._hal = hal
        self._skips = skips
        self._seen: object = None
        self._reactor: Any = None
        self._blind: set[Any] = set()  # slots that have not run since an input changed
        self._idle = False  # nobody has anything to do before the next wake

    def run(self, reactor: Any, until_ms: float) -> None:
        """Let the firmware, the models and the actors run until then."""
        if reactor is not self._reactor:
            self._reactor = reactor
            self._blind.clear()
        self._look()
        wake = self._wake()  # whatever was done to the station since the last run counts
        while self.bench.now_ms < until_ms:
            event = min(self._next_event(), until_ms)
            self.moments += 1
            if event < wake:
                self.bench.advance(event)
                self._act()
                if self._look():
                    self._leave_out()
                    wake = self._wake()
            else:
                self.bench.advance(wake)
                self._act()
                self._leave_out()
                self._round()
                wake = max(self._wake(), int(wake) + 1)
        self._leave_out()

    def stir(self) -> None:
        """Something beside the inputs was changed: every task looks again."""
        self._seen = None

    def _round(self) -> None:
        self._look()
        now = self._hal.ticks_ms()
        tasks = {slot: slot.task for slot in self._reactor.slots}
        for slot in tasks:
            if ticks.due(now, slot.due):
                self._blind.discard(slot)
        self._reactor.round()
        self._blind.update(slot for slot, task in tasks.items() if slot.task is not task)
        self._look()  # the round may have taken its time

    def _look(self) -> bool:
        """True when an input has changed: then no task has seen that yet."""
        inputs = self._inputs()
        if inputs == self._seen:
            return False
        self._seen = inputs
        self._blind.update(self._reactor.slots)
        return True

    def _act(self) -> None:
        """Everything that is due now, and what follows from it at once."""
        busy = True
        while busy:
            busy = False
            for actor in self.actors:
                if actor.next_event() <= self.bench.now_ms:
                    actor.step()
                    busy = True

    def _next_event(self) -> float:
        soonest = self.bench.next_event()
        for actor in self.actors:
            soonest = min(soonest, actor.next_event())
        return max(soonest, self.bench.now_ms)

    def _inputs(self) -> object:
        bench, now_ms = self.bench, self.bench.now_ms
        cabinet = bench.cabinet
        levels = cabinet.reeds(now_ms), cabinet.latches(now_ms), bench.keypad.levels(now_ms)
        return levels, self._hal.link_up, self.news()

    def _wake(self) -> float:
        """Bench time of the next round in which somebody has something to do."""
        self._idle = False
        now = self._hal.ticks_ms()
        soonest: float = _LEAP_MAX_MS
        for slot in self._reactor.slots:
            left: float = ticks.diff(slot.due, now)
            if left <= 0:
                return int(self.bench.now_ms)
            polled = POLLED.get(type(slot.task)) if self._skips else None
            if polled is not None and slot not in self._blind:
                period = polled[0]
                idle = min(idle_ms(slot.task, now), _LEAP_MAX_MS)
                if idle > left:
                    left += ceil((idle - left) / period) * period
            soonest = min(soonest, left)
        self._idle = self._skips
        return int(self.bench.now_ms) + soonest

    def _leave_out(self) -> None:
        """The steps before this moment that nobody ran were idle: they count as run."""
        if not self._idle:
            return
        now = self._hal.ticks_ms()
        if int(self.bench.now_ms) < self.bench.now_ms:
            now = ticks.add(now, 1)
        for slot in self._reactor.slots:
            late = -ticks.diff(slot.due, now)
            polled = POLLED.get(type(slot.task))
            if late > 0 and polled is not None:
                missed = ceil(late / polled[0])
                slot.due = ticks.add(slot.due, missed * polled[0])
                if slot is self._reactor.slots[0]:
                    self._hal.feeds += missed
