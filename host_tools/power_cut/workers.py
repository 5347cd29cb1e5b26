"""The processes that cut: MicroPython's unix port with littlefs and the firmware's
source: the build's .mpy files have lost the names of their constants.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lockerctl import provision, vendor
from lockerctl.build import BOARDS, FIRMWARE
from lockerctl.errors import Exit, ToolError
from lockerctl.provision import Setup
from lockerctl.rig import micropython

BREAKS = (
    "late_claim",
    "late_lockout",
    "unkept_boot",
    "one_copy",
    "two_steps",
    "no_crc",
    "unseen_file",
    "blind_start",
)
KINDS = ("lost", "replayed", "mixed", "unbootable")
FATES = ("refused", "named", "harmless", "silently_used")  # what becomes of a flipped bit

_WORKER = Path(__file__).parent / "on_unix" / "worker.py"
_BOARD = "pico_w"
_OCCUPIED = (2, 3)
_SET_S = 1_795_000_000  # 2026-11-18, when the clock was set: the day of the cabinet's clock chip
_HEAP = "100M"
_START_S, _CUT_S = 120.0, 0.5  # what a worker and a cut may take at most, on a busy computer


@dataclass(frozen=True)
class Order:
    """What a worker does: so many cuts, or (only) one cut of one life, or so many flips of bits.

    broken: one of BREAKS or ''. life: the first one; only: the number of its cut, 0 for all.
    """

    seed: int
    cuts: int = 0
    flips: int = 0
    broken: str = ""
    life: int = 0
    only: int = 0


@dataclass(frozen=True)
class Violation:
    """A promise that was broken. name: LIFE.CUT; what: the operation and how it was torn."""

    kind: str
    text: str
    name: str
    what: str


@dataclass
class Answer:
    """What all workers found. sites: how often each (operation, code site) was cut; again: starts
    that went on with people; counts: violations by kind; rot: flips by what became of them.
    """

    cuts: int = 0
    again: int = 0
    sites: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))
    rot: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How many promises, and bits that nobody noticed."""
        return self.counts.total() + self.rot[FATES[-1]]

    @property
    def flips(self) -> int:
        """How many bits."""
        return self.rot.total()

    def add(self, found: dict[str, Any]) -> None:
        """Take a worker's answer."""
        self.cuts += found["cuts"]
        self.again += found["again"]
        self.sites.update(found["sites"])
        self.counts.update(found["counts"])
        self.rot.update(found["rot"])
        for kind, text, life, cut, what in found["violations"]:
            self.violations.append(Violation(kind, text, f"{life}.{cut}", what))


def run(order: Order, jobs: int) -> Answer:
    """Share an order out to so many processes. Raises ToolError when one of them breaks down."""
    answer = Answer()
    with tempfile.TemporaryDirectory(prefix="latchwork-cuts-") as place:
        folder = Path(place)
        _flash(folder / "tree")
        started = [_start(folder, order, index, jobs) for index in range(jobs)]
        limit_s = _START_S + _CUT_S * (order.cuts + order.flips) / jobs
        try:
            for process, out in started:
                answer.add(_answer(process, out, limit_s))
        finally:
            for process, _ in started:
                process.kill()
                process.wait()
    return answer


def _flash(tree: Path) -> None:
    """What a station of the Pico W's size begins with."""
    board: dict[str, Any] = json.loads((BOARDS / _BOARD / "board.json").read_text())
    setup = Setup(occupied=_OCCUPIED, clock_set_s=_SET_S)
    keys = provision.demo_keys(1)
    station = provision.new_station("cuts", board, keys, ("127.0.0.1", 1), setup)
    provision.write_flash(tree, station, board, setup)


def _share(total: int, index: int, jobs: int) -> int:
    return total * (index + 1) // jobs - total * index // jobs


def _start(
    folder: Path, order: Order, index: int, jobs: int
) -> tuple[subprocess.Popen[bytes], Path]:
    out = folder / f"answer-{index}.json"
    paper = folder / f"order-{index}.json"
    fields = {
        "folder": str(folder / "tree"),
        "occupied": _OCCUPIED,
        "out": str(out),
        "seed": order.seed,
        "lives": [order.life + index, jobs],
        "cuts": _share(order.cuts, index, jobs),
        "flips": _share(order.flips, index, jobs),
        "break": order.broken,
        "only": order.only,
    }
    paper.write_text(json.dumps(fields))
    command = [micropython(), "-X", f"heapsize={_HEAP}", str(_WORKER), str(paper)]
    path = ":".join(
        (str(_WORKER.parent), str(FIRMWARE), str(vendor.ensure().parents[1]), ".frozen")
    )
    log = out.with_suffix(".log").open("wb")
    environment = os.environ | {"MICROPYPATH": path}
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log), out


def _answer(process: subprocess.Popen[bytes], out: Path, limit_s: float) -> dict[str, Any]:
    try:
        code = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        code = -1
    if code or not out.exists():
        said = out.with_suffix(".log").read_text(errors="replace").splitlines()[-12:]
        why = "does not come to an end" if code == -1 else "broke down"
        raise ToolError(Exit.UNFIT, f"a worker {why}", "\n".join(said))
    found: dict[str, Any] = json.loads(out.read_text())
    return found
