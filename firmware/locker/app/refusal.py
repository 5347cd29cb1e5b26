"""A start that is refused goes into the journal. Without the journal's key, or when it is of
another, it goes into a file first, and into the journal at the next start that has one. Needed
once and dropped.
"""

import os

from locker.core import clock, counters, faults, keys, records
from locker.core.mac import Mac
from locker.storage.cells import Cells
from locker.storage.journal import Journal
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.book import Book

_NO_BOUND = const(65535)  # of the time, in s: nobody has read the clock
_FILE = "/refused"
_SIZE = const(6)  # in what os.stat() returns


def journalled(folder: str, fault: int, name: str) -> "tuple[int, bytes] | None":
    """One record of the boot before: what is refused, and why. folder: of the station. The
    journal's head after it; None when there is none to write to, or the flash cannot be written.
    """
    try:
        head = _journalled(folder, fault, name)
        if head is None and fault >= faults.STATE_LOST:  # below: a board that is no station yet
            _keep(folder + _FILE, "%d %s" % (fault, name))
        return head
    except OSError as error:
        print("not journalled:", error)
        return None


def recall(folder: str, book: "Book", now: int) -> None:
    """What a start before this one could not journal; called when there is such a file. A power
    cut may have left nothing in it. Raises OSError.
    """
    with open(folder + _FILE) as file:
        words = file.read(32).split()
    if len(words) == 2 and words[0].isdigit():
        book.note(records.FAULT, now, 0, words[1], fault=int(words[0]) & 255)
        book.commit()
    os.remove(folder + _FILE)


def _keep(path: str, text: str) -> None:
    """The first one is the cause of those after it, unless a power cut has left it empty."""
    try:
        if os.stat(path)[_SIZE]:
            return
    except OSError:
        pass  # there is none
    with open(path, "w") as file:
        file.write(text)


def _journalled(folder: str, fault: int, name: str) -> "tuple[int, bytes] | None":
    cells = Cells(folder + "/cells")
    own = _keys(cells)
    if not own:
        return None
    numbers = counters.Counters()
    payload = cells.load(counters.CELL)
    if payload is not None:
        numbers.unpack(payload)
    journal = Journal(folder + "/journal", Mac(keys.unpack_keys(own).journal))
    journal.open(numbers.acknowledged, cells.seen)
    if journal.foreign:
        return None
    head = (numbers.boot & 0xFFFF, records.FAULT, 0, records.STATION, 0, fault)
    note = name.encode()[: records.NOTE_BYTES]
    journal.note(head + (clock.UNSYNCED, numbers.floor_s, _NO_BOUND, 0, 0, note))
    journal.flush()
    return journal.head


def _keys(cells: Cells) -> bytes:
    """Payload of the keys cell, b'' when it is lost; the other cells are then of its owner."""
    own = b""
    for copy in "ab":
        found = records.unpack_cell(keys.CELL[1], cells.read_copy(keys.CELL[0], copy))
        if found is not None and found[0] == keys.CELL[2]:
            cells.owner, own, cells.seen = found[2], found[3], max(cells.seen, found[4])
    return own
