"""What has to happen now and then: the throttle leaks, what was lost is told, garbage goes."""

import gc

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station

_PERIOD_MS = const(10_000)


class HousekeepingTask:
    """Chores of the whole station."""

    def __init__(self, station: "Station") -> None:
        self._station = station

    def step(self, now: int) -> int:
        """One round of chores."""
        station = self._station
        station.advance(now)
        station.vault.lockout.leak(now)
        self._tell_lost(now)
        station.book.tell_storms(now)
        station.wear.count(station.book.journal.writes, station.vault.cells.writes)
        station.vault.counters.erases = station.wear.total  # on flash with their next write
        gc.collect()
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """Nothing is held between steps."""

    def _tell_lost(self, now: int) -> None:
        """Records that gave way before the host had them, and records that never found room."""
        journal = self._station.book.journal
        lost = journal.lost_range()
        if lost is not None:
            self._station.book.note(records.LOST, now, tenancy=lost[0], value=lost[1])
        if journal.dropped and not journal.waiting:
            self._station.book.note(records.LOST, now, value=journal.dropped)
            journal.dropped = 0
