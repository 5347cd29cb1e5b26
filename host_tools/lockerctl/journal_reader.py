"""Reads a station's journal from its flash folder and says what does not check: CRC, order, chain,
gaps.

Layout: ``journal/<number>.log``, 64-byte records, 64 to a file; record q is in file (q - 1) // 64
(firmware/locker/storage/journal.py).
"""

from dataclasses import dataclass
from pathlib import Path

from locker.core import records, wire
from locker.core.mac import Mac
from locker.core.records import Record
from lockerctl.events import Event, parse


@dataclass(frozen=True)
class Reading:
    """Every record that checks, in order, and every problem in words. first, last: sequence
    numbers, 0 for an empty journal.
    """

    records: tuple[Record, ...]
    problems: tuple[str, ...]

    @property
    def first(self) -> int:
        return self.records[0].seq if self.records else 0

    @property
    def last(self) -> int:
        return self.records[-1].seq if self.records else 0

    @property
    def events(self) -> list[Event]:
        """The records as the station would publish them."""
        found = (parse(wire.event(record)) for record in self.records)
        return [event for event in found if event is not None]


def read_journal(folder: Path, key: bytes) -> Reading:
    """folder: the one with the .log files; key: the station's journal key. A missing folder reads
    as an empty journal.
    """
    reader = _Reader(Mac(key))
    for path in sorted(folder.glob("*.log"), key=lambda p: p.stem.zfill(12)):
        reader.take_file(path)
    return Reading(tuple(reader.records), tuple(reader.problems))


class _Reader:
    def __init__(self, mac: Mac) -> None:
        self.records: list[Record] = []
        self.problems: list[str] = []
        self._mac = mac
        self._tag: bytes | None = (
            records.first_tag()
        )  # None: the record before is not here, so the next one starts a new chain
        self._expected = 1

    def take_file(self, path: Path) -> None:
        if not path.stem.isdigit():
            self.problems.append(f"{path.name}: not a journal file")
            return
        start = int(path.stem) * records.SEGMENT_RECORDS + 1
        self._meet(start, path.name)
        data = path.read_bytes()
        whole = len(data) // records.RECORD_BYTES
        for index in range(whole):
            self._take(
                data[index * records.RECORD_BYTES :][: records.RECORD_BYTES],
                start + index,
                path.name,
            )
        if len(data) % records.RECORD_BYTES:
            self.problems.append(f"{path.name}: a torn record at its end")
        if whole > records.SEGMENT_RECORDS:
            self.problems.append(f"{path.name}: more than {records.SEGMENT_RECORDS} records")

    def _meet(self, start: int, name: str) -> None:
        """A file begins at record ``start``. The oldest files may have given way; later ones may
        not be missing.
        """
        if start == self._expected:
            return
        if self.records:
            self.problems.append(
                f"{name}: records {self._expected}..{start - 1} are missing before it"
            )
        self._tag = None
        self._expected = start

    def _take(self, data: bytes, seq: int, name: str) -> None:
        self._expected = seq + 1
        record = records.unpack_record(data)
        if record is None or record.seq != seq:
            self.problems.append(
                f"{name}: record {seq} is damaged"
                if record is None
                else f"{name}: {record.seq} where {seq} belongs"
            )
            self._tag = None
            return
        if self._tag is not None and not records.chain_holds(self._mac, self._tag, data):
            self.problems.append(
                f"{name}: record {seq} does not follow from the one before it (or the key is "
                "another one)"
            )
        self._tag = record.tag
        self.records.append(record)
