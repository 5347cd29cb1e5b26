"""A broker for the virtual bench: on 127.0.0.1 only, on a free port, gone when the block ends.

Mosquitto where it is installed, otherwise amqtt. Either lives under a small guard process
(lockerctl.broker_guard) that ends it when its standard input closes, so no broker stays behind
even when this process is killed.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from lockerctl.errors import Exit, ToolError

MOSQUITTO, AMQTT = KINDS = ("mosquitto", "amqtt")

_END_S = 8.0


@dataclass(frozen=True)
class Broker:
    """A running broker. kind: one of KINDS."""

    kind: str
    host: str
    port: int


def mosquitto_path() -> str | None:
    """Where Mosquitto is; Debian puts it where only root's PATH looks."""
    return shutil.which(
        "mosquitto", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/usr/local/sbin"
    )


def available() -> list[str]:
    """The kinds that can run here, best first."""
    return [k for k in KINDS if (mosquitto_path() if k == MOSQUITTO else find_spec("amqtt"))]


@contextmanager
def running(kind: str = "") -> Iterator[Broker]:
    """A broker for the length of the block. kind: one of KINDS, or '' for the best there is.
    Raises ToolError when it will not run.
    """
    found = available()
    kind = kind or (found[0] if found else "")
    if kind not in found:
        raise ToolError(
            Exit.UNFIT,
            f"There is no MQTT broker {kind} here.",
            "Install Mosquitto (apt install mosquitto) or amqtt (pip).",
        )
    guard = _start_guard(kind)
    try:
        yield _first_report(guard, kind)
    finally:
        _end(guard)


def _start_guard(kind: str) -> "subprocess.Popen[str]":
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).parents[1]), *filter(None, sys.path)]
    )
    return subprocess.Popen(
        [sys.executable, "-m", "lockerctl.broker_guard", kind, mosquitto_path() or ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,  # Ctrl-C at the terminal is for us; the guard goes when we go
    )


def _first_report(guard: "subprocess.Popen[str]", kind: str) -> Broker:
    line = _pipe(guard.stdout).readline()
    report: dict[str, Any] = json.loads(line) if line else {"error": "it ended at once"}
    if "error" in report:
        raise ToolError(Exit.NO_ANSWER, f"The broker {kind} did not start: {report['error']}.")
    return Broker(kind, "127.0.0.1", report["port"])


def _end(guard: "subprocess.Popen[str]") -> None:
    _pipe(guard.stdin).close()
    try:
        guard.wait(_END_S)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
    _pipe(guard.stdout).close()


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the guard was started without pipes")
    return stream
