"""Code that is not as it was built never runs: every file of a build, on the unix port."""

import json
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from locker.core import faults, keys, records
from lockerctl import build as building
from lockerctl import provision
from lockerctl.journal_reader import read_journal
from lockerctl.rig import BOARD, micropython

LIMIT_S = 60
# In the folder of a build: alters each file in turn; prints those that were not noticed.
ALTER = """\
import swap
import json, os
def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
def others(data):
    for at in (0, 1, 3, len(data) // 3, len(data) // 2, len(data) - 1):
        yield data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
    for size in (0, len(data) // 2, len(data) - 1):
        yield data[:size]
    yield data + b"\\0"
unnoticed = []
alterations = 0
sound = swap.altered(".")
for name in json.loads(open("names").read()):
    data = open(name, "rb").read()
    for other in others(data):
        write(name, other)
        alterations += 1
        if swap.altered(".") != [name]:
            unnoticed.append(name)
    os.remove(name)
    if swap.altered(".") != [name]:
        unnoticed.append(name + " is missing")
    write(name, data)
print(json.dumps([sound, alterations, unnoticed]))
"""
# A board that says what it is told, for six seconds of its time.
HAL = """\
import sys
class Parts:
    service_jumper = False
    def __init__(self):
        self.coils = self.i2c = self.signals = self.system = self.link = self
        self.now = 0
        self.said = set()
    def says(self, text):
        if text not in self.said:
            self.said.add(text)
            print(text)
    def ticks_ms(self):
        self.now += 100
        if self.now > 6000:
            print("STILL LOCKED")
            sys.exit()
        return self.now
    def feed(self): self.says("FED")
    def restart(self): self.says("RESTARTED")
    def fire(self, mask, ms): self.says("FIRED")
    def busy(self): return False
    def abort(self): self.says("ABORTED")
    def lamps(self, red, green): self.says("LAMP")
    def beep(self, on): pass
    def writeto(self, address, data): self.says("SHOWN"); return len(data)
    def reset_cause(self): return "power"
    def random(self, n): return bytes(n)
    def configure(self, wifi): pass
    def join(self): pass
    def is_up(self): return False
def make(board):
    return Parts()
"""
ALTERED = "print('ALTERED CODE RUNS')\n"
# Run before there is a check, or are the check.
FIRST = {"boot.py", "main.py", "safe.mpy", "safe_pins.py", "swap.mpy"}
# Without one of these there are only words on the console, or no display and lamp, or no journal.
TO_START = {"board.mpy", "guard.mpy", "hal.mpy", "sealed.mpy"}
TO_SHOW = {"base.mpy", "lib/locked.mpy", "stored.mpy"}
TO_WRITE = {"keys.mpy", "lib/refusal.mpy", "station.mpy", "window.mpy"}


@dataclass(frozen=True)
class Told:
    """What a start said, and its journal: (fault, note)."""

    said: str
    journal: list[tuple[int, str]]


def listed(folder: Path) -> list[str]:
    """The names in code.crc."""
    return (folder / building.CODE_CRC).read_text().split()[1::2]


def on_unix(folder: Path, code: str) -> str:
    done = subprocess.run(
        [micropython(), "-c", code],
        cwd=folder,
        env=os.environ | {"MICROPYPATH": ".:lib"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
    )
    return done.stdout


@pytest.mark.parametrize("board", building.boards())
def test_every_file_of_code_is_listed_and_any_alteration_noticed(board: str, tmp_path: Path):
    built = building.build(board, tmp_path)
    code = {name for name in built.sizes if name.endswith((".py", ".mpy"))}
    assert {*listed(tmp_path)} == code
    (tmp_path / "names").write_text(json.dumps([*sorted(code - FIRST), building.CODE_CRC]))
    sound, alterations, unnoticed = json.loads(on_unix(tmp_path, ALTER))
    assert sound == [] and unnoticed == []
    assert alterations >= 10 * len(code - FIRST)


def station(folder: Path) -> bytes:
    """A provisioned station whose board is HAL; its journal's key."""
    own = provision.demo_keys(3)
    config = json.loads(BOARD.read_text())
    made = provision.new_station("damaged", config, own, ("127.0.0.1", 1))
    provision.write_flash(folder, made, config)
    building.build("virtual", folder)
    (folder / "hal.mpy").write_bytes(building.compiled(HAL, "hal.py"))
    building.vouch(folder)
    payload = records.unpack_cell(keys.CELL[1], (folder / "cells" / "keys.a").read_bytes())[3]
    return keys.unpack_keys(payload).journal


@cache
def stories() -> dict[str, Told]:
    """A start with each file of code replaced by one that says when it runs; of '+guard.mpy'
    code.crc says that it was built so.
    """
    with tempfile.TemporaryDirectory(prefix="latchwork-damage-") as place:
        sound = Path(place) / "sound"
        key = station(sound)

        def start(name: str) -> Told:
            folder = Path(place) / name.replace("/", "-")
            shutil.copytree(sound, folder)
            (folder / name.lstrip("+")).write_bytes(building.compiled(ALTERED, "altered.py"))
            if name.startswith("+"):
                building.vouch(folder)
            said = on_unix(folder, "import boot, main")
            found = read_journal(folder / "journal", key)
            assert found.problems == ()
            told = [(r.fault, r.note.rstrip(b"\0").decode()) for r in found.records]
            return Told(said, told)

        names = ["+guard.mpy", *(name for name in listed(sound) if name not in FIRST)]
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(names, pool.map(start, names), strict=True))


def test_altered_code_does_not_run_and_moves_nothing() -> None:
    assert len(stories()) > 40
    assert "ALTERED CODE RUNS" in stories()["+guard.mpy"].said, "it would be seen"
    for name, told in damaged():
        for word in ("ALTERED", "FED", "RESTARTED", "FIRED"):
            assert word not in told.said, (name, told.said)
        assert f"code is damaged, deploy the firmware again: {name}\n" in told.said


def test_a_damaged_station_says_so_with_all_that_it_still_has() -> None:
    for name, told in damaged():
        shows = [word in told.said for word in ("LAMP", "SHOWN", "STILL LOCKED")]
        assert shows == [name not in TO_START | TO_SHOW] * 3, (name, told.said)
        numbered = f"E{faults.CODE_DAMAGED}: the station stays locked" in told.said
        assert numbered == (name not in TO_START), (name, told.said)
        record = [(faults.CODE_DAMAGED, name[: records.NOTE_BYTES])]
        writes = name not in TO_START | TO_SHOW | TO_WRITE
        assert told.journal == (record if writes else []), (name, told)


def damaged() -> list[tuple[str, Told]]:
    return [(name, told) for name, told in stories().items() if name[0] != "+"]
