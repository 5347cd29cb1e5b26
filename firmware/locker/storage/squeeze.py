"""A full journal that the host has not read: of the oldest segment only what moved a door or a
parcel stays, in a small file ``<number>.kep``. Imported when that comes to pass.
"""

import os

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from locker.core.records import Record
    from locker.storage.journal import Journal

_KEPT_FILES = const(16)
_KEPT = ".kep"


def squeeze(journal: "Journal", number: int) -> None:
    """Put the openings of a segment in its place. A power cut leaves it, or both."""
    data = b""
    for record, raw in _records(journal.path(number)):
        if record.seq > journal.acknowledged and not records.is_routine(record.kind, record.door):
            data += raw
    try:
        _keep(journal, number, data)
        os.remove(journal.path(number))
    except OSError:  # no room for both: room first
        os.remove(journal.path(number))
        _keep(journal, number, data)
    journal.kept = journal.segments(_KEPT)[0] if data else journal.kept


def next_kept(journal: "Journal", seq: int) -> "Record | None":
    """The first kept record whose number is seq or later."""
    found = None
    for number in journal.segments(_KEPT):
        if found is None and (number + 1) * records.SEGMENT_RECORDS >= seq:
            for record, _ in _records(journal.path(number, _KEPT)):  # to its end: that closes it
                if found is None and record.seq >= seq:
                    found = record
    return found


def let_go(journal: "Journal") -> None:
    """Kept files that the host has, and the oldest when there are too many."""
    numbers = journal.segments(_KEPT)
    surplus = len(numbers) - _KEPT_FILES
    for index, number in enumerate(numbers):
        if index < surplus or (number + 1) * records.SEGMENT_RECORDS <= journal.acknowledged:
            os.remove(journal.path(number, _KEPT))
    left = journal.segments(_KEPT)
    journal.kept = left[0] if left else -1


def _keep(journal: "Journal", number: int, data: bytes) -> None:
    if data:
        with open(journal.path(number, _KEPT), "wb") as file:
            file.write(data)


def _records(path: str) -> "Iterator[tuple[Record, bytes]]":
    with open(path, "rb") as file:
        raw = file.read(records.RECORD_BYTES)
        while raw:
            record = records.unpack_record(raw)
            if record is not None:
                yield record, raw
            raw = file.read(records.RECORD_BYTES)
