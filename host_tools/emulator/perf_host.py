"""Figures that need no emulated board: size, and the speed of the simulation on this computer."""

import importlib
import tempfile
import time
from pathlib import Path

from lockerctl.build import build

from .perf_flash import BOARD
from .perf_rows import Row, at_least, at_most

_VENDORED = "umqtt/"
_KB = 1024
_HOURS = 2.0
_DOORS = 8


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
    """Two hours of `make simulate` in one process: depends on this computer and its load."""
    # By name: the emulator's own code has no business with the device's application.
    importlib.import_module("simulation.vendored").use_umqtt()
    events = importlib.import_module("simulation.plan").episode("perf", _HOURS, _DOORS)
    began, cpu = time.perf_counter(), time.process_time()
    done = importlib.import_module("simulation.episode").play("perf", events, _HOURS)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    passed_s = done.passed_ms / 1000
    name = f"simulation, {done.pickups / _HOURS:.0f} pickups and {done.faults / _HOURS:.0f} faults"
    return [
        at_least(f"{name} an hour, by the wall clock", passed_s / took_s, "x real", 1000),
        Row("simulation: the same by CPU time", passed_s / cpu_s, "x real"),
        Row("simulation: events a second", done.moments / took_s, "1/s"),
    ]
