"""The processes that cut: MicroPython's unix port with littlefs and the firmware's
source: the build's .mpy files have lost the names of their constants.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lockerctl import provision, vendor
from lockerctl.build import BOARDS, FIRMWARE
from lockerctl.errors import Exit, ToolError
from lockerctl.provision import Setup
from lockerctl.rig import micropython
from lockerctl.trusted import sha256_hex

from .host_view import host_sees

BREAKS = (
    "late_claim",
    "late_lockout",
    "unkept_boot",
    "one_copy",
    "two_steps",
    "no_crc",
    "no_anchors",
    "unchecked_code",
    "unseen_file",
    "blind_start",
)
KINDS = ("lost", "replayed", "mixed", "unbootable")
# What becomes of a flipped bit; the station does not notice the last two, the host the first of
# them.
FATES = ("refused", "named", "harmless", "seen_by_host", "silently_used")

_WORKER = Path(__file__).parent / "on_unix" / "worker.py"
_BOARD = "pico_w"
_OCCUPIED = (2, 3)
_SET_S = 1_795_000_000  # 2026-11-18, when the clock was set: the day of the cabinet's clock chip
_HEAP = "64M"  # a life is some megabytes, and they lie in pieces after a while
_START_S, _CUT_S = 120.0, 0.5  # what a part and a cut may take at most, on a busy computer
_PART = 10_000  # cuts or flips of one process
_PARTS_MIN = 2


@dataclass(frozen=True)
class Order:
    """What is done: so many cuts, or (only) one cut of one life, or so many flips of bits. All of
    it follows from the seed but the times that littlefs keeps with each file, the computer's own.

    broken: one of BREAKS or ''. life: the first one; only: the number of its cut, 0 for all.
    """

    seed: int
    cuts: int = 0
    flips: int = 0
    broken: str = ""
    life: int = 0
    only: int = 0


class Log:
    """Finished parts, one a line: what a run that was stopped has done already. Parts of another
    order, or of another code, do not count. told: called with each answer that comes in.
    """

    def __init__(self, path: Path, told: Callable[[int, dict[str, Any]], None]) -> None:
        self._path = path
        self._told = told
        self._code = _code()

    def parts(self, order: Order) -> dict[int, dict[str, Any]]:
        """The finished parts of this order, by number."""
        if not self._path.exists():
            return {}
        lines = [json.loads(text) for text in self._path.read_text().splitlines()]
        return {row["part"]: row["found"] for row in lines if row["of"] == self._name(order)}

    def add(self, order: Order, part: int, found: dict[str, Any]) -> None:
        """This part is finished."""
        with self._path.open("a") as file:
            row = {"of": self._name(order), "part": part, "found": found}
            file.write(json.dumps(row) + "\n")
        self._told(part, found)

    def _name(self, order: Order) -> list[Any]:
        return [self._code, order.seed, order.cuts, order.flips, order.broken, order.life]


def _code() -> str:
    """A digest of all that is cut, and of what cuts it."""
    sources = sorted([*FIRMWARE.rglob("*.py"), *_WORKER.parent.glob("*.py")])
    return sha256_hex(b"".join(path.read_bytes() for path in sources))[:16]


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
        for text, name, before, told in found["unnoticed"]:
            seen = host_sees(before, told)
            if seen:
                self.rot["silently_used"] -= 1
                self.rot["seen_by_host"] += 1
            else:
                self.violations.append(Violation("silently_used", text, name, "a flipped bit"))
        for kind, text, life, cut, what in found["violations"]:
            self.violations.append(Violation(kind, text, f"{life}.{cut}", what))


def run(order: Order, jobs: int, log: Log | None = None) -> Answer:
    """Do an order in parts, so many at once. log: keeps finished parts, and those that it has are
    not done again. Raises ToolError when a part breaks down.
    """
    answer = Answer()
    done = log.parts(order) if log else {}
    for found in done.values():
        answer.add(found)
    with tempfile.TemporaryDirectory(prefix="latchwork-cuts-") as place:
        folder = Path(place)
        _flash(folder / "tree")
        missing = [part for part in range(parts(order)) if part not in done]
        with ThreadPoolExecutor(jobs) as pool:
            work = [pool.submit(_play, folder, order, part) for part in missing]
            try:
                for part, future in zip(missing, work, strict=True):
                    found = future.result()
                    answer.add(found)
                    if log:
                        log.add(order, part, found)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    return answer


def parts(order: Order) -> int:
    """How many processes an order takes, one after the other or beside each other."""
    if order.only:
        return 1
    return max(_PARTS_MIN, -(-(order.cuts + order.flips) // _PART))


def _flash(tree: Path) -> None:
    """What a station of the Pico W's size begins with."""
    board: dict[str, Any] = json.loads((BOARDS / _BOARD / "board.json").read_text())
    setup = Setup(occupied=_OCCUPIED, clock_set_s=_SET_S)
    keys = provision.demo_keys(1)
    station = provision.new_station("cuts", board, keys, ("127.0.0.1", 1), setup)
    provision.write_flash(tree, station, board, setup)


def _share(total: int, part: int, parts: int) -> int:
    return total * (part + 1) // parts - total * part // parts


def _play(folder: Path, order: Order, part: int) -> dict[str, Any]:
    """One part: lives number part, part + parts, ..."""
    out, paper = folder / f"answer-{part}.json", folder / f"order-{part}.json"
    count = parts(order)
    cuts, flips = _share(order.cuts, part, count), _share(order.flips, part, count)
    fields = {
        "folder": str(folder / "tree"),
        "occupied": _OCCUPIED,
        "out": str(out),
        "seed": order.seed,
        "lives": [order.life + part, count],
        "cuts": cuts,
        "flips": flips,
        "break": order.broken,
        "only": order.only,
    }
    paper.write_text(json.dumps(fields))
    command = [micropython(), "-X", f"heapsize={_HEAP}", str(_WORKER), str(paper)]
    path = ":".join(
        (str(_WORKER.parent), str(FIRMWARE), str(vendor.ensure().parents[1]), ".frozen")
    )
    environment = os.environ | {"MICROPYPATH": path}
    said = out.with_suffix(".log")
    limit_s = _START_S + _CUT_S * (cuts + flips)
    with said.open("wb") as log:
        try:
            done = subprocess.run(
                command, env=environment, stdout=log, stderr=log, timeout=limit_s, check=False
            )
            why = f"broke down ({done.returncode})" if done.returncode or not out.exists() else ""
        except subprocess.TimeoutExpired:
            why = "does not come to an end"
    if why:
        last = said.read_text(errors="replace").splitlines()[-12:]
        raise ToolError(Exit.UNFIT, f"part {part} {why}", "\n".join(last))
    found: dict[str, Any] = json.loads(out.read_text())
    return found
