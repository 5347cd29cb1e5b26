"""The QEMU of this computer: found, asked what it can do, and run with no way out but one.

Nothing of QEMU is part of this project. Wanted is a build with the machine below, which models
Wi-Fi: github.com/lcgamboa/qemu. Espressif's own has no radio.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..errors import EmulatorError
from . import relay
from .gdb import Gdb

SETTING = "LATCHWORK_QEMU"
PROGRAM = "qemu-system-xtensa"
MACHINE = "esp32-picsimlab"
SSID = "PICSimLabWifi"  # the machine's access point, an open one
BROKER_ADDRESS = "192.168.4.100"

# In the machine's folder.
FLASH = "flash"
CONSOLE = "console"
_DEBUGGER = "gdb"
_LOG = "log"

_NETWORK = "192.168.4.0/24"
_STARTS_S = 20.0
_ENDS_S = 5.0
_POLL_S = 0.05


def find(environment: Mapping[str, str]) -> Path:
    """The program that the setting names, or the one on the PATH, if it has the machine.

    EmulatorError says what is missing.
    """
    named = environment.get(SETTING, "")
    found = shutil.which(named or PROGRAM, path=environment.get("PATH"))
    if found is None:
        raise EmulatorError(
            f"{SETTING} names {named!r}, which is no program."
            if named
            else f"There is no {PROGRAM} on the PATH, and {SETTING} names none."
        )
    asked = [found, "-machine", "help"]
    try:
        done = subprocess.run(
            asked, capture_output=True, text=True, check=False, timeout=_STARTS_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmulatorError(f"{found} does not run: {error}") from None
    if MACHINE not in done.stdout.split():
        raise EmulatorError(f"{found} has no machine {MACHINE!r}.")
    return Path(found)


def command(qemu: Path, place: Path, guest_port: int, host_port: int) -> list[str]:
    """The command line. place: a folder with the file FLASH.

    restrict: the guest reaches no other computer, and of this one only what is forwarded; that is
    one port of 127.0.0.1. The rest goes over sockets and files in the folder.
    """
    to_broker = " ".join((sys.executable, "-IS", relay.__file__, str(host_port)))
    forward = f"guestfwd=tcp:{BROKER_ADDRESS}:{guest_port}-cmd:{to_broker}"
    options = {
        "-machine": MACHINE,
        "-drive": f"file={_escaped(place / FLASH)},if=mtd,format=raw,cache=unsafe",
        "-serial": f"file:{place / CONSOLE}",
        "-monitor": "none",
        "-gdb": f"unix:{_escaped(place / _DEBUGGER)},server=on,wait=off",
        "-nic": f"user,model=esp32_wifi,net={_NETWORK},restrict=on,{_escaped(forward)}",
    }
    return [str(qemu), "-nographic", "-S", *(word for pair in options.items() for word in pair)]


@contextmanager
def running(arguments: list[str], place: Path) -> Iterator[Gdb]:
    """The machine, standing before its first instruction. EmulatorError when it does not start."""
    log = place / _LOG
    with log.open("wb") as said:
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        with _connected(process, place / _DEBUGGER, log) as sock:
            yield Gdb(sock)
    finally:
        process.kill()
        process.wait(_ENDS_S)


def _connected(process: subprocess.Popen[bytes], path: Path, log: Path) -> socket.socket:
    until = time.monotonic() + _STARTS_S
    while time.monotonic() < until and process.poll() is None:
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(os.fspath(path))
        except OSError:
            sock.close()
            time.sleep(_POLL_S)
        else:
            return sock
    said = log.read_text(errors="replace").strip().splitlines()[-2:]
    raise EmulatorError(f"QEMU did not start: {' '.join(said) or 'it says nothing'}")


def _escaped(text: object) -> str:
    """A comma ends an option's value unless it is doubled."""
    return str(text).replace(",", ",,")
