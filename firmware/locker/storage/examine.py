"""Why a cell cannot be taken as it is, and what of it can be saved. Dropped after
start.
"""

import struct

from locker.core import faults, records
from locker.storage.migrations import migrated
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.storage.cells import Cell, Cells

    Copy = tuple[int, int, int | None, bytes]  # schema, age, owner, payload

# As of version 0.1: no owner. L2: no number of a journal record.
_HEADS = {b"LW": (">2sBBI", 8), b"L2": (">2sBBII", 12)}


def examine(cells: "Cells", cell: "Cell") -> "tuple[int, bytes | None]":
    """(fault, payload) of a cell that has a bad copy.

    NONE: an older layout, migrated. STATE_REPAIRED: one copy is good. Without a payload:
    STATE_NEWER, STATE_FOREIGN or STATE_LOST.
    """
    name, kind, schema = cell
    why, good, youngest, payload = faults.STATE_LOST, 0, 0, None
    for copy in "ab":
        found = _any_layout(kind, cells.read_copy(name, copy))
        if found is None:
            continue
        if found[0] > schema:
            return faults.STATE_NEWER, None
        if found[2] is not None and not cells.is_mine(found[2]):
            why = faults.STATE_FOREIGN
            continue
        good += 1
        if found[1] > youngest:
            youngest, payload = found[1], migrated(kind, found[0], schema, found[3])
    cells.ages[kind] = max(youngest, cells.ages.get(kind, 0))
    if payload is None:
        return why, None
    return (faults.NONE if good == 2 else faults.STATE_REPAIRED), payload


def _any_layout(kind: int, data: bytes) -> "Copy | None":
    found = records.unpack_cell(kind, data)
    if found is not None:
        return found[:4]
    layout, size = _HEADS.get(data[:2], ("", 0))
    if not layout or not records.is_whole(data, size):
        return None
    head = struct.unpack_from(layout, data)
    if head[1] != kind:
        return None
    return head[2], head[3], head[4] if len(head) > 4 else None, data[size:-4]
