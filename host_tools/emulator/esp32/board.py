"""An ESP32 under power: the real image in QEMU, its pins, pulses and I2C at the bench."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from virtual.bench import Bench
from virtual.people import Stage

from ..errors import EmulatorError
from . import flash, qemu
from .caches import Caches
from .chip import Chip
from .wiring import Wiring

_QUIET_S = 0.05
_DEAD_S = 900.0  # loading the firmware touches no pin and takes minutes
_FLASH = qemu.FLASH
_CONSOLE = qemu.CONSOLE
_RESET_MARK = b"rst:0x"  # the boot ROM's first word after every reset


class Esp32:
    """area: where its file system lies. EmulatorError when image and files do not fit."""

    def __init__(
        self,
        program: Path,
        contents: tuple[bytes, bytes],
        board: Mapping[str, Any],
        bench: Bench,
        ports: tuple[int, int],
    ) -> None:
        """contents: image, file system; board: board.json; ports: the guest's, 127.0.0.1's."""
        flash_bytes = board["flash_kb"] * 1024
        self.area = flash.files_area(contents[0], flash_bytes)
        self._program = program
        self._ports = ports
        self._left = {_FLASH: flash.compose(*contents, flash_bytes), _CONSOLE: b""}
        self._place: Path | None = None
        self._chip: Chip | None = None
        self._wiring = Wiring(
            bench, board, lambda address, count: self._running.read(address, count)
        )

    @property
    def stage(self) -> Stage:
        """People at the cabinet."""
        return self._wiring.stage

    @property
    def now_ms(self) -> float:
        """The chip's time since its image started."""
        return self._chip.now_ms if self._chip else 0.0

    @property
    def armed_ms(self) -> float:
        """When the keypad was first scanned, after the first door step; 0 before."""
        return self._wiring.scanned_ms

    @property
    def resets(self) -> int:
        """How often the chip was reset since power-on."""
        return max(0, self._kept(_CONSOLE).count(_RESET_MARK) - 1)

    def files(self) -> bytes:
        """The file system as it lies in flash at this moment, as after a power cut."""
        return self._kept(_FLASH)[self.area.start : self.area.end]

    @contextmanager
    def powered(self) -> Iterator[None]:
        """On inside the block. What it left in flash and on its console stays."""
        with tempfile.TemporaryDirectory(prefix="latchwork-esp32-") as name:
            self._place = place = Path(name)
            (place / _FLASH).write_bytes(self._left[_FLASH])
            arguments = qemu.command(self._program, place, *self._ports)
            try:
                with qemu.running(arguments, place) as debugger:
                    self._chip = Chip(debugger, self._wiring.advance)
                    self._chip.start([*self._wiring.parts(), Caches(self._chip)])
                    yield
            finally:
                self._left = {file: self._kept(file) for file in self._left}
                self._place = None

    async def run(self, until: Callable[[], bool], limit_ms: float) -> bool:
        """Let time pass until until() holds; False when it does not within limit_ms on the chip.

        EmulatorError when the program does what the bench cannot follow, or nothing for too long.
        """
        end_ms = self.now_ms + limit_ms
        alive_s = time.monotonic()
        while not until():
            if self.now_ms >= end_ms:
                return False
            if self._running.step(_QUIET_S):
                alive_s = time.monotonic()
            elif time.monotonic() - alive_s > _DEAD_S:
                raise EmulatorError(f"the program has touched no pin for {_DEAD_S:.0f} s")
            await asyncio.sleep(0)
        return True

    def _kept(self, file: str) -> bytes:
        path = self._place / file if self._place else None
        return path.read_bytes() if path and path.exists() else self._left[file]

    @property
    def _running(self) -> Chip:
        if self._chip is None:
            raise EmulatorError("the board has no power")
        return self._chip
