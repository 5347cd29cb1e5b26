"""lockerctl provision: a board becomes a station, wholly or not at all."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from board_flash import BoardFlash, HostKilled, PowerCut
from locker.app import compose
from locker.app.opening import Opening
from locker.storage.cells import Cells
from lockerctl import device as devices
from lockerctl import enrol
from lockerctl.cli import app
from lockerctl.enrol import Wanted
from lockerctl.errors import Exit, ToolError
from lockerctl.provision import Setup
from lockerctl.sealing import sealed
from lockerctl.store import Store

BOARD = json.loads((Path(__file__).parents[2] / "boards/pico_w/board.json").read_text())
SIZES = [door["size"] for door in BOARD["doors"]]
MICROPYTHON = Path(sys.executable).parent / "micropython"
SET_S = 1_795_000_000


def board(folder: Path, **has: bytes) -> BoardFlash:
    """A board with the firmware on it."""
    folder.mkdir()
    for name, data in {"board.json": sealed(BOARD), "manifest.json": b"{}", **has}.items():
        (folder / name).write_bytes(data)
    return BoardFlash(folder)


def wanted(again: bool = False, **setup: Any) -> Wanted:
    given = Setup(clock_set_s=SET_S, **setup)
    return Wanted("north", ("192.0.2.10", 1883), given, ("24h", "3d"), again)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "stations")


def opened(folder: Path) -> Opening:
    """What the firmware finds at its start. Raises Refused or StateLost."""
    config = compose.checked_settings(str(folder / "station.json"))
    opening = Opening(Cells(str(folder / "cells")), SIZES)
    opening.run(config["station"])
    return opening


def test_a_board_becomes_a_station_whose_keys_are_here(tmp_path: Path, store: Store) -> None:
    device = board(tmp_path / "flash")
    done = enrol.enrol(device, store, wanted(sntp="192.0.2.1"))
    opening = opened(device.folder)
    assert not opening.found
    kept = store.load("north").keys
    assert kept == done.station.keys
    own = opening.keys
    assert (own.courier, own.command, own.journal, own.staff) == (
        kept.courier,
        kept.command,
        kept.journal,
        kept.staff,
    )
    assert len({*vars(kept).values()}) == 5
    files = device.files()
    assert not [name for name, data in files.items() if kept.door_root in data]
    assert json.loads(files["station.json"])["sntp"] == "192.0.2.1"
    assert opening.vault.counters.floor_s == SET_S - 1_577_836_800
    assert done.clock_set and device.clock.at_s == opening.vault.counters.floor_s
    assert device.pins[22] == 0, "the coils' supply is off"


def test_a_root_is_of_both_shares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = board(tmp_path / "flash")
    enrol._prepare(device)
    device.urandom = lambda n: bytes(range(n))  # as good as a constant
    first, second = enrol.draw(device), enrol.draw(device)
    assert len({*vars(first).values(), *vars(second).values()}) == 10, "ours is enough"
    monkeypatch.setattr(enrol, "urandom", bytes)
    constant = enrol.draw(device)
    assert constant == enrol.draw(device)
    mixed = b"latchwork root doors" + bytes(range(64)) + bytes(32)
    assert constant.door_root == hashlib.sha256(mixed).digest()
    device.urandom = os.urandom
    first, second = enrol.draw(device), enrol.draw(device)
    assert len({*vars(first).values(), *vars(second).values()}) == 10, "the board's is enough"


def test_micropython_runs_what_is_sent(tmp_path: Path) -> None:
    given = base64.b64encode(bytes(32)).decode()
    script = (
        enrol._TOOLS + f"wipe('cells')\nprint(root(b'doors', '{given}'), put('cells/a', 'QUI='))"
    )
    (tmp_path / "sent.py").write_text(script)
    said = subprocess.run(
        [MICROPYTHON, "sent.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(bytes.fromhex(said[0])) == 32
    assert said[1] == hashlib.sha256(b"AB").hexdigest()
    assert (tmp_path / "cells" / "a").read_bytes() == b"AB"


def test_a_stuck_random_source_is_refused(tmp_path: Path, store: Store) -> None:
    device = board(tmp_path / "flash")
    device.urandom = lambda n: b"\x5a" * n
    with pytest.raises(ToolError, match="random source"):
        enrol.enrol(device, store, wanted())
    assert store.names() == [] and "station.json" not in device.files()


def test_a_station_is_replaced_only_when_that_is_meant(tmp_path: Path, store: Store) -> None:
    device = board(tmp_path / "flash")
    first = enrol.enrol(device, store, wanted()).station.keys
    with pytest.raises(ToolError, match="memory") as refused:
        enrol.enrol(device, store, wanted())
    assert refused.value.code == Exit.REFUSED and store.load("north").keys == first
    store.next_command("north")
    station = enrol.enrol(device, store, wanted(again=True)).station
    assert not {*vars(station.keys).values()} & {*vars(first).values()} and station.counter == 1
    assert opened(device.folder).vault.counters.command == 1


def test_settings_alone_leave_keys_and_memory(tmp_path: Path, store: Store) -> None:
    device = board(tmp_path / "flash")
    with pytest.raises(ToolError, match="no station yet"):
        enrol.resettle(device, store, wanted())
    keys = enrol.enrol(device, store, wanted()).station.keys
    before = {n: d for n, d in device.files().items() if n != "station.json"}
    enrol.resettle(device, store, wanted(sntp="192.0.2.7"))
    assert json.loads(device.files()["station.json"])["sntp"] == "192.0.2.7"
    assert {n: d for n, d in device.files().items() if n != "station.json"} == before
    assert store.load("north").keys == keys


def test_what_the_station_would_refuse_changes_nothing(tmp_path: Path, store: Store) -> None:
    device = board(tmp_path / "flash")
    with pytest.raises(ToolError, match="sntp"):
        enrol.enrol(device, store, wanted(sntp="time.example"))
    assert store.names() == [] and "cells" not in os.listdir(device.folder)
    (device.folder / "board.json").write_bytes(sealed(BOARD).replace(b'"S"', b'"L"', 1))
    with pytest.raises(ToolError, match="not as it was built"):
        enrol.enrol(device, store, wanted())
    (device.folder / "manifest.json").unlink()
    with pytest.raises(ToolError, match="no firmware"):
        enrol.enrol(device, store, wanted())


def test_cut_anywhere_the_board_stays_locked_and_the_next_try_makes_it_good(
    tmp_path: Path, store: Store
) -> None:
    whole = board(tmp_path / "whole")
    enrol.enrol(whole, store, wanted())
    for attribute, count, dies in (
        ("cut_at", whole.changes, PowerCut),
        ("kill_at", whole.scripts, HostKilled),
    ):
        for at in range(0, count, 3):
            device = board(tmp_path / f"{attribute}{at}")
            setattr(device, attribute, at)
            try:
                enrol.enrol(device, store, wanted(again=True))
            except dies:
                pass
            else:
                continue
            setattr(device, attribute, -1)
            if "station.json" in device.files():
                assert not opened(device.folder).found, "whole, or"
            device.soft_reset()
            enrol.enrol(device, store, wanted(again=True))
            assert not opened(device.folder).found


def test_the_command_asks_for_passwords_and_starts_the_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path / "home"))
    flash = board(tmp_path / "flash")
    started = []
    serial = SimpleNamespace(
        run=flash.run,
        soft_reset=flash.soft_reset,
        start=lambda: started.append(True),
        interrupt=lambda: None,
        close=lambda: None,
    )
    monkeypatch.setattr(devices, "SerialDevice", lambda _port: serial)
    monkeypatch.setattr(devices.connect.__wrapped__, "__defaults__", (lambda _port: serial,))
    arguments = ["provision", "--station", "north", "--port", "x", "--broker", "192.0.2.10"]
    arguments += ["--ssid", "site", "--country", "DE", "--sntp", "192.0.2.1", "--json"]
    result = CliRunner().invoke(app, arguments, input="hidden\n")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout.strip().splitlines()[-1])
    assert answer == {"station": "north", "settings_only": False, "clock_set": True}
    assert started and "hidden" not in result.output
    settings = json.loads((flash.folder / "station.json").read_bytes())
    assert settings["wifi"] == {"ssid": "site", "password": "hidden", "country": "DE"}
    assert settings["sntp"] == "192.0.2.1"
