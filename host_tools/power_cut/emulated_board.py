"""A Pico W whose power can go: the real image on the emulated chip, before the bench's cabinet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rp2040py.clock.clock import IClock

from emulator.pico_w import FILES
from emulator.pulse_chip import PulseChip
from emulator.wiring import Wiring
from virtual.bench import Bench

ERASE, PROGRAM = "erase", "program"
_SECTOR = 4096
_ERASES = {0x20: _SECTOR, 0xD8: 0x10000}  # command -> bytes
_PROGRAM = 0x02

# (kind, address within the file system, bytes that it leaves there, code site): what torn() takes.
Operation = tuple[str, int, bytes, str]


@dataclass
class BenchTime:
    """The chip's time begins anew at power-on, the bench's goes on."""

    clock: IClock
    offset_ns: float

    @property
    def nanos(self) -> float:
        """Since the bench began."""
        return float(self.clock.nanos) + self.offset_ns

    def create_alarm(self, callback: Callable[[], None]) -> Any:
        """As the chip's clock makes it: alarms count from now."""
        return self.clock.create_alarm(callback)


class CutChip(PulseChip):
    """From power-on. before_operation: called before the flash obeys, if given."""

    def __init__(self, image: Path, files: bytes, board: dict[str, Any], bench: Bench) -> None:
        coils = [door["coil"] for door in board["doors"]] + [board["coils"]["enable"]]
        super().__init__(image, files, coils, usb=False)
        self.before_operation: Callable[[Operation], None] | None = None
        time = BenchTime(self._clock, bench.now_ms * 1e6)
        self.wiring = Wiring(self._chip, cast(IClock, time), bench, board)
        self._watch_flash()

    @property
    def armed(self) -> bool:
        """The watchdog runs: the first door step has come to its end."""
        return bool(self._chip.watchdog.timer.enable)

    def files(self) -> bytearray:
        """The file system as it lies in flash."""
        return bytearray(self._chip.flash[FILES.start : FILES.end])

    def _watch_flash(self) -> None:
        ssi = self._chip.ssi
        applies = ssi._apply_command

        def apply() -> None:
            operation = self._operation(bytes(ssi._tx_buffer)) if ssi._write_enabled else None
            if operation and self.before_operation:
                self.before_operation(operation)
            applies()

        ssi._apply_command = apply  # type: ignore[method-assign]

    def _operation(self, command: bytes) -> Operation | None:
        """What a flash command is about to do to the file system; None for anything else."""
        at = int.from_bytes(command[1:4], "big") - FILES.start
        if at < 0:
            return None
        if command[0] in _ERASES:
            return ERASE, at, b"\xff" * _ERASES[command[0]], ""
        if command[0] == _PROGRAM:
            new = command[4:]
            old = self._chip.flash[FILES.start + at :][: len(new)]
            return PROGRAM, at, bytes(a & b for a, b in zip(old, new, strict=True)), ""
        return None
