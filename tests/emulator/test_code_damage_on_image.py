"""A bit flips in the code on the flash of a Pico W: it does not run, and a deployment mends it.
The real image, the files as they are shipped, lockerctl deploy over the USB console.
"""

import asyncio
import json

import pytest
from console import console, flash_with, host
from pico import IMAGE, Trace, booted
from test_boot import BOARD_FILE, NOW_S, OUTPUTS, PROMPT, Board, station
from test_deploy import DEPLOY

from locker.core import faults, keys, records
from lockerctl.build import build
from lockerctl.journal_reader import read_journal
from virtual.bench import Bench
from virtual.layout import from_board

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]
NUMBER = f"E{faults.CODE_DAMAGED}"
_SAMPLE_BYTES = 200


def flip(flash: bytes, code: bytes, at: int) -> bytes:
    """The flash with one bit of a file on it flipped."""
    bad = bytearray(flash)
    start = at // 4096 * 4096 + 64  # behind the pointers that a block of littlefs begins with
    sample = code[start : start + _SAMPLE_BYTES]
    found = flash.find(sample)
    assert found > 0 and flash.find(sample, found + 1) < 0
    bad[found + at - start] ^= 0x04
    return bytes(bad)


def ever_on(trace: Trace) -> list[float]:
    """When a coil or the series enable was on."""
    return [ms for ms, levels in trace.changes if levels]


def bench() -> Bench:
    return Bench(from_board(BOARD_FILE), 1, NOW_S)


def test_a_flipped_bit_in_the_application_locks_the_station_and_deploy_mends_it(tmp_path):
    folder = station(tmp_path / "flash")
    payload = records.unpack_cell(keys.CELL[1], (folder / "cells" / "keys.a").read_bytes())[3]
    code = (folder / "lib/returns.mpy").read_bytes()
    flash = flip(flash_with(folder), code, len(code) // 2)
    built = build("pico_w", tmp_path / "built")

    async def story() -> None:
        async with booted(flash) as pico:
            trace = pico.watch(OUTPUTS)
            board = Board(pico, bench())
            await board.typist.sees(f"{NUMBER}: the station stays locked", 3_000)
            await board.shows(f"Out of order {NUMBER}", 900)
            await pico.pass_time(2_500)
            assert not board.watchdog_armed() and board.resets == 0
            assert "lib/returns.mpy: not as it was built" in board.typist.said
            board.read_files(tmp_path / "locked")
            async with console(pico) as url:
                code, said = await host("python", DEPLOY, url, str(built.folder))
            assert code == 0, said
            assert json.loads(said)["changed"] == ["lib/returns.mpy"]
            mended = Board(pico, None)
            await pico.pass_time(4_500)
            assert NUMBER not in mended.typist.said
            assert mended.watchdog_armed() and board.resets == 0
            assert [ms for ms, levels in trace.changes if levels] == [], (
                "no coil, no series enable"
            )

    asyncio.run(story())
    found = read_journal(tmp_path / "locked" / "journal", keys.unpack_keys(payload).journal)
    assert found.problems == ()
    assert [(r.fault, r.note.rstrip(b"\0")) for r in found.records] == [
        (faults.CODE_DAMAGED, b"lib/returns.mpy")
    ]


@pytest.mark.parametrize("name", ["hal.mpy", "guard.mpy"])
def test_what_a_locked_station_needs_ends_at_the_console_and_does_not_start_over(name, tmp_path):
    folder = station(tmp_path / "flash")
    code = (folder / name).read_bytes()
    flash = flip(flash_with(folder), code, len(code) - 8)

    async def story() -> None:
        async with booted(flash) as pico:
            trace = pico.watch(OUTPUTS)
            board = Board(pico, None)
            await board.typist.sees(f"deploy the firmware again: {name}", 3_000)
            await board.typist.sees(PROMPT, 2_000)
            await pico.pass_time(1_500)
            assert board.typist.said.count("deploy the firmware again") == 1
            assert not board.watchdog_armed() and board.resets == 0
            assert ever_on(trace) == []

    asyncio.run(story())
