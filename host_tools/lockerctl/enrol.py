"""Makes a board with the firmware on it a station, over its USB console: the roots are drawn on
the board and here together, kept here, and its memory is written.

Both draw because neither can be trusted alone. The RP2040 has no generator of true random numbers:
its os.urandom samples a ring oscillator of unknown bias, and the ESP32's is one only while its
radio is on. The host's generator is sound as a rule, but a cloned or freshly made machine may
repeat itself. A root is SHA-256 over both shares, made on the board: as good as the better of the
two, and never the same on two boards. It crosses the wire once, because codes are symmetric:
whoever listens on that cable has the station.

Order: the keys are in the store before the board has them, and station.json, which makes the board
start, comes last. Cut anywhere, the board stays locked; ``again`` begins anew with new roots.
"""

import base64
import tempfile
from dataclasses import dataclass, replace
from os import urandom
from pathlib import Path
from typing import Any

from locker.core import clock, codes
from lockerctl import deploy, provision
from lockerctl.build import FIRMWARE
from lockerctl.device import Device
from lockerctl.errors import Exit, ToolError
from lockerctl.provision import Setup
from lockerctl.sealing import unsealed
from lockerctl.station import Keys, Station
from lockerctl.store import Store
from lockerctl.trusted import sha256_hex

_LIMIT_S = 60.0
_SETTINGS = "station.json"
_LABELS = ("doors", "courier", "command", "journal", "staff")  # in the order of Keys

_TOOLS = """\
import os, hashlib, binascii
def root(label, given):
    drawn = os.urandom(64)
    if len(set(drawn)) < 32:
        raise ValueError('the random source of this board is stuck')
    mixed = b'latchwork root ' + label + drawn + binascii.a2b_base64(given)
    return binascii.hexlify(hashlib.sha256(mixed).digest()).decode()
def wipe(folder):
    if folder in os.listdir():
        for name in os.listdir(folder):
            os.remove(folder + '/' + name)
    else:
        os.mkdir(folder)
def put(name, text):
    with open(name, 'wb') as file:
        file.write(binascii.a2b_base64(text))
    with open(name, 'rb') as file:
        return binascii.hexlify(hashlib.sha256(file.read()).digest()).decode()
"""
_BOARD = """\
import os
if 'board.json' in os.listdir() and 'manifest.json' in os.listdir():
    with open('board.json') as file:
        print(file.read())
"""
_TRACES = "print(*[n for n in ('station.json', 'cells', 'journal') if n in os.listdir()])"
_EMPTY = """\
for name in ('station.json', 'boots'):
    if name in os.listdir():
        os.remove(name)
wipe('journal')
wipe('cells')
"""
_SET_CLOCK = """
from machine import I2C, Pin
bus = I2C({id}, sda=Pin({sda}), scl=Pin({scl}), freq={hz})
print(int(DS3231(bus, {address}).write({seconds})))
"""


@dataclass(frozen=True)
class Wanted:
    """A station to be made. broker: numeric address and port; again: what the board holds, and a
    station of this name, may be replaced.
    """

    name: str
    broker: tuple[str, int]
    setup: Setup
    classes: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Enrolled:
    """clock_set: the board's clock chip answered and was set; False as well when it has none."""

    station: Station
    clock_set: bool


def enrol(device: Device, store: Store, wanted: Wanted) -> Enrolled:
    """All of it on a connected board, which is not started. Raises ToolError."""
    board = _prepare(device)
    traces = device.run(_TRACES, _LIMIT_S).split()
    if traces and not wanted.again:
        raise ToolError(
            Exit.REFUSED,
            f"The board holds a station's memory ({', '.join(traces)}).",
            "Its parcels' codes would be lost. If that is meant: --again.",
        )
    station = provision.new_station(wanted.name, board, draw(device), wanted.broker, wanted.setup)
    station = _with_classes(station, wanted)
    provision.station_settings(station, wanted.setup)  # refused before anything is changed
    station = store.create(station, wanted.again)
    _write(device, station, board, wanted.setup)
    return Enrolled(station, _set_clock(device, board, wanted.setup.clock_set_s))


def resettle(device: Device, store: Store, wanted: Wanted) -> Station:
    """station.json anew; keys, parcels and counters stay. Raises ToolError."""
    _prepare(device)
    if _SETTINGS not in device.run(_TRACES, _LIMIT_S).split():
        raise ToolError(Exit.REFUSED, "The board is no station yet.", "Leave out --settings.")
    host, port = wanted.broker

    def change(station: Station) -> Station:
        station = _with_classes(replace(station, broker_host=host, broker_port=port), wanted)
        provision.station_settings(station, wanted.setup)
        return station

    station = store.update(wanted.name, change)
    with tempfile.TemporaryDirectory(prefix="latchwork-") as place:
        provision.write_settings(Path(place), station, wanted.setup)
        _put_settings(device, Path(place))
    return station


def draw(device: Device) -> Keys:
    """Five roots, each from 64 bytes of the board and 32 of this computer. The board must have
    _TOOLS. Raises ToolError when the board's source is stuck.
    """
    roots = []
    for label in _LABELS:
        given = base64.b64encode(urandom(codes.KEY_BYTES)).decode()
        said = device.run(f"print(root({label.encode()!r}, '{given}'))", _LIMIT_S)
        roots.append(bytes.fromhex(said.strip()))
    return Keys(*roots)


def _with_classes(station: Station, wanted: Wanted) -> Station:
    if not wanted.classes:
        return station
    return replace(station, classes=wanted.classes, default_class=wanted.classes[0])


def _prepare(device: Device) -> dict[str, Any]:
    """Outputs safe, memory ours, tools loaded; the board's own board.json."""
    said = device.run(_BOARD, _LIMIT_S).strip()
    if not said:
        raise ToolError(
            Exit.REFUSED, "There is no firmware on the board yet.", "First: lockerctl deploy."
        )
    board = unsealed(said.encode())
    deploy.make_safe(device, board)
    device.soft_reset()
    device.run(_TOOLS, _LIMIT_S)
    return board


def _write(device: Device, station: Station, board: dict[str, Any], setup: Setup) -> None:
    with tempfile.TemporaryDirectory(prefix="latchwork-") as place:  # for this user only
        tree = Path(place) / "flash"
        provision.write_flash(tree, station, board, setup)
        device.run(_EMPTY, _LIMIT_S)
        for path in sorted((tree / provision.CELLS_FOLDER).iterdir()):
            _put(device, f"{provision.CELLS_FOLDER}/{path.name}", path.read_bytes())
        _put_settings(device, tree)


def _put_settings(device: Device, folder: Path) -> None:
    _put(device, "station.new", (folder / _SETTINGS).read_bytes())
    device.run(f"os.rename('station.new', '{_SETTINGS}')", _LIMIT_S)


def _put(device: Device, name: str, data: bytes) -> None:
    text = base64.b64encode(data).decode()
    said = device.run(f"print(put('{name}', '{text}'))", _LIMIT_S).strip()
    if said != sha256_hex(data):
        raise ToolError(
            Exit.DAMAGED,
            f"The board reports another content of {name} than was sent.",
            "Provision it again with --again; if it stays so, the flash is failing.",
        )


def _set_clock(device: Device, board: dict[str, Any], unix_s: int) -> bool:
    rtc = board["rtc"]
    if rtc["chip"] != "ds3231":
        return False
    source = (FIRMWARE / "locker" / "drivers" / "ds3231.py").read_text()
    figures = {**board["i2c"], "address": rtc["address"], "seconds": unix_s - clock.EPOCH}
    return device.run(source + _SET_CLOCK.format(**figures), _LIMIT_S).split() == ["1"]
