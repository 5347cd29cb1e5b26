"""Is this a board that nobody has provisioned yet, or a station that lost its memory? Needed at
start and dropped.
"""

import os

from locker.core import faults, marker
from locker.drivers.clock_marker import ClockMarker
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.ports import Hal, MarkerPort

_TRACES = ("station.json", "cells", "journal")


def marker_of(hal: "Hal", board: "dict[str, Any]") -> "MarkerPort":
    """Where this board keeps the marker: in its chip if that has a place, else in the clock."""
    own: MarkerPort | None = getattr(hal, "marker", None)
    return own or ClockMarker(hal.i2c, board["rtc"].get("address", 0))


def has_traces(folder: str) -> bool:
    """True when any part of a station's memory lies there."""
    names = os.listdir(folder)
    return any(name in names for name in _TRACES)


def number_of(fault: int, hal: "Hal", board: "dict[str, Any]", folder: str) -> int:
    """What a refusal is when the marker is asked too: no settings and nothing else in a board that
    had been provisioned is a lost memory.
    """
    if fault != faults.SETTINGS_INVALID or has_traces(folder):
        return fault
    is_new = marker.unpack(marker_of(hal, board).read()) is None
    return fault if is_new else faults.MEMORY_LOST


def mark(port: "MarkerPort", owner: int) -> bool:
    """The memory is whole: have the marker say whose it is. True when it said another station's
    before (a clock module from there); False also when it cannot be written, which only the
    console hears.
    """
    before = marker.unpack(port.read())
    if before != owner and not port.write(marker.pack(owner)):
        print("no marker: a wiped memory would look like a new board")
    return before not in (None, owner)
