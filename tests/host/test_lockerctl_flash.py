"""lockerctl flash: one drive, one chip, or a plain refusal."""

import subprocess
import threading
import time
from pathlib import Path

import pytest

from lockerctl import flash
from lockerctl.errors import Exit, ToolError

ABOUT = "UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n"


def mounted(folder: Path, about: str = ABOUT) -> Path:
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text(about)
    return folder


def test_only_boot_loaders_are_drives(tmp_path):
    pico = mounted(tmp_path / "pico")
    other = mounted(tmp_path / "other", "Board-ID: SAMD21\n")
    assert list(flash.drives([tmp_path, other, pico])) == [pico]


def test_no_drive_and_several_drives_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(flash, "_mounted", list)
    with pytest.raises(ToolError) as caught:
        flash.drive(wait_s=0)
    assert caught.value.code == Exit.NOT_FOUND and "BOOTSEL" in caught.value.hint
    both = [mounted(tmp_path / "a"), mounted(tmp_path / "b")]
    monkeypatch.setattr(flash, "_mounted", lambda: both)
    with pytest.raises(ToolError, match="Several") as caught:
        flash.drive(wait_s=0)
    assert caught.value.code == Exit.REFUSED
    assert flash.drive(both[1], wait_s=0) == both[1]
    with pytest.raises(ToolError, match="No RPI-RP2"):
        flash.drive(tmp_path, wait_s=0)


def test_the_image_is_copied_and_the_drive_must_go(tmp_path, monkeypatch):
    image = tmp_path / "image.uf2"
    image.write_bytes(b"UF2\n" * 1000)
    drive = mounted(tmp_path / "drive")

    def restart() -> None:
        while not (drive / "image.uf2").exists():
            time.sleep(0.01)
        (drive / "INFO_UF2.TXT").unlink()

    board = threading.Thread(target=restart)
    board.start()
    flash.pico(image, drive)
    board.join()
    assert (drive / "image.uf2").read_bytes() == image.read_bytes()
    (drive / "INFO_UF2.TXT").write_text(ABOUT)
    monkeypatch.setattr(flash, "_ACCEPTS_S", 0.1)
    with pytest.raises(ToolError, match="still there"):
        flash.pico(image, drive)


def test_esptool_writes_and_verifies_at_the_right_place(tmp_path, monkeypatch):
    ran = []

    def run(command, **_kwargs):
        ran.append(command[3:])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(flash.subprocess, "run", run)
    flash.esp32(tmp_path / "esp32.bin", "/dev/ttyUSB0", lambda _: None)
    common = ["--chip", "esp32", "--port", "/dev/ttyUSB0", "--baud", "460800"]
    end = ["0x1000", str(tmp_path / "esp32.bin")]
    assert ran == [[*common, "write-flash", *end], [*common, "verify-flash", *end]]


def test_esptool_without_a_chip_says_what_to_hold(tmp_path):
    with pytest.raises(ToolError, match="esptool write-flash failed") as caught:
        flash.esp32(tmp_path / "esp32.bin", str(tmp_path / "no-port"), lambda _: None)
    assert caught.value.code == Exit.NO_ANSWER and "BOOT" in caught.value.hint


def test_boot_loader_is_asked_for_and_silence_is_the_answer():
    class Silent:
        code = Exit.NO_ANSWER

        def run(self, code: str, limit_s: float) -> str:
            assert "bootloader" in code
            raise ToolError(self.code, "silent")

    flash.to_boot_loader(Silent())
    Silent.code = Exit.REJECTED
    with pytest.raises(ToolError):
        flash.to_boot_loader(Silent())
