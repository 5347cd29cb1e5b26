"""Boot guard, safe mode, service jumper and console policy (design.md section 6): the firmware as
built, on the real Pico W image.
"""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from console import Typist, flash_with
from pico import IMAGE, ROOT, Pico, booted
from rp2040py.gpio_pin import GPIOPinState

from emulator import flashfs
from emulator.pico_w import FILES
from emulator.wiring import Wiring
from locker.core import keys, records
from lockerctl import provision
from lockerctl.build import FIRMWARE, build
from lockerctl.journal_reader import read_journal
from lockerctl.rig import micropython
from virtual.bench import Bench
from virtual.layout import from_board

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]
BOARD_FILE = ROOT / "boards" / "pico_w" / "board.json"
BOARD = json.loads(BOARD_FILE.read_text())
OUTPUTS = [BOARD["coils"]["enable"], *(door["coil"] for door in BOARD["doors"])]
NOW_S = 1_795_000_000
PROMPT = ">>> "
# In place of the application.
REFUSES = """\
class Refused(Exception):
    number = 41
    problems = ()
    name = "station.json"

def checked_settings(path):
    raise Refused

def build(hal, board, config, folder):
    pass
"""


def station(folder: Path, without: tuple[str, ...] = (), compose: str = "") -> Path:
    """The files of a provisioned station, some of them lost. compose: source in place of what
    builds a station.
    """
    own = provision.random_keys()
    record = provision.new_station("boot", BOARD, own, ("127.0.0.1", 1))
    provision.write_flash(folder, record, BOARD)
    source = FIRMWARE
    if compose:
        source = folder.with_name("source")
        shutil.copytree(FIRMWARE, source)
        (source / "locker" / "app" / "compose.py").write_text(compose)
    build("pico_w", folder, source)
    for name in without:
        gone = folder / name
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    return folder


class Board:
    """A powered board at the bench, and somebody at its console."""

    def __init__(self, pico: Pico, bench: Bench | None) -> None:
        self.pico = pico
        self.bench = bench
        self.typist = Typist(pico)
        self.resets = 0
        self._mcu = pico.device.mcu
        wiring = Wiring(self._mcu, pico.device.simulator.clock, bench, BOARD) if bench else None
        self.stage = wiring.stage if wiring else None
        reset = self._mcu.watchdog.on_watchdog_trigger

        def count() -> None:
            self.resets += 1
            reset()
            if wiring:
                wiring.chip_was_reset()

        self._mcu.watchdog.on_watchdog_trigger = count

    def watchdog_armed(self) -> bool:
        return bool(self._mcu.watchdog.timer.enable)

    def outputs_are_low(self) -> bool:
        return all(self._mcu.gpio[pin].value == GPIOPinState.LOW for pin in OUTPUTS)

    async def shows(self, text: str, limit_ms: float) -> None:
        """Wait until the display says this. AssertionError with what it says instead."""
        until = self.pico.now_ms + limit_ms
        while text not in (shown := " ".join(self.bench.display.lines())):
            assert self.pico.now_ms < until, shown
            await self.pico.pass_time(5)

    def read_files(self, folder: Path) -> None:
        """What lies in the flash now."""
        folder.mkdir()
        image = bytes(self._mcu.flash[FILES.start : FILES.end])
        flashfs.read(image, FILES, micropython(), folder)

    def set_jumper(self) -> Callable[[], None]:
        """Join the last row and the help input; what it gives takes the wire off."""
        row, helps = self._mcu.gpio[BOARD["keypad"]["rows"][-1]], BOARD["keypad"]["help"]
        joined = [True]

        def follow(*_: object) -> None:
            low = bool(joined) and row.value == GPIOPinState.LOW
            self._mcu.gpio[helps].set_input_value(not low)

        def take_off() -> None:
            joined.clear()
            follow()

        row.add_listener(follow)
        follow()
        return take_off


@contextlib.asynccontextmanager
async def powered(folder: Path, bench: bool = True) -> AsyncIterator[Board]:
    """Power on with this flash."""
    async with booted(flash_with(folder)) as pico:
        yield Board(pico, Bench(from_board(BOARD_FILE), 1, NOW_S) if bench else None)


def test_three_failed_boots_lead_to_safe_mode_with_the_console_open(tmp_path):
    folder = station(
        tmp_path / "flash", compose="raise RuntimeError('broken version')\n" + REFUSES
    )

    async def story() -> None:
        async with powered(folder) as board:
            await board.typist.sees("safe mode", 8_000)
            assert board.resets == 3
            assert board.typist.said.count("RuntimeError: broken version") == 3
            await board.shows("Out of order E58", 900)
            await board.shows("safe mode", 200)
            assert not board.watchdog_armed() and board.outputs_are_low()
            assert PROMPT in await board.typist.types(b"\x03", 100)
            assert "42" in await board.typist.types(b"print(6 * 7)\r", 100)
            assert board.outputs_are_low() and board.resets == 3

    asyncio.run(story())


def test_station_that_lost_its_cells_stays_locked_with_the_console_closed(tmp_path):
    folder = station(tmp_path / "flash", without=("cells",))

    async def story() -> None:
        async with powered(folder) as board:
            await board.typist.sees("E57: the station stays locked", 6_000)
            await board.shows("Out of order E57", 900)
            assert board.watchdog_armed() and board.outputs_are_low()
            said = await board.typist.types(b"\x03\x03\r\x01print(6*7)\x04", 100)
            assert PROMPT not in said and "42" not in said
            assert board.resets == 0

    asyncio.run(story())


def test_settings_that_end_early_are_refused_and_journalled(tmp_path):
    folder = station(tmp_path / "flash")
    settings = folder / "station.json"
    settings.write_bytes(settings.read_bytes()[:99])
    payload = records.unpack_cell(keys.CELL[1], (folder / "cells" / "keys.a").read_bytes())[3]

    async def story() -> None:
        async with powered(folder) as board:
            await board.typist.sees("E41: the station stays locked", 6_000)
            await board.shows("Out of order E41", 900)
            await board.pico.pass_time(2_500)
            assert board.watchdog_armed() and board.outputs_are_low() and board.resets == 0
            board.read_files(tmp_path / "after")

    asyncio.run(story())
    found = read_journal(tmp_path / "after" / "journal", keys.unpack_keys(payload).journal)
    assert found.problems == ()
    assert [(r.kind, r.fault, r.note.rstrip(b"\0")) for r in found.records] == [
        (records.FAULT, 41, b"station.json")
    ]


def test_jumper_opens_the_console_and_arms_no_watchdog(tmp_path):
    folder = station(tmp_path / "flash", compose=REFUSES)

    async def story() -> None:
        async with powered(folder, bench=False) as board:
            board.set_jumper()
            await board.typist.sees("service jumper", 2_500)
            await board.typist.sees("E41: the station stays locked", 1_500)
            await board.pico.pass_time(100)
            assert not board.watchdog_armed() and board.outputs_are_low()
            assert PROMPT in await board.typist.types(b"\x03", 100)
            assert "False" in await board.typist.types(b"import os;'boots' in os.listdir()\r", 100)

    asyncio.run(story())


def test_board_without_board_json_touches_no_pin_and_opens_the_console(tmp_path):
    folder = station(tmp_path / "flash", without=("board.json",))

    async def story() -> None:
        async with powered(folder, bench=False) as board:
            await board.typist.sees("E57: the station stays locked", 2_500)
            await board.typist.sees(PROMPT, 2_500)  # the journal has its record first
            assert not board.watchdog_armed() and board.outputs_are_low()

    asyncio.run(story())
