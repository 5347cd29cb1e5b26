"""How long parcels have been in their compartments, and which are overdue. Needed once an hour and
dropped.

A stay counts from the first look that sees it, an hour at most after the deposit: so no deposit
waits for one more flash write, and a lost cell only starts the count anew.
"""

import struct

from locker.core import clock, faults, records
from locker.core.compartments import OCCUPIED
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterable

    from locker.app.station import Station
    from locker.core.compartments import Compartment

CELL = ("stays", 8, 1)
_LAYOUT = ">HI"  # a door: low bits of the tenancy, since when in s since 2020; zeros: none
_ENTRY_BYTES = const(6)
_TENANCY_MASK = const(0xFFFF)


def looked_over(
    payload: bytes, compartments: "Iterable[Compartment]", now_s: int, limit_s: int
) -> tuple[bytes, int]:
    """(payload to store, mask of doors whose parcel is there for limit_s or longer). payload: as
    stored last, or empty; now_s: s since 2020.
    """
    entries = bytearray()
    overdue = 0
    for compartment in compartments:
        at = (compartment.door - 1) * _ENTRY_BYTES
        known = payload[at : at + _ENTRY_BYTES]
        tenancy, since_s = struct.unpack(_LAYOUT, known) if len(known) == _ENTRY_BYTES else (0, 0)
        if compartment.occupancy != OCCUPIED:
            tenancy = since_s = 0
        elif tenancy != compartment.tenancy & _TENANCY_MASK or since_s > now_s:
            tenancy, since_s = compartment.tenancy & _TENANCY_MASK, now_s
        elif now_s - since_s >= limit_s:
            overdue |= 1 << (compartment.door - 1)
        entries += struct.pack(_LAYOUT, tenancy, since_s)
    return bytes(entries), overdue


def look(station: "Station", now: int) -> None:
    """Bring station.overdue up to date; each parcel that has become it is journalled. Raises
    OSError when the flash cannot be written.
    """
    if station.clock.trust(now) == clock.UNSYNCED:
        return
    cells = station.vault.cells
    known = cells.load(CELL)
    if known is None and cells.ages.get(CELL[1]):  # there was one
        station.damaged.append(CELL[0])
        station.show_health(faults.STATE_LOST, True)
        station.book.note(records.FAULT, now, 0, CELL[0], fault=faults.STATE_LOST)
    entries, overdue = looked_over(
        known or b"", station.vault.compartments, station.clock.now_s(now), station.overdue_s
    )
    if entries != known:
        cells.save(CELL, entries)
    news = overdue ^ station.overdue
    station.doors_dirty |= news
    for compartment in station.vault.compartments:
        if (news & overdue) >> (compartment.door - 1) & 1:
            station.book.note(
                records.FAULT,
                now,
                compartment.door,
                fault=faults.OVERDUE,
                tenancy=compartment.tenancy,
            )
    station.overdue = overdue
