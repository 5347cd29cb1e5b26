"""Deposits and pickups on the emulated board, and what a power cut in them leads to.

The story is played once. At each operation that is cut a copy of this process goes on without
power: its flash is torn, a new chip starts from it, before the doors as they are.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

from emulator import flashfs
from emulator.errors import EmulatorError
from emulator.perf_flash import BOARD, NOW_S, Flash, board_json, prepared, setup
from emulator.pico_w import FILES
from lockerctl import images, issue
from lockerctl.build import BOARDS
from lockerctl.emulated import QuickHands
from lockerctl.rig import micropython
from lockerctl.story import other_code
from virtual.bench import Bench
from virtual.journeys import deposits, picks_up, tries_code
from virtual.layout import from_board
from virtual.people import Story, StoryFailed

from .emulated_board import CutChip, Operation
from .on_unix.flash import torn
from .state import Problem, Promises, State, Unreadable, problems, read

_PICKUP_DOOR = 2
_SIZE = "1"
_START_MS = 8_000.0
_STORY_MS = 60_000.0
_REST_MS = 300.0  # after the first door step: the desk's first round
_DARK_MS = 200.0
OPERATIONS = 70  # of a pickup, a wrong code and a deposit, at least
_PACE = 0.15


@dataclass(frozen=True)
class Case:
    """One cut. number: of the operation since the first person came; during: what people did."""

    number: int
    kind: str
    form: str
    during: str
    boot_ms: float
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Scene:
    """What is going on at the cabinet."""

    during: str = "idle"
    door: int = 0
    tenancy: int = 0
    seen_pulses: int = 0
    promises: Promises = field(default_factory=Promises)


class Board:
    """A station under power, with what is needed to start it again."""

    def __init__(self, flash: Flash, seed: int) -> None:
        self.flash = flash
        self.board = board_json()
        self.image = images.fetch(images.image_for(BOARD)).path
        self.bench = Bench(from_board(BOARDS / BOARD), seed, NOW_S)
        self.bench.door(_PICKUP_DOOR).parcel = "a parcel"
        self.scene = Scene()
        self.seed = seed
        self.chip = self.power(flashfs.make(flash.tree, FILES, micropython()))

    def power(self, files: bytes) -> CutChip:
        """A new chip with this file system, its power just on."""
        return CutChip(self.image, files, self.board, self.bench)

    def state(self, files: bytes | bytearray) -> State:
        """Raises EmulatorError or Unreadable."""
        station = self.flash.station
        return read(bytes(files), station.sizes, station.keys.journal)

    def promises(self) -> Promises:
        """What was seen until this moment: pulses, and what the display shows now."""
        scene, owed = self.scene, self.scene.promises
        for pulse in self.bench.cabinet.pulses[scene.seen_pulses :]:
            owed.pulses.append((pulse.door, scene.tenancy))
        scene.seen_pulses = len(self.bench.cabinet.pulses)
        shown = " ".join(self.bench.display.lines()).lower()
        if "receipt" in shown:
            owed.receipts[owed.pulses[-1][0]] = 1
        if "thank you" in shown:
            owed.taken[scene.door] = scene.tenancy
        if "not accepted" in shown:
            owed.level = 1
        return owed


def play(seed: int, cuts: int, jobs: int, told: Callable[[Case], None]) -> None:
    """So many cuts, each told when it is judged.

    Raises EmulatorError when the image does not start, or the story ends too early.
    """
    free = [door["door"] for door in board_json()["doors"] if door["door"] != _PICKUP_DOOR]
    with prepared(board_json(), setup(_PICKUP_DOOR), ("127.0.0.1", 1)) as flash:
        board = Board(flash, seed)
        cutter = _Cutter(board, cuts, jobs, told)
        board.chip.before_operation = cutter.before
        part = board.chip.wiring.stage.add(_story(board, free))
        if not board.chip.run_until(lambda: board.scene.during != "idle", _START_MS, 10.0):
            raise EmulatorError("the station does not come to its first screen")
        board.chip.run_until(lambda: part.done or cutter.done, _STORY_MS, 1.0)
        cutter.finish()
        if not cutter.done:
            try:
                part.result()
            except StoryFailed as failed:
                raise EmulatorError(str(failed)) from failed


def _story(board: Board, free: list[int]) -> Story[None]:
    """A recipient, a stranger, a courier; again until there are enough cuts."""
    station, scene = board.flash.station, board.scene
    person = QuickHands(board.bench, "person", board.seed, _PACE)
    yield from person.reads("type your code", timeout_ms=_START_MS)
    code = board.flash.code(_PICKUP_DOOR)
    scene.during, scene.door, scene.tenancy = "pickup", _PICKUP_DOOR, 1
    yield from picks_up(person, _PICKUP_DOOR, code)
    board.promises()
    scene.during, scene.door, scene.tenancy = "wrong code", 0, 0
    yield from tries_code(person, other_code(code), "not accepted")
    board.promises()
    scene.during = "deposit"
    yield from deposits(person, issue.courier(station, NOW_S).digits, _SIZE)
    board.promises()
    scene.during = "after the deposit"
    yield from person.thinks(3_000.0, 3_000.0)


class _Cutter:
    """Chooses operations, and starts a copy of this process at each."""

    def __init__(self, board: Board, cuts: int, jobs: int, told: Callable[[Case], None]) -> None:
        self._board = board
        self._told = told
        self._jobs = jobs
        chance = random.Random(f"{board.seed}/emulated")
        # One in each part of the story, and never two at the same operation.
        self._wanted = [int((i + chance.random()) * OPERATIONS / cuts) for i in range(cuts)]
        self._number = 0
        self._running: list[int] = []

    @property
    def done(self) -> bool:
        """No more cuts are wanted."""
        return not self._wanted

    def before(self, operation: Operation) -> None:
        """The flash is about to obey."""
        if self._board.scene.during == "idle" or not self._wanted:
            return
        self._number += 1
        if self._number < self._wanted[0]:
            return
        del self._wanted[0]
        while len(self._running) >= self._jobs:
            self._collect()
        self._fork(operation)

    def finish(self) -> None:
        """Wait for all that run."""
        while self._running:
            self._collect()

    def _fork(self, operation: Operation) -> None:
        receive, send = os.pipe()
        sys.stdout.flush()
        if os.fork() == 0:
            os.close(receive)
            self._lose_power(operation, send)
        os.close(send)
        self._running.append(receive)

    def _lose_power(self, operation: Operation, send: int) -> NoReturn:
        """The copy's whole further life. It must not come back into the emulator."""
        code = 1
        try:
            case = _cut(self._board, operation, self._number)
            with os.fdopen(send, "w") as out:
                json.dump(asdict(case), out)
            code = 0
        finally:
            os._exit(code)

    def _collect(self) -> None:
        """Wait for the oldest copy. Raises EmulatorError when it broke down."""
        with os.fdopen(self._running.pop(0)) as answer:
            text = answer.read()
        os.wait()
        if not text:
            raise EmulatorError("a copy broke down; what it said is above")
        found: dict[str, Any] = json.loads(text)
        found["problems"] = [tuple(pair) for pair in found["problems"]]
        self._told(Case(**found))


def _cut(board: Board, operation: Operation, number: int) -> Case:
    """Tear, start, judge."""
    random.seed(f"{board.seed}/{number}")
    files = board.chip.files()
    before = board.state(files)
    owed, during = board.promises(), board.scene.during
    form, at, after = torn(files, operation)  # type: ignore[no-untyped-call]
    files[at : at + len(after)] = after
    bench = board.bench
    bench.lose_power()
    bench.advance(bench.now_ms + _DARK_MS)
    chip = board.power(bytes(files))
    started = chip.run_until(lambda: chip.armed, _START_MS, 5.0)
    boot_ms = chip.now_ms
    chip.run_to(chip.now_ms + _REST_MS)
    found: list[Problem] = []
    if any(levels for _, levels in chip.trace.changes):
        found.append(("coil_on_after_reset", f"pins {chip.trace.others(()):#x} were on"))
    shown = " ".join(bench.display.lines()).lower()
    if not started or chip.resets or "out of" in shown:
        found.append(("unbootable", f"shows {shown!r} after {chip.resets} resets"))
    try:
        found += problems(before, board.state(chip.files()), owed)
    except (EmulatorError, Unreadable) as error:
        found.append(("unbootable", f"flash: {error}"))
    return Case(number, operation[0], form, during, boot_ms, found)
