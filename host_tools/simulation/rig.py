"""A station under test: the firmware on the bench's models, with power, resets and its files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from locker.app import boot_guard, compose, housekeeping_task, online
from locker.app.locked import LockedTask
from locker.app.reactor import Reactor
from locker.core.feedback import Feedback
from locker.net import uplink
from lockerctl import provision, texts
from lockerctl.station import Station
from lockerctl.trusted import REPO
from simulation.clockwork import Clockwork
from simulation.flash import Flash, PowerCut
from simulation.network import Network
from simulation.trip import Hung
from virtual.bench import Bench
from virtual.inprocess import InProcessHal, Restarted
from virtual.layout import from_board
from virtual.people import Stage

BOARD = REPO / "boards" / "virtual" / "board.json"
START_S = 1_795_000_000  # 2026-11-18
_BOOT_MS = 1_500.0
_WATCHDOG_MS = 4_000.0
_PERIOD = 1 << 30


class WatchedBench(Bench):
    """told(at_ms, door, what): hears what the doors do."""

    told: Callable[[float, int, str], None]

    def _door_tells(self, at_ms: float, door: int, what: str) -> None:
        super()._door_tells(at_ms, door, what)
        self.told(at_ms, door, what)


class _Hal(InProcessHal):
    """cause: of the last reset."""

    cause = "power"

    def reset_cause(self) -> str:
        return self.cause

    def start_ticks_at(self, ticks: int) -> None:
        """The counter of a board that has just been reset."""
        self._offset = (ticks - int(self.bench.now_ms)) % _PERIOD


class Rig:
    """Everything but what happens to it. raised(error): a task raised; reset(cause): before and
    after a reset, see Witness.
    """

    def __init__(self, folder: Path, seed: str, occupied: tuple[int, ...], skips: bool) -> None:
        self.board: dict[str, Any] = json.loads(BOARD.read_text())
        setup = provision.Setup(occupied=occupied, clock_set_s=START_S)
        keys = provision.demo_keys(Random(seed).randrange(1 << 30))
        self.record: Station = provision.new_station(
            "simulated", self.board, keys, ("127.0.0.1", 1), setup
        )
        self.folder = folder / "flash"
        provision.write_flash(self.folder, self.record, self.board, setup)
        texts.write(self.folder)
        bench_seed = Random(f"{seed}/bench").randrange(1 << 30)
        self.bench = WatchedBench(from_board(BOARD), bench_seed, START_S)
        self.bench.told = lambda *_: None
        for door in occupied:
            self.bench.door(door).parcel = "parcel"
        self.stage = Stage(self.bench)
        self.hal = _Hal(self.bench, bench_seed)
        self.clockwork = Clockwork(self.bench, self.hal, skips)
        self.flash = Flash(self.folder, self.bench, seed, lambda: None)
        self.locked: compose.Refused | None = None
        self.resets = 0
        self.on_reset: Callable[[bool], None] = lambda _after: None
        self.away_ms = 1_000.0
        self._rng = Random(f"{seed}/ticks")
        self._reactor = self._nothing()

    def connect(self, network: Network, raised: Callable[[Exception], None]) -> None:
        """Put the world under the firmware's modules, and switch on."""
        uplink.socket = uplink.select = network  # type: ignore[assignment,attr-defined]
        # CPython frees by counting references: its collector would take most of the time here.
        for module in (boot_guard, housekeeping_task, online):
            module.gc = SimpleNamespace(collect=lambda: 0)  # type: ignore[attr-defined]
        sys.print_exception = raised  # type: ignore[attr-defined]
        self.network = network
        self._raised = raised
        self.clockwork.news = network.news
        self.clockwork.actors = [self.stage, network]
        self.flash.install()
        self._start("power")

    def task(self, name: str) -> Any:
        """One of the running tasks; None while the board is off or locked."""
        return next((s.task for s in self._reactor.slots if s.name == name), None)

    def run(self, until_ms: float) -> None:
        """Let time pass; resets included."""
        while self.bench.now_ms < until_ms:
            try:
                self.clockwork.run(self._reactor, until_ms)
            except PowerCut:
                self.power_cut()
            except Restarted:
                self.reset("soft", _BOOT_MS)
            except Hung:
                self.bench.advance(self.bench.now_ms + _WATCHDOG_MS)
                self.reset("watchdog", _BOOT_MS)

    def power_cut(self) -> None:
        """Mains gone for away_ms."""
        self.bench.lose_power()
        self.reset("power", self.away_ms + _BOOT_MS)

    def reset(self, cause: str, dark_ms: float) -> None:
        """Everything in memory is gone. A pulse that hardware is giving is given to its end."""
        self.resets += 1
        self.on_reset(False)
        self.network.lose_connection()
        self._reactor = self._nothing()
        until_ms = self.bench.now_ms + dark_ms
        while self.bench.now_ms < until_ms:
            try:
                self.clockwork.run(self._reactor, until_ms)
            except PowerCut:
                cause, until_ms = "power", self.bench.now_ms + dark_ms
                self.bench.lose_power()
        self._start(cause)
        self.on_reset(True)

    def now_s(self) -> int:
        """Unix time, as everybody but the station knows it."""
        return START_S + int(self.bench.now_ms // 1000)

    def _start(self, cause: str) -> None:
        self.hal.cause = cause
        # Ticks start anywhere, often just before they wrap.
        before_wrap = self._rng.choice((0, 2_000, 60_000, 400_000, _PERIOD >> 1))
        self.hal.start_ticks_at(_PERIOD - before_wrap if before_wrap else 0)
        self.locked = None
        try:
            config = compose.checked_settings(str(self.folder / "station.json"))
            self._reactor = compose.build(self.hal, self.board, config, str(self.folder))
            # The virtual board has no such input; the one board that can is the Pico with chips.
            self.task("doors").watch_current(self.hal.coil_current, Feedback())
        except compose.Refused as refused:
            self.locked = refused
            self._reactor = self._nothing()
            task = LockedTask(
                self.hal,
                self.board["display"],
                refused.number,
                "see console",
                folder=str(self.folder),
            )
            self._reactor.add("locked", task)
        except PowerCut:
            self.power_cut()
        except Exception as error:  # noqa: BLE001 - as the boot guard: say so, and start again
            self._raised(error)
            self.reset("soft", _BOOT_MS)

    def _nothing(self) -> Reactor:
        return Reactor(self.hal.ticks_ms, lambda *_: None)
