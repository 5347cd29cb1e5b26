"""A new station: its keys, and the flash folder it boots from. Layouts come from locker.core, as
the station reads them.
"""

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from locker.core import board as board_rules
from locker.core import (
    clock,
    codes,
    compartments,
    counters,
    lockout,
    messages,
    people,
    records,
    settings,
    tickets,
)
from locker.core import keys as device_keys
from locker.core.compartments import Compartment
from locker.core.tickets import Tickets
from lockerctl.errors import Exit, ToolError
from lockerctl.sealing import sealed
from lockerctl.station import Keys, Known, Station
from lockerctl.store import make_private_folder, write_private

JOURNAL_FOLDER = "journal"
CELLS_FOLDER = "cells"


@dataclass(frozen=True)
class Setup:
    """What a station starts with. occupied: doors with a parcel of tenancy 1; wear: releases so
    far by door (0 if not named).

    clock_set_s: Unix time at which the clock chip was set from a trusted source; no reading below
    it is believed. language: of the display while nobody chose another; support: whom people call;
    sntp: numeric address of a time server, empty for none.
    """

    occupied: Collection[int] = ()
    wear: Mapping[int, int] = field(default_factory=dict)
    heartbeat_s: int = 60
    keepalive_s: int = 60
    clock_set_s: int = clock.EPOCH
    language: str = messages.LANGUAGES[0]
    support: str = ""
    sntp: str = ""
    wifi: Mapping[str, str] = field(
        default_factory=lambda: {"ssid": "", "password": "", "country": ""}, repr=False
    )
    login: Mapping[str, str] = field(
        default_factory=lambda: {"user": "", "password": ""}, repr=False
    )


def random_keys() -> Keys:
    """Five independent secrets from the system's random source."""
    return Keys(*(os.urandom(codes.KEY_BYTES) for _ in range(5)))


def demo_keys(seed: int) -> Keys:
    """Keys that anybody can make again from the seed. Each begins with the demo mark, so a real
    board refuses them.
    """
    rest = codes.KEY_BYTES - len(codes.DEMO_MARK)
    labels = ("doors", "courier", "command", "journal", "staff")
    return Keys(
        *(
            codes.DEMO_MARK + hashlib.sha256(f"{label} {seed}".encode()).digest()[:rest]
            for label in labels
        )
    )


def new_station(
    name: str,
    board: Mapping[str, Any],
    keys: Keys,
    broker: tuple[str, int],
    setup: Setup | None = None,
) -> Station:
    """The host's record of a station with this board.json. broker: its numeric address and port.
    Raises ToolError.
    """
    problems = board_rules.check(dict(board))
    if problems:
        raise ToolError(
            Exit.REFUSED,
            f"board.json is refused: {problems[0]}",
            f"{len(problems)} problem(s) in all; correct it first.",
        )
    setup = setup or Setup()
    sizes = {row["door"]: row["size"] for row in board["doors"]}
    return Station(
        name=name,
        demo=codes.is_demo_key(keys.door_root),
        keys=keys,
        sizes=sizes,
        known={door: Known(1, door in setup.occupied) for door in sizes},
        broker_host=broker[0],
        broker_port=broker[1],
        heartbeat_s=setup.heartbeat_s,
    )


def write_flash(
    folder: Path, station: Station, board: Mapping[str, Any], setup: Setup | None = None
) -> None:
    """Fill an empty or missing folder with what the station boots from. Raises ToolError when
    something lies there already.
    """
    setup = setup or Setup()
    if folder.exists() and any(folder.iterdir()):
        raise ToolError(
            Exit.REFUSED,
            f"{folder} is not empty.",
            "It may be a station's memory; choose another folder.",
        )
    make_private_folder(folder / JOURNAL_FOLDER)
    cells = folder / CELLS_FOLDER
    make_private_folder(cells)
    _write_sealed(folder / "board.json", board)
    write_settings(folder, station, setup)
    given = station.keys
    own = device_keys.Keys(given.courier, given.command, given.journal, given.staff)
    writer = _CellWriter(cells, own.owner(station.name))
    writer.write(device_keys.CELL, own.pack())
    writer.write(lockout.CELL, lockout.Lockout(len(station.sizes)).pack())
    writer.write(people.CELL, bytes(people.BYTES))
    writer.write(tickets.CELL, Tickets(b"").pack())
    numbers = counters.Counters()
    numbers.command = station.counter
    numbers.clock_set_s = numbers.floor_s = max(0, setup.clock_set_s - clock.EPOCH)
    writer.write(counters.CELL, numbers.pack())
    for door, size in station.sizes.items():
        payload = _compartment(station, door, size, setup).pack()
        writer.write(compartments.cell(door), payload)


def write_settings(folder: Path, station: Station, setup: Setup) -> None:
    """station.json only: the station's memory stays as it is."""
    _write_sealed(folder / "station.json", station_settings(station, setup))


def station_settings(station: Station, setup: Setup) -> dict[str, Any]:
    """station.json of the device. Raises ToolError when the device would refuse it."""
    config = {
        "schema": settings.SCHEMA,
        "station": station.name,
        "classes": list(station.classes),
        "broker": {
            "host": station.broker_host,
            "port": station.broker_port,
            "keepalive_s": setup.keepalive_s,
            **setup.login,
        },
        "wifi": dict(setup.wifi),
        "heartbeat_s": station.heartbeat_s,
        "language": setup.language,
        "support": setup.support,
    }
    if setup.sntp:
        config["sntp"] = setup.sntp
    problems = settings.check(config)
    if problems:
        raise ToolError(Exit.REFUSED, f"The station would refuse its settings: {problems[0]}.")
    return config


def _compartment(station: Station, door: int, size: str, setup: Setup) -> Compartment:
    compartment = Compartment(door, size, codes.first_door_key(station.keys.door_root, door))
    compartment.wear = setup.wear.get(door, 0)
    if door in setup.occupied:
        compartment.occupy()
    return compartment


@dataclass(frozen=True)
class _CellWriter:
    """owner: whose the cells are (keys.Keys.owner)."""

    folder: Path
    owner: int

    def write(self, cell: tuple[str, int, int], payload: bytes) -> None:
        """Both copies, as two writes of the station would leave them: its next one has a
        fallback.
        """
        name, kind, schema = cell
        for age in (1, 2):
            data = records.pack_cell(kind, schema, age, self.owner, payload)
            write_private(self.folder / f"{name}.{records.copy_of(age)}", data)


def _write_sealed(path: Path, fields: Mapping[str, Any]) -> None:
    write_private(path, sealed(fields))
