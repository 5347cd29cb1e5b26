"""What happens when a task raises: coils off, a journal record, the task recovers; too often, and
the station restarts.
"""

import sys

from locker.core import faults, records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.reactor import Slot
    from locker.app.station import Station

_FAILURES_MAX = const(3)
_WINDOW_S = const(600)


class Supervisor:
    """Allows three failures in ten minutes."""

    def __init__(self, station: "Station") -> None:
        self._station = station
        self._failures = 0
        self._window_from_s = 0
        self.total = 0

    def failed(self, slot: "Slot", error: Exception, now: int) -> None:
        """A step of this task raised. The outputs are made safe before anything else is tried."""
        self._station.solenoid.abort()
        self.total += 1
        print("task", slot.name, "failed:")
        sys.print_exception(error)
        uptime_s = self._station.uptime_s
        if not self._failures or uptime_s - self._window_from_s > _WINDOW_S:
            self._failures = 0
            self._window_from_s = uptime_s
        self._failures += 1
        often = self._failures > _FAILURES_MAX
        self._record(slot, faults.TASK_FAILED_OFTEN if often else faults.TASK_FAILED, now)
        if often:
            self._station.hal.system.restart()
        slot.task.recover(now)

    def _record(self, slot: "Slot", fault: int, now: int) -> None:
        try:
            self._station.book.note(records.FAULT, now, fault=fault, by=slot.name)
            self._station.book.commit()
        except (OSError, MemoryError):
            print("the journal cannot be written")
