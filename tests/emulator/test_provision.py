"""lockerctl provision on the real Pico W image: a board that was only deployed becomes a station
that opens a door with a code from the host's store. Before that, a host dies on the way.

The settings name a Wi-Fi, and the board here has no radio: its doors must not mind. It takes five
minutes of one core.
"""

import asyncio
import json
import time
from pathlib import Path
from random import Random

import pytest
from console import Typist, console, host
from pico import IMAGE, Pico
from test_boot import Board, powered

from lockerctl import issue, provision
from lockerctl.build import build
from lockerctl.store import Store
from virtual.people import Person, Story

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]
DYING = str(Path(__file__).parent / "provision_board.py")
RANDOM = Random(7)
RING, RANDOM_BIT = 0x40060, 0x1C  # ROSC and its RANDOMBIT (RP2040 data sheet, 2.17)
DIES_AT = "14"  # among the cells
WIFI = {"ssid": "site", "password": "not on the line", "country": "DE"}
PROVISION = ("provision", "--station", "north", "--broker", "192.0.2.10", "--json", "--again")


def courier(p: Person, code: str) -> Story[int]:
    """To the open door; its number."""
    yield from p.types(code + "#")
    yield from p.reads("parcel size")
    yield from p.presses("1")
    yield from p.reads("put parcel")
    return (yield from p.finds_open_door())


def oscillates(pico: Pico, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chip's random bit, which os.urandom samples: it stands still in the emulator."""

    def read(offset: int) -> int:
        return RANDOM.getrandbits(1) if offset == RANDOM_BIT else 0xFFFFFFFF

    monkeypatch.setattr(pico.device.mcu.peripherals[RING], "read_uint32", read)


async def host_dies(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the way; then the board is started as it is."""
    async with console(board.pico) as url:
        code, said = await host("python", DYING, url, "north", "0")
        assert code and "the random source of this board is stuck" in said
        assert Store().names() == []
        oscillates(board.pico, monkeypatch)
        code, said = await host("python", DYING, url, "north", DIES_AT)
        assert code == 9, said
        await board.pico.pass_time(200)  # the board finishes the script
    board.typist = Typist(board.pico)
    await board.typist.types(b"\r\x03\x02\x04", 0)
    await board.typist.sees("E57: the station stays locked", 4_000)
    assert board.outputs_are_low()


async def provisioned(board: Board) -> None:
    """By the command, with all that it asks for."""
    wifi = ("--ssid", WIFI["ssid"], "--country", WIFI["country"])
    async with console(board.pico) as url:
        code, said = await host(
            "lockerctl", *PROVISION, *wifi, "--port", url, typed=WIFI["password"] + "\n"
        )
    assert code == 0, said
    assert json.loads(said.splitlines()[-1]) == {
        "station": "north",
        "settings_only": False,
        "clock_set": True,
    }
    assert WIFI["password"] not in said


async def opens_a_door(board: Board, code: str) -> int:
    """A courier at the keypad; the door that opened."""
    part = board.stage.add(courier(Person(board.bench, "Kim"), code))
    until = board.pico.now_ms + 20_000
    while not part.done:
        assert board.pico.now_ms < until, board.bench.display.lines()
        await board.pico.pass_time(20)
    return part.result()


def test_a_deployed_board_becomes_a_station_though_a_host_died(tmp_path, monkeypatch):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path / "home"))
    build("pico_w", tmp_path / "flash")

    async def story() -> None:
        async with powered(tmp_path / "flash") as board:
            take_off = board.set_jumper()
            await board.typist.sees("E41: the station stays locked", 4_000)
            await host_dies(board, monkeypatch)
            take_off()
            await provisioned(board)
            await board.shows("code", 6_000)
            code = issue.courier(Store().load("north"), int(time.time())).digits
            assert await opens_a_door(board, code) in Store().load("north").sizes
            board.read_files(tmp_path / "after")

    asyncio.run(story())
    settings = json.loads((tmp_path / "after" / "station.json").read_bytes())
    assert settings["wifi"] == WIFI and settings["broker"]["host"] == "192.0.2.10"
    assert (tmp_path / "after" / provision.CELLS_FOLDER / "keys.a").exists()
