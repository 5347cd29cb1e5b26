"""What is asked of a station to which parcels come back."""

import json
from typing import Any

from locker.app.report_task import ReportTask
from locker.core import compartments
from lockerctl import returns as host
from talking import types
from whole_station import WholeStation


def number_of(station: WholeStation, code: str) -> int:
    return host.number_of(station.record, code, station.now_s())


def told(station: WholeStation, door: int) -> dict[str, Any]:
    """What the host hears of a door."""
    report = ReportTask(station.station, station.desk, b"k" * 32, 60)
    fields: dict[str, Any] = json.loads(report._door(door))
    return fields


def parcels(station: WholeStation) -> list[int]:
    """Doors with a parcel behind them, whatever the station thinks."""
    return [n for n, door in station.bench.cabinet.doors.items() if door.parcel]


def sticks(station: WholeStation, code: str) -> int:
    """A return begins, and its door jams; which one."""
    types(station, code + "#", "parcel size")
    door = station.desk.deposits._free_door("S")
    station.bench.fault(door, "jam")
    station.play(station.person.presses("1"))
    station.play(station.person.reads("is stuck", timeout_ms=15_000))
    return door


def filled(station: WholeStation) -> list[int]:
    """Doors that the station counts as filled by a return."""
    rows = station.station.vault.compartments
    return [c.door for c in rows if c.returned and c.occupancy == compartments.OCCUPIED]


def opens_again(station: WholeStation, code: str, door: int) -> None:
    """The same door opens for the code once more, and the parcel stays there."""
    types(station, code + "#", "put parcel")
    assert station.openings() == [door, door]
    station.play(station.person.pulls(door))
    station.person.puts(door)
    station.play(station.person.pushes(door))
    station.play(station.person.reads("parcel inside"))
    types(station, "1#", "return received")
    assert filled(station) == [door]
