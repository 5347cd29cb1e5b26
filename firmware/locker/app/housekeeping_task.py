"""What has to happen now and then: the clock is carried on and compared with its chip, the
throttle leaks, garbage goes.
"""

import gc

from locker.core import faults, records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.drivers.ds3231 import DS3231

_PERIOD_MS = const(10_000)


class HousekeepingTask:
    """rtc: the clock chip."""

    def __init__(self, station: "Station", rtc: "DS3231") -> None:
        self._station = station
        self._rtc = rtc

    def step(self, now: int) -> int:
        """One round of chores."""
        station = self._station
        station.clock.advance(now)
        station.advance(now)
        station.vault.lockout.leak(now)
        self._read_clock(now)
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

    def _read_clock(self, now: int) -> None:
        station = self._station
        seconds = self._rtc.read()
        taken = seconds is not None and station.clock.take(
            seconds, station.vault.counters.clock_set_s, now
        )
        known = station.clock.is_known
        station.note_health(faults.RTC_SILENT, not self._rtc.ok or (known and not taken), now)
        station.note_health(faults.CLOCK_UNSYNCED, not known, now)
