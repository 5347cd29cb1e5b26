"""Writes the journal: puts time, trust and boot number on every record. Repeated failures are
aggregated, and what has to happen without the journal is held for the host.
"""

from locker.core import records
from locker.core.storm import Storm
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.core.clock import Clock
    from locker.core.records import Record
    from locker.storage.journal import Journal

_UNCERTAINTY_MAX_S = const(65535)
_HELD_LIMIT = const(8)


class Book:
    """The journal with a clock. held: unjournalled records that the host has not got yet, oldest
    first.
    """

    def __init__(self, journal: "Journal", clock: "Clock", boot: int) -> None:
        self.journal = journal
        self.held: list[Record] = []
        self._clock = clock
        self._boot = boot & 0xFFFF
        self._storm = Storm()

    def note(self, kind: int, now: int, door: int = 0, by: str = "", **fields: int) -> int:
        """Take a record into memory; its sequence number, 0 when it was only counted. Durable
        after commit().

        by: up to 18 bytes of text; fields: actor, reason, fault, tenancy, value (else 0), alarm.
        """
        if kind == records.REFUSED or (kind == records.FAULT and not door):
            sort = kind << 8 | (fields.get("reason", 0) or fields.get("fault", 0))
            if not self._storm.admits(sort, now):
                return 0
        return self.journal.note(self._body(kind, now, door, by, fields))

    def commit(self) -> None:
        """Write what waits. Raises OSError when the flash cannot be written."""
        self.journal.flush()

    def hold(self, kind: int, now: int, door: int, by: str, **fields: int) -> bool:
        """Take a record whose effect cannot wait for the flash: into memory, and to the host as
        unjournalled. False, and nothing taken, when too many are held already.
        """
        if len(self.held) >= _HELD_LIMIT:
            return False
        body = self._body(kind, now, door, by, fields)
        seq = self.journal.note(body)
        record = self.journal.read(seq) or records.Record((seq,) + body, b"")
        record.tag = b""
        self.held.append(record)
        return True

    def tell_storms(self, now: int) -> None:
        """Write how many records were only counted. Call at least once a day."""
        due = self._storm.advance(now)
        if due is not None:
            sort, count = due
            is_refusal = sort >> 8 == records.REFUSED
            reason, fault = (sort & 255, 0) if is_refusal else (0, sort & 255)
            self.journal.note(
                self._body(
                    records.REPEATED,
                    now,
                    0,
                    records.KIND_NAMES[sort >> 8],
                    {"reason": reason, "fault": fault, "value": count},
                )
            )

    def _body(
        self, kind: int, now: int, door: int, by: str, fields: "dict[str, int]"
    ) -> "tuple[Any, ...]":
        clock = self._clock
        actor, reason, fault, tenancy, value = (
            fields.get(name, 0) for name in ("actor", "reason", "fault", "tenancy", "value")
        )
        uncertainty_s = min(clock.uncertainty_s(now), _UNCERTAINTY_MAX_S)
        trust = clock.trust(now) | fields.get("alarm", 0) << records.ALARM_BIT
        return (self._boot, kind, door, actor, reason, fault, trust) + (
            clock.now_s(now),
            uncertainty_s,
            tenancy,
            value,
            by.encode()[: records.NOTE_BYTES],
        )
