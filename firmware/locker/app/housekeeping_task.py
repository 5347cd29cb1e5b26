"""What has to happen now and then: the throttle leaks, what was lost is told, garbage goes."""

import gc
import os

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station

_PERIOD_MS = const(10_000)
_FREE_AFTER_S = const(600)


class HousekeepingTask:
    """Chores of the whole station, whose files are in ``folder``."""

    def __init__(self, station: "Station", folder: str) -> None:
        self._station = station
        self._folder = folder

    def step(self, now: int) -> int:
        """One round of chores."""
        station = self._station
        station.advance(now)
        station.vault.lockout.leak(now)
        self._tell_lost(now)
        station.book.tell_storms(now)
        station.wear.count(station.book.journal.writes, station.vault.cells.writes)
        station.vault.counters.erases = station.wear.total  # on flash with their next write
        if not station.wear.blocks and station.uptime_s >= _FREE_AFTER_S:
            self._count_free()
        gc.collect()
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """Nothing is held between steps."""

    def _count_free(self) -> None:
        """How many blocks wear in turn. Not at start: littlefs looks through all of its files for
        it, 60 ms on a Pico W.
        """
        station = self._station
        if station.session.is_quiet and not station.solenoid.busy():
            station.wear.blocks = os.statvfs(self._folder)[3] + station.book.journal.ring

    def _tell_lost(self, now: int) -> None:
        """Records that gave way before the host had them, and records that never found room."""
        journal = self._station.book.journal
        lost = journal.lost_range()
        if lost is not None:
            self._station.book.note(records.LOST, now, tenancy=lost[0], value=lost[1])
        if journal.dropped and not journal.waiting:
            self._station.book.note(records.LOST, now, value=journal.dropped)
            journal.dropped = 0
