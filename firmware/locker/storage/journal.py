"""The journal: an append-only ring of 64-byte records in segment files, chained by tags, read by
sequence number.

A record is either written at once (an authorisation, before its effect) or kept in memory until
``flush`` (observations made while a coil is on: no flash write starts then). Segments that the
host has acknowledged give way first; when none has, the oldest goes and a ``lost`` record says
which numbers are gone.
"""

import os

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.core.mac import Mac
    from locker.core.records import Record

_PENDING_LIMIT = const(32)


class Journal:
    """Records 1..last in ``folder``; segments: how many files of 64 records are kept."""

    def __init__(self, folder: str, mac: "Mac", segments: int = 32) -> None:
        self.last = 0
        self.first = 1
        self.damaged = 0
        self.dropped = 0
        self.acknowledged = 0
        self._folder = folder
        self._mac = mac
        self._segments = segments
        self._tag = records.first_tag()
        self._pending: list[bytes] = []

    def open(self) -> None:
        """Find the end of the journal. A torn or rotten tail is cut off and counted in
        ``damaged``. Raises OSError.
        """
        numbers = self._segment_numbers()
        if not numbers:
            return
        self.first = numbers[0] * records.SEGMENT_RECORDS + 1
        for number in reversed(numbers):
            if self._open_tail(number):
                return

    def note(self, fields: "tuple[Any, ...]") -> int:
        """Take a record (the fields of records.Record after ``seq``) into memory; its sequence
        number, or 0 when too many wait already: such a record is counted in ``dropped``.
        """
        if len(self._pending) >= _PENDING_LIMIT:
            self.dropped += 1
            return 0
        data = records.pack_record(self._mac, self._tag, (self.last + 1,) + fields)
        self._tag = data[-20:-4]
        self.last += 1
        self._pending.append(data)
        return self.last

    def flush(self) -> None:
        """Write what waits. Raises OSError when the flash cannot be written; the records then
        still wait.
        """
        while self._pending:
            seq = self.last - len(self._pending) + 1
            done = (seq - 1) % records.SEGMENT_RECORDS
            batch = self._pending[: records.SEGMENT_RECORDS - done]
            number = (seq - 1) // records.SEGMENT_RECORDS
            if not self._append(number, done * records.RECORD_BYTES, b"".join(batch)):
                self._rewrite(number, self._slots(number)[:done])
                continue
            del self._pending[: len(batch)]
            if not done:
                self._make_room()

    def _append(self, number: int, at: int, data: bytes) -> bool:
        """Add to a segment that must end at ``at``; False when a write that failed half-way has
        left it longer.
        """
        with open(self._path(number), "ab") as file:
            if file.seek(0, 2) != at:
                return False
            file.write(data)
            return True

    @property
    def waiting(self) -> int:
        """Records in memory only."""
        return len(self._pending)

    def read(self, seq: int) -> "Record | None":
        """Record number seq; None when it is overwritten, damaged or not there yet."""
        waiting_from = self.last - len(self._pending) + 1
        if waiting_from <= seq <= self.last:
            return records.unpack_record(self._pending[seq - waiting_from])
        if not self.first <= seq < waiting_from:
            return None
        try:
            return self._read_at(seq)
        except OSError:
            return None

    def _read_at(self, seq: int) -> "Record | None":
        with open(self._path((seq - 1) // records.SEGMENT_RECORDS), "rb") as file:
            file.seek((seq - 1) % records.SEGMENT_RECORDS * records.RECORD_BYTES)
            return records.unpack_record(file.read(records.RECORD_BYTES))

    def acknowledge(self, seq: int) -> bool:
        """The host holds all up to seq. False when that is beyond the journal or not news."""
        if not self.acknowledged < seq <= self.last:
            return False
        self.acknowledged = seq
        return True

    def lost_range(self) -> "tuple[int, int] | None":
        """(from, to) of unacknowledged records that had to give way since the last call, for a
        ``lost`` record.
        """
        lost = self.first - 1
        if lost <= self.acknowledged:
            return None
        gone = (self.acknowledged + 1, lost)
        self.acknowledged = lost
        return gone

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number:08d}.log"

    def _segment_numbers(self) -> list[int]:
        names = [n[:-4] for n in os.listdir(self._folder) if n.endswith(".log")]
        return sorted(int(n) for n in names if n.isdigit())

    def _open_tail(self, number: int) -> bool:
        """Take this segment as the last one; False when it holds no good record at all.

        Rotten records between good ones stay where they are, unreadable; what follows the last
        good one was never finished and is cut off.
        """
        slots = self._slots(number)
        keep = 0
        for index, data in enumerate(slots):
            record = records.unpack_record(data)
            if record is not None and record.seq == number * records.SEGMENT_RECORDS + index + 1:
                self.last, self._tag, keep = record.seq, record.tag, index + 1
            else:
                self.damaged += 1
        if keep < len(slots):
            self._rewrite(number, slots[:keep])
        return keep > 0

    def _slots(self, number: int) -> list[bytes]:
        slots: list[bytes] = []
        with open(self._path(number), "rb") as file:
            data = file.read(records.RECORD_BYTES)
            while data:
                slots.append(data)
                data = file.read(records.RECORD_BYTES)
        return slots

    def _rewrite(self, number: int, good: list[bytes]) -> None:
        path = self._path(number)
        if not good:
            os.remove(path)
            return
        with open(path + ".new", "wb") as file:
            file.write(b"".join(good))
        os.rename(path + ".new", path)

    def _make_room(self) -> None:
        numbers = self._segment_numbers()
        for number in numbers[: max(0, len(numbers) - self._segments)]:
            os.remove(self._path(number))
            self.first = (number + 1) * records.SEGMENT_RECORDS + 1
