"""What is asked of a station to which parcels come back."""

import json
from typing import Any

from locker.app.report_task import ReportTask
from locker.core import compartments, records
from lockerctl import returns as host
from whole_station import WholeStation


def types(station: WholeStation, keys: str, *texts: str) -> None:
    station.play(station.person.types(keys))
    station.play(station.person.reads(*texts))


def enters(station: WholeStation, code: str, *texts: str) -> None:
    """A whole entry, once the throttle and the last notice are over."""
    station.pass_time(40_000)
    types(station, code + "#", *texts)


def number_of(station: WholeStation, code: str) -> int:
    return host.number_of(station.record, code, station.now_s())


def reasons(station: WholeStation) -> list[int]:
    return [r.reason for r in station.journal() if r.kind == records.REFUSED]


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
