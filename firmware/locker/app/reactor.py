"""Runs tasks as bounded steps in one thread: the door step whenever it is due, then one other task
at a time.

A task is an object with ``step(now) -> ms until it wants to run again`` and ``recover(now)``,
called after a step of it raised.
"""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Task(Protocol):
        """What the reactor runs."""

        def step(self, now: int) -> int: ...
        def recover(self, now: int) -> None: ...


_OVERRUN_MS = const(50)  # longer than any step without a flash write


class Slot:
    """A task's place in the round. longest_ms, overruns: of its steps since boot."""

    def __init__(self, name: str, task: "Task", now: int) -> None:
        self.name = name
        self.task = task
        self.due = now
        self.longest_ms = 0
        self.overruns = 0


class Reactor:
    """The first task added is the door step. failed(slot, error, now) is called when a step
    raises.
    """

    def __init__(
        self, ticks_ms: "Callable[[], int]", failed: "Callable[[Slot, Exception, int], None]"
    ) -> None:
        self.slots: list[Slot] = []
        self._ticks_ms = ticks_ms
        self._failed = failed

    def add(self, name: str, task: "Task") -> None:
        """Add a task; it runs at the next round."""
        self.slots.append(Slot(name, task, self._ticks_ms()))

    def round(self) -> int:
        """Run everything that is due; returns the ms until the next task is."""
        door = self.slots[0]
        for slot in self.slots:
            now = self._ticks_ms()
            if slot is not door and ticks.due(now, door.due):
                self._run(door, now)
                now = self._ticks_ms()
            if ticks.due(now, slot.due):
                self._run(slot, now)
        return self._idle_ms(self._ticks_ms())

    def _run(self, slot: Slot, now: int) -> None:
        try:
            slot.due = ticks.add(now, slot.task.step(now))
        except Exception as error:  # noqa: BLE001 - the supervisor's place: any error of a task is a fault, not an end
            slot.due = ticks.add(now, 10)
            self._failed(slot, error, now)
        took_ms = ticks.diff(self._ticks_ms(), now)
        if took_ms > slot.longest_ms:
            slot.longest_ms = took_ms
        if took_ms > _OVERRUN_MS:
            slot.overruns += 1

    def _idle_ms(self, now: int) -> int:
        soonest = ticks.diff(self.slots[0].due, now)
        for slot in self.slots:
            soonest = min(soonest, ticks.diff(slot.due, now))
        return max(0, soonest)
