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


_RETRY_MS = const(10)
_IDLE_MAX_MS = const(1_000)
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
        self._began = 0

    def add(self, name: str, task: "Task") -> None:
        """Add a task; it runs at the next round."""
        slot = Slot(name, task, self._ticks_ms())
        self.slots.append(slot)
        self._running = slot

    def replace(self, task: "Task", by: "Task") -> None:
        """Another task in the place of one."""
        for slot in self.slots:
            if slot.task is task:
                slot.task = by

    def round(self) -> int:
        """Run everything that is due; returns the ms until the next task is, at most 1 s. A step
        that raises ends the round: what else is due follows in the next one, at once.
        """
        # One handler for all, and short functions below: what needs more than eleven places gets
        # its frame from the heap, and in a full heap that search takes 0.3 ms a step.
        try:
            self._run_due()
        except Exception as error:  # noqa: BLE001 - any error of a task is a fault, not an end
            self._failed(self._running, error, self._began)
            self._measure()
        return self._idle_ms(self._ticks_ms())

    def _run_due(self) -> None:
        for slot in self.slots:  # and the door step before each
            self._run(self.slots[0])
            self._run(slot)

    def _run(self, slot: Slot) -> None:
        now = self._ticks_ms()
        if not ticks.due(now, slot.due):
            return
        self._running = slot
        self._began = now
        slot.due = ticks.add(now, _RETRY_MS)  # stands when the step raises
        slot.due = ticks.add(now, slot.task.step(now))
        self._measure()

    def _measure(self) -> None:
        slot = self._running
        took_ms = ticks.diff(self._ticks_ms(), self._began)
        if took_ms > slot.longest_ms:
            slot.longest_ms = took_ms
        if took_ms > _OVERRUN_MS:
            slot.overruns += 1

    def _idle_ms(self, now: int) -> int:
        soonest = _IDLE_MAX_MS
        index = len(self.slots)
        while index:  # a for loop would need a frame in the heap
            index -= 1
            left = ticks.diff(self.slots[index].due, now)
            if left < soonest:
                soonest = left
        return max(0, soonest)
