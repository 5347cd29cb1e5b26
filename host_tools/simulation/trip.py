"""Makes a task trip: an exception, or a hang, in the middle of a step, after so many lines of it.

Every line may allocate on MicroPython, so a line is where MemoryError comes from.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from simulation.quiet import POLLED, idle_ms

_FIRMWARE = "/locker/"


class NoMemory(MemoryError):
    """Injected."""


class Hung(BaseException):
    """The watchdog has bitten. No handler of the firmware may see it."""


class Trip:
    """Armed on one task: error is raised at the line-th line that its busy steps run."""

    def __init__(
        self, task: Any, line: int, error: BaseException, tripped: Callable[[], None]
    ) -> None:
        self._task = task
        self._left = line
        self._error = error
        self._tripped = tripped
        self._polled = type(task) in POLLED
        task.step = self._step

    def disarm(self) -> None:
        """Let the task be."""
        if "step" in vars(self._task):
            del self._task.step

    def _step(self, now: int) -> int:
        step = type(self._task).step
        if self._polled and idle_ms(self._task, now) > 0:
            return step(self._task, now)  # type: ignore[no-any-return]
        sys.settrace(self._trace)
        try:
            return step(self._task, now)  # type: ignore[no-any-return]
        finally:
            sys.settrace(None)
            if self._left <= 0:
                self.disarm()
                self._tripped()

    def _trace(self, frame: FrameType, event: str, _arg: object) -> Any:
        if _FIRMWARE not in frame.f_code.co_filename:
            return None
        if event == "line" and self._left > 0:
            self._left -= 1
            if self._left <= 0:
                raise self._error
        return self._trace
