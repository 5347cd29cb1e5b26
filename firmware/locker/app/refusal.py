"""A start that is refused goes into the journal, if that can be had: without its key, or when it
is another's, nothing is written. Needed once and dropped.
"""

from locker.core import clock, counters, keys, records
from locker.core.mac import Mac
from locker.storage.cells import Cells
from locker.storage.journal import Journal
from micropython import const

_NO_BOUND = const(65535)  # of the time, in s: nobody has read the clock


def journalled(folder: str, fault: int, name: str) -> bool:
    """One record of the boot before: what is refused, and why. folder: of the station. False when
    there is no journal to write to, or the flash cannot be written.
    """
    cells = Cells(folder + "/cells")
    own = _keys(cells)
    if not own:
        return False
    numbers = counters.Counters()
    payload = cells.load(counters.CELL)
    if payload is not None:
        numbers.unpack(payload)
    journal = Journal(folder + "/journal", Mac(keys.unpack_keys(own).journal))
    try:
        journal.open(numbers.acknowledged, cells.seen)
        if journal.foreign:
            return False
        head = (numbers.boot & 0xFFFF, records.FAULT, 0, records.STATION, 0, fault)
        note = name.encode()[: records.NOTE_BYTES]
        journal.note(head + (clock.UNSYNCED, numbers.floor_s, _NO_BOUND, 0, 0, note))
        journal.flush()
    except OSError as error:
        print("not journalled:", error)
        return False
    return True


def _keys(cells: Cells) -> bytes:
    """Payload of the keys cell, b'' when it is lost; the other cells are then of its owner."""
    own = b""
    for copy in "ab":
        found = records.unpack_cell(keys.CELL[1], cells.read_copy(keys.CELL[0], copy))
        if found is not None and found[0] == keys.CELL[2]:
            cells.owner, own, cells.seen = found[2], found[3], max(cells.seen, found[4])
    return own
