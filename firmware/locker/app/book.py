"""Writes the journal: puts time, trust and boot number on every record."""

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.clock import Clock
    from locker.storage.journal import Journal

_UNCERTAINTY_MAX_S = const(65535)


class Book:
    """The journal with a clock."""

    def __init__(self, journal: "Journal", clock: "Clock", boot: int) -> None:
        self.journal = journal
        self._clock = clock
        self._boot = boot & 0xFFFF

    def note(self, kind: int, now: int, door: int = 0, by: str = "", **fields: int) -> int:
        """Take a record into memory; its sequence number. Durable after commit().

        by: up to 18 bytes of text; fields: actor, reason, fault, tenancy, value (else 0).
        """
        clock = self._clock
        actor, reason, fault, tenancy, value = (
            fields.get(name, 0) for name in ("actor", "reason", "fault", "tenancy", "value")
        )
        uncertainty_s = min(clock.uncertainty_s(now), _UNCERTAINTY_MAX_S)
        return self.journal.note(
            (self._boot, kind, door, actor, reason, fault, clock.trust(now))
            + (clock.now_s(now), uncertainty_s, tenancy, value, by.encode()[: records.NOTE_BYTES])
        )

    def commit(self) -> None:
        """Write what waits. Raises OSError when the flash cannot be written."""
        self.journal.flush()
