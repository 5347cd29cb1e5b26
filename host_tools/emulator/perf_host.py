"""Figures that need no emulated board: size, and the speed of the simulation on this computer."""

import importlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lockerctl.build import build
from lockerctl.trusted import REPO
from virtual.journeys import picks_up

from .perf_flash import BOARD
from .perf_rows import Row, at_least, at_most

_VENDORED = "umqtt/"
_KB = 1024
_DOORS = (1, 2)
_APART_MS = 180_000  # 20 pickups an hour
_BEFORE_MS = 90_000


def size_rows() -> list[Row]:
    """The application on the Pico W, without vendored code."""
    with tempfile.TemporaryDirectory(prefix="latchwork-perf-") as place:
        sizes = build(BOARD, Path(place)).sizes
    own = [
        size
        for name, size in sizes.items()
        if name.endswith(".mpy") and not name.startswith(_VENDORED)
    ]
    return [
        at_most("application .mpy (make size has a gate of its own)", sum(own) / _KB, "KiB", 48)
    ]


def simulation_rows() -> list[Row]:
    """The whole firmware in virtual time, 20 pickups an hour: depends on this computer."""
    whole = _whole_station()
    with tempfile.TemporaryDirectory(prefix="latchwork-perf-") as place:
        station = whole.WholeStation(Path(place), seed=1, occupied=_DOORS)
        fed, began_ms = station.hal.feeds, station.bench.now_ms
        began = time.perf_counter()
        for door in _DOORS:
            station.pass_time(_BEFORE_MS)
            station.play(picks_up(station.person, door, station.code(door)))
            turns = int((station.bench.now_ms - began_ms) // _APART_MS) + 1
            station.pass_time(began_ms + turns * _APART_MS - station.bench.now_ms)
        took_s = time.perf_counter() - began
        passed_s = (station.bench.now_ms - began_ms) / 1000
        steps = station.hal.feeds - fed
    name = "simulation, 20 pickups an hour, by the wall clock"
    return [
        at_least(name, passed_s / took_s, "x real", 1000),
        Row("simulation: door steps a second", steps / took_s, "1/s"),
    ]


def _whole_station() -> Any:
    """The tests' own simulation; nothing else here knows the tests."""
    fakes = str(REPO / "tests" / "fakes")
    if fakes not in sys.path:
        sys.path.append(fakes)
    importlib.import_module("vendored").use_umqtt()
    return importlib.import_module("whole_station")
