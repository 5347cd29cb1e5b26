"""Puts the pinned MicroPython image on a board: esptool for an ESP32, a copied UF2 for a Pico.

Neither touches the file system, so a station keeps its data. A flashed ESP32 starts by a full
reset of the chip, which ends every pulse; a Pico on a port gets its outputs made safe first.
"""

import os
import string
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from lockerctl.device import Device
from lockerctl.errors import Exit, ToolError

ESP32_OFFSET = "0x1000"
_BAUD = "460800"
_BAUD_ELSEWHERE = "115200"  # a serial server or an emulator cannot follow a change of speed
_ESPTOOL_S = 300
_DRIVE_MARK = "INFO_UF2.TXT"
_DRIVE_IDS = ("RPI-RP2",)
_APPEARS_S = 15.0
_ACCEPTS_S = 30.0
_POLL_S = 0.25
_TO_BOOT_LOADER = "import machine\nmachine.bootloader()\n"
_BOOT_LOADER_S = 5.0

_HOLD_BOOTSEL = (
    "Hold BOOTSEL while you plug the board in; if no drive appears, mount it or try another "
    "cable. With --port a board that runs MicroPython goes there by itself."
)
_HOLD_BOOT = (
    "Hold BOOT, press and release EN, let BOOT go, and try again; other programs must not have "
    "the port open."
)


def esp32(image: Path, port: str, console: Callable[[str], None]) -> None:
    """Write the image with esptool and have the chip compare it. Raises ToolError."""
    baud = _BAUD_ELSEWHERE if "://" in port else _BAUD
    common = [sys.executable, "-m", "esptool", "--chip", "esp32", "--port", port, "--baud", baud]
    for command in ("write-flash", "verify-flash"):
        console(f"esptool {command} {ESP32_OFFSET} {image.name}")
        try:
            done = subprocess.run(
                [*common, command, ESP32_OFFSET, str(image)],
                check=False,
                capture_output=True,
                text=True,
                timeout=_ESPTOOL_S,
            )
        except subprocess.TimeoutExpired:
            raise ToolError(Exit.NO_ANSWER, f"esptool {command}: no end.", _HOLD_BOOT) from None
        if done.returncode:
            said = (done.stdout + done.stderr).strip().splitlines()[-3:]
            text = f"esptool {command} failed:\n  " + "\n  ".join(said)
            raise ToolError(Exit.NO_ANSWER, text, _HOLD_BOOT)


def to_boot_loader(device: Device) -> None:
    """A Pico that runs MicroPython shows its drive next. Its outputs must be safe already."""
    try:
        device.run(_TO_BOOT_LOADER, _BOOT_LOADER_S)
    except ToolError as error:
        if error.code != Exit.NO_ANSWER:
            raise  # it is expected to fall silent, not to complain


def drive(given: Path | None = None, wait_s: float = _APPEARS_S) -> Path:
    """The one mounted drive of an RP2040's boot loader. Raises ToolError for none or several."""
    until = time.monotonic() + wait_s
    while not (found := [given] if given else list(drives())) and time.monotonic() < until:
        time.sleep(_POLL_S)
    if not found or not _is_boot_loader(found[0]):
        where = given or "this computer"
        raise ToolError(Exit.NOT_FOUND, f"No RPI-RP2 drive on {where}.", _HOLD_BOOTSEL)
    if len(found) > 1:
        raise ToolError(
            Exit.REFUSED,
            f"Several RPI-RP2 drives: {', '.join(map(str, found))}.",
            "Unplug all boards but one, or name the drive with --drive.",
        )
    return found[0]


def drives(roots: Iterable[Path] | None = None) -> Iterable[Path]:
    """Mounted drives of RP2040 boot loaders."""
    return sorted(path for path in (roots or _mounted()) if _is_boot_loader(path))


def pico(image: Path, target: Path) -> None:
    """Copy the UF2; done when the board has taken it and the drive is gone. Raises ToolError."""
    data = image.read_bytes()
    try:
        with (target / image.name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if _is_boot_loader(target):  # the board reboots at the last block, sometimes before fsync
            text = f"{target} cannot be written: {error.strerror}."
            raise ToolError(
                Exit.REFUSED, text, "Can you write there? Plug the board in again."
            ) from None
    until = time.monotonic() + _ACCEPTS_S
    while _is_boot_loader(target):
        if time.monotonic() > until:
            text = f"The board did not restart: {target} is still there."
            raise ToolError(Exit.NO_ANSWER, text, "Plug it in again with BOOTSEL held and repeat.")
        time.sleep(_POLL_S)


def _mounted() -> Iterable[Path]:
    """Places where systems mount removable drives."""
    if sys.platform == "win32":
        return [Path(f"{letter}:/") for letter in string.ascii_uppercase]
    folders = (("/media", "*/*"), ("/media", "*"), ("/run/media", "*/*"), ("/Volumes", "*"))
    return {path for root, pattern in folders for path in Path(root).glob(pattern)}


def _is_boot_loader(path: Path) -> bool:
    try:
        about = (path / _DRIVE_MARK).read_text(errors="replace")
    except OSError:
        return False
    return any(f"Board-ID: {name}" in about for name in _DRIVE_IDS)
