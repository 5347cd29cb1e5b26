"""The journal: an append-only ring of 64-byte records in segment files, chained by tags, read by
sequence number.

A record is either written at once (an authorisation, before its effect) or kept in memory until
``flush`` (observations made while a coil is on: no flash write starts then). The oldest segment
gives way when the ring, or the flash, is full: at once when the host holds it all, else what moved
a door or a parcel is kept in a smaller file (see ``squeeze``).
"""

import os

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.core.mac import Mac
    from locker.core.records import Record

HELD, OVERWRITTEN, DAMAGED, NOT_YET = range(4)  # what an index read can answer

_ENOSPC = const(28)  # the images' errno module has no such name
_EIO = const(5)
_PENDING_LIMIT = const(32)
_ROUTINE_LIMIT = const(24)  # the rest of the room in memory is for openings
_SEGMENTS_MIN = const(8)  # kept even when the flash is full


class Journal:
    """Records 1..last in ``folder``; segments, ring: how many files of 64 records are kept.

    first: of the unbroken ones; before it only ``kept`` ones are left (number of the oldest small
    file, -1 when there is none). damaged, dropped: counts; restarted: the end was lost, and
    numbers were left out; foreign: its chain is of another key; writes: to the flash; head: number
    and tag of the last record on flash; gap_told: the last rotten record that a record names.
    """

    def __init__(self, folder: str, mac: "Mac", segments: int = 32) -> None:
        self.folder = folder
        self.first = 1
        self.kept = -1
        self.damaged = 0
        self.dropped = 0
        self.acknowledged = 0
        self.restarted = False
        self.foreign = False
        self.writes = 0
        self.head = (0, records.first_tag())
        self.gap_told = 0
        self._lost_told = 0
        self._mac = mac
        self.ring = segments
        self._pending: list[bytes] = []

    def open(self, acknowledged: int = 0, seen: int = 0) -> None:
        """Find the end of the journal. A torn or rotten tail is cut off and counted in
        ``damaged``. acknowledged: the host holds all up to this one; seen: it was on flash once;
        neither number is ever given again. Raises OSError.
        """
        if not _is_folder(self.folder):
            os.mkdir(self.folder)
        numbers = self.segments(".log")
        if numbers:
            self.first = numbers[0] * records.SEGMENT_RECORDS + 1
        kept = self.segments(".kep")
        self.kept = kept[0] if kept else -1
        for number in reversed(numbers):
            if self._open_tail(number):
                break
        if self.foreign:
            self._skip_to(self.last // records.SEGMENT_RECORDS + 1)
        known = max(acknowledged, seen)
        if self.last < known:
            self._skip_to(known // records.SEGMENT_RECORDS + self.ring)
        self.acknowledged = acknowledged

    @property
    def last(self) -> int:
        """Number of the last record, in memory or on flash."""
        return self.head[0] + len(self._pending)

    def note(self, fields: "tuple[Any, ...]") -> int:
        """Take a record (the fields of records.Record after ``seq``) into memory; its sequence
        number, or 0 when too many wait already: such a record is counted in ``dropped``.
        """
        routine = records.is_routine(fields[1], fields[2])
        if len(self._pending) >= (_ROUTINE_LIMIT if routine else _PENDING_LIMIT):
            self.dropped += 1
            return 0
        tag = _tag(self._pending[-1]) if self._pending else self.head[1]
        # The one statement that takes it: in a full heap it is taken whole or not at all.
        self._pending.append(records.pack_record(self._mac, tag, (self.last + 1,) + fields))
        return self.last

    def flush(self) -> None:
        """Write what waits. Raises OSError when the flash cannot be written; the records then
        still wait.
        """
        while self._pending:
            seq = self.head[0] + 1
            done = (seq - 1) % records.SEGMENT_RECORDS
            batch = self._pending[: records.SEGMENT_RECORDS - done]
            number = (seq - 1) // records.SEGMENT_RECORDS
            if not self._write(number, done, b"".join(batch)):
                continue
            rest = self._pending[len(batch) :]
            self.head, self._pending = (self.head[0] + len(batch), _tag(batch[-1])), rest
            if not done:
                self._make_room()

    def _write(self, number: int, done: int, data: bytes) -> bool:
        """False when it has to be tried again: room was made, or a write that failed half-way was
        cut off.
        """
        self.writes += 1
        try:
            if self._append(number, done * records.RECORD_BYTES, data):
                return True
        except OSError as error:
            if error.errno != _ENOSPC or not self._give_block():
                raise
            return False
        good = self._slots(number)[:done]
        if len(good) < done:
            raise OSError(_EIO)  # records that were there are not any more
        self._rewrite(number, good)
        return False

    def _append(self, number: int, at: int, data: bytes) -> bool:
        """Add to a segment that must end at ``at``; False when a write that failed half-way has
        left it longer.
        """
        with open(self.path(number), "ab") as file:
            if file.seek(0, 2) != at:
                return False
            file.write(data)
            return True

    @property
    def waiting(self) -> int:
        """Records in memory only."""
        return len(self._pending)

    def read(self, seq: int) -> "Record | None":
        """Record number seq, or None: ask ``state`` why."""
        waiting_from = self.head[0] + 1
        if waiting_from <= seq <= self.last:
            return records.unpack_record(self._pending[seq - waiting_from])
        if not 0 < seq < waiting_from:
            return None
        if seq < self.first:
            record = self.next_kept(seq)
            return record if record is not None and record.seq == seq else None
        try:
            return self._read_at(seq)
        except OSError:
            return None

    def state(self, seq: int) -> int:
        """HELD, OVERWRITTEN (gave way), DAMAGED or NOT_YET (and never: 0)."""
        if not 0 < seq <= self.last:
            return NOT_YET
        if self.read(seq) is not None:
            return HELD
        return OVERWRITTEN if seq < self.first else DAMAGED

    def next_kept(self, seq: int) -> "Record | None":
        """The first record from seq on that was kept of the segments before ``first``."""
        if self.kept < 0:
            return None
        from locker.storage.squeeze import next_kept

        return next_kept(self, seq)

    def _read_at(self, seq: int) -> "Record | None":
        with open(self.path((seq - 1) // records.SEGMENT_RECORDS), "rb") as file:
            file.seek((seq - 1) % records.SEGMENT_RECORDS * records.RECORD_BYTES)
            return records.unpack_record(file.read(records.RECORD_BYTES))

    def acknowledge(self, seq: int) -> bool:
        """The host holds all up to seq. False when that is beyond what is on flash or not news."""
        if not self.acknowledged < seq <= self.head[0]:
            return False
        self.acknowledged = seq
        return True

    def lost_range(self) -> "tuple[int, int] | None":
        """(from, to) of unacknowledged records that had to give way since the last call, for a
        ``lost`` record. What was kept of them is still told.
        """
        told = max(self.acknowledged, self._lost_told)
        self._lost_told = self.first - 1
        return (told + 1, self.first - 1) if told < self.first - 1 else None

    def tell(self, last: int, fault: int) -> None:
        """A record on flash names what is lost up to ``last``, rotten (fault) or given way."""
        if fault:
            self.gap_told = last
        elif last < self.first:
            self._lost_told = last

    def path(self, number: int, suffix: str = ".log") -> str:
        """Of a segment's file."""
        return f"{self.folder}/{number:08d}{suffix}"

    def segments(self, suffix: str) -> list[int]:
        """Numbers of the files with this suffix, in order."""
        names = [n[:-4] for n in os.listdir(self.folder) if n.endswith(suffix)]
        return sorted(int(n) for n in names if n.isdigit())

    def _skip_to(self, number: int) -> None:
        """Go on with a new chain at this segment: what lay before is given up as lost."""
        self.restarted = True
        self.head = (number * records.SEGMENT_RECORDS, records.first_tag())
        self.first = self.last + 1

    def _open_tail(self, number: int) -> bool:
        """Take this segment as the last one; False when it holds no good record at all.

        Rotten records between good ones stay where they are, unreadable; what follows the last
        good one was never finished and is cut off, at the latest before the next one is written.
        """
        slots = self._slots(number)
        keep = 0
        for index, data in enumerate(slots):
            record = records.unpack_record(data)
            if record is None or record.seq != number * records.SEGMENT_RECORDS + index + 1:
                self.damaged += 1
                continue
            if keep and keep == index:
                self.foreign = not records.chain_holds(self._mac, self.head[1], data)
            self.head, keep = (record.seq, record.tag), index + 1
        if keep < len(slots):
            try:
                self._rewrite(number, slots[:keep])
            except OSError as error:
                print("journal: tail not cut off yet:", error)
        return keep > 0

    def _slots(self, number: int) -> list[bytes]:
        slots: list[bytes] = []
        with open(self.path(number), "rb") as file:
            data = file.read(records.RECORD_BYTES)
            while data:
                slots.append(data)
                data = file.read(records.RECORD_BYTES)
        return slots

    def _rewrite(self, number: int, good: list[bytes]) -> None:
        path = self.path(number)
        if not good:
            os.remove(path)
            return
        with open(path + ".new", "wb") as file:
            file.write(b"".join(good))
        os.rename(path + ".new", path)

    def _give_block(self) -> bool:
        """A full flash: new openings matter more than the oldest file. False when too few are
        left.
        """
        from locker.storage.squeeze import let_go

        if self.kept >= 0:
            os.remove(self.path(self.kept, ".kep"))
            let_go(self)
            return True
        numbers = self.segments(".log")
        if len(numbers) <= _SEGMENTS_MIN:
            return False
        os.remove(self.path(numbers[0]))
        self.first = numbers[1] * records.SEGMENT_RECORDS + 1
        return True

    def _make_room(self) -> None:
        """Let the oldest go when there are too many."""
        numbers = self.segments(".log")
        oldest = numbers[: max(0, len(numbers) - self.ring)]
        for number in oldest:
            end = (number + 1) * records.SEGMENT_RECORDS
            if end > self.acknowledged:
                from locker.storage.squeeze import squeeze

                squeeze(self, number)
            else:
                os.remove(self.path(number))
            self.first = end + 1
        if oldest and self.kept >= 0:
            from locker.storage.squeeze import let_go

            let_go(self)


def _tag(data: bytes) -> bytes:
    """Of a packed record."""
    return data[-20:-4]


def _is_folder(path: str) -> bool:
    try:
        os.listdir(path)
        return True
    except OSError:
        return False
