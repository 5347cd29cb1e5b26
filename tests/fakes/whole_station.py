"""The whole firmware application on the bench's models, in this process and in virtual time. Time
moves only when told.
"""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from locker.app import compose
from locker.core import clock, codes, records, tickets
from locker.core.records import Record
from locker.storage import cells, journal
from lockerctl import issue, provision, returns, texts
from lockerctl.journal_reader import read_journal
from lockerctl.station import Station
from simulation.clockwork import Clockwork
from virtual.bench import Bench
from virtual.inprocess import InProcessHal
from virtual.layout import from_board
from virtual.people import Person, Stage, Story


def _reraise(error: Exception) -> None:
    """On the device: print a traceback. Here a task that raises is a failed test."""
    raise AssertionError("a task raised") from error


sys.print_exception = _reraise  # type: ignore[attr-defined]

ROOT = Path(__file__).parents[2]
BOARD = ROOT / "boards" / "virtual" / "board.json"
START_S = 1_795_000_000  # 2026-11-18


class WholeStation:
    """One station, provisioned into ``folder``, started, with one person before it."""

    def __init__(  # noqa: PLR0913 - whatever a test wants to vary
        self,
        folder: Path,
        seed: int = 1,
        occupied: tuple[int, ...] = (),
        ticks_offset: int = 0,
        skips: bool = True,
        board: Path = BOARD,
        language: str = "en",
        support: str = "",
        classes: tuple[str, ...] = (),
    ) -> None:
        self.flash = folder / "flash"
        self.board: dict[str, Any] = json.loads(board.read_text())
        setup = provision.Setup(
            occupied=occupied, clock_set_s=START_S, language=language, support=support
        )
        keys = provision.demo_keys(seed)
        self.record: Station = provision.new_station(
            "test", self.board, keys, ("127.0.0.1", 1), setup
        )
        if classes:
            self.record = replace(self.record, classes=classes, default_class=classes[0])
        provision.write_flash(self.flash, self.record, self.board, setup)
        texts.write(self.flash)
        self.bench = Bench(from_board(board), seed, START_S)
        for door in occupied:
            self.bench.door(door).parcel = "parcel"
        self.stage = Stage(self.bench)
        self.person = Person(self.bench, "person", seed)
        self.hal = InProcessHal(self.bench, seed, ticks_offset)
        self.hal.link_up = False
        self.clockwork = Clockwork(self.bench, self.hal, skips)
        self.clockwork.actors.append(self.stage)
        self.start()
        self.pass_time(2000)

    def start(self) -> None:
        """Power on."""
        config = compose.checked_settings(str(self.flash / "station.json"))
        self.reactor = compose.build(self.hal, self.board, config, str(self.flash))
        self.desk = next(s.task for s in self.reactor.slots if s.name == "desk")
        self.station = self.desk._station

    def power_cut(self) -> None:
        """Everything in memory is gone; the doors and the flash are as they were."""
        self.bench.lose_power()
        self.start()

    def pass_time(self, ms: float) -> None:
        """Let the firmware and the models run for so long."""
        self.clockwork.run(self.reactor, self.bench.now_ms + ms)

    def skip(self, ms: float) -> None:
        """Let idle time pass in one leap: nobody is there, nothing is in store."""
        self.bench.advance(self.bench.now_ms + ms)
        self.pass_time(200)

    def fail_write(self, monkeypatch: Any, number: int) -> list[int]:
        """Let the number-th write from now on fail once; returns a list with the writes so far."""
        count = [0]

        def failing(path: str, mode: str = "r") -> Any:
            if mode in ("wb", "ab"):
                count[0] += 1
                if count[0] == number:
                    raise OSError(28, "no space")
            return open(path, mode)

        for module in (cells, journal):
            monkeypatch.setattr(module, "open", failing, raising=False)
        return count

    def play(self, story: Story[Any], limit_ms: float = 600_000) -> Any:
        """Play a story to its end."""
        part = self.stage.add(story)
        until = self.bench.now_ms + limit_ms
        while not part.done and self.bench.now_ms < until:
            self.pass_time(10)
        return part.result()

    def now_s(self) -> int:
        """Unix time on the bench."""
        return START_S + int(self.bench.now_ms // 1000)

    def code(self, door: int) -> str:
        """Today's code of the parcel behind a door."""
        tenancy = self.station.vault.compartment(door).tenancy
        return issue.recipient(
            self.record, door, tenancy, self.record.classes[0], self.now_s()
        ).digits

    def recovery(self, door: int) -> str:
        return issue.recovery(
            self.record, door, self.station.vault.compartment(door).tenancy
        ).digits

    def courier(self) -> str:
        return issue.courier(self.record, self.now_s()).digits

    def give_back(self, serial: int = 0, later_s: int = 0, long: bool = False) -> str:
        """A return code, good from now (or later) on."""
        at_s = self.now_s() + later_s - clock.EPOCH
        slot = at_s // codes.slot_seconds(codes.RETURN_CLASS)
        return returns.code(self.record, slot * tickets.SERIALS + serial, long).digits

    def shown(self) -> str:
        """What the display says, in one line."""
        return " ".join(" ".join(self.bench.display.lines()).split())

    def journal(self) -> list[Record]:
        """Every record on flash; the chain is checked."""
        reading = read_journal(self.flash / "journal", self.record.keys.journal)
        assert not reading.problems, reading.problems
        return list(reading.records)

    def kinds(self) -> list[str]:
        return [records.KIND_NAMES[r.kind] for r in self.journal()]

    def openings(self) -> list[int]:
        """Doors that current opened, as the bench saw it."""
        return [door for _, door in self.bench.cabinet.openings()]

    def forget(self) -> None:
        """Remove the flash folder."""
        shutil.rmtree(self.flash)
