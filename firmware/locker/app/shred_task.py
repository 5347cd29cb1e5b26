"""After each start and each collection: no retired key stays in the raw flash."""

from locker.app.boot_guard import drop
from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.ports import BlockPort
    from locker.storage.shred import Shredder

_PERIOD_MS = const(20)
_IDLE_MS = const(1_000)
_RETRY_MS = const(3_600_000)  # each may be a hundred writes
_START_MS = const(10_000)  # the network comes in first: heap is short
# A step may take so long that a key is not seen; but nobody may keep it waiting by typing on.
_PATIENCE_MS = const(60_000)


class ShredTask:
    """blocks: the raw flash under the station's files."""

    def __init__(self, station: "Station", blocks: "BlockPort") -> None:
        self._station = station
        self._blocks = blocks
        self._from: int | None = ticks.add(station.hal.system.ticks_ms(), _START_MS)
        self._shredder: Shredder | None = None
        self._quiet_at = station.hal.system.ticks_ms()

    def step(self, now: int) -> int:
        """One block, while no coil is on and nobody types."""
        if self._station.session.is_quiet:
            self._quiet_at = now
        waits = ticks.diff(now, self._quiet_at)
        if self._station.solenoid.busy() or 0 < waits < _PATIENCE_MS:
            return _PERIOD_MS
        if self._shredder is None:
            if not self._station.vault.has_retired or not self._may_begin(now):
                return _IDLE_MS
            self._shredder = self._begin()
        try:
            goes_on = self._shredder.step()
        except OSError:
            self._shredder.left = True
            goes_on = False
        return _PERIOD_MS if goes_on else self._end()

    def recover(self, now: int) -> None:
        """Begin again."""
        self._station.vault.has_retired = True
        self._shredder = None

    def _may_begin(self, now: int) -> bool:
        if self._from is not None and ticks.due(now, self._from):
            self._from = None
        return self._from is None

    def _begin(self) -> "Shredder":
        from locker.storage.shred import Shredder

        vault = self._station.vault
        vault.has_retired = False
        known = [c for c in vault.compartments if not vault.is_lost(c.door)]
        return Shredder(self._blocks, vault.cells, known, vault.save_door)

    def _end(self) -> int:
        left = self._shredder is not None and self._shredder.left
        self._shredder = None
        drop("storage.shred")
        if not left:
            return _IDLE_MS
        self._station.vault.has_retired = True
        return _RETRY_MS
