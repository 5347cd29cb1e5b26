"""The flash caches, left on while the program believes them off.

For every piece of flash that is read or written the image turns both caches off and on again, and
each time QEMU builds its memory map anew and forgets all translated code: 10 ms and more that a
chip does not take, enough for the station's watchdog, and on a busy computer for the image's own,
which it then reports as "Cache error". What the caches show does not change by it: so they stay
on, and in the memory of the running chip the two functions of the image that switch them are made
to return at once, the first time that each is met. The image in flash is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import EmulatorError
from . import gdb
from .chip import Chip, Watched

# ESP32 technical reference manual, chapter 5: of the two CPUs.
_CONTROL = (0x3FF0_0040, 0x3FF0_0058)
_MAPS = (0x3FF1_0000, 0x3FF1_2000)
_MAP_WORDS = 256
_ON = 1 << 3
_FLUSH = 1 << 4

# Where the image has code that runs without the caches; below lies the ROM.
_IRAM = (0x4008_0000, 0x400A_0000)
_FUNCTION_MAX = 256
# Xtensa ISA: "entry a1, ..." begins every function, at a multiple of four; "retw.n" leaves it.
_ENTRY, _ENTRY_MASK, _ENTRY_BYTES = 0x136, 0xFFF, 3
_RETURN = b"\x1d\xf0"


class Caches:
    """chip: whose registers these are."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._withheld: dict[int, int] = {}  # by control register: what would have turned it off
        self._remapped: set[int] = set()  # control registers
        self._skipped: set[int] = set()  # functions that return at once

    def watched(self) -> Sequence[Watched]:
        maps = (Watched(gdb.WRITE, first, _MAP_WORDS) for first in _MAPS)
        return (*(Watched(gdb.WRITE, address) for address in _CONTROL), *maps)

    def store(self, _now_ms: float, address: int, value: int) -> int | None:
        if address not in _CONTROL:
            return self._map(address, value)
        self._skip()
        if not value & _ON:
            self._withheld[address] = value
            return value if value & _FLUSH else None
        off = self._withheld.pop(address, None)
        if off is not None and address in self._remapped:
            self._chip.write(address, off)
        self._remapped.discard(address)
        return value

    def load(self, _now_ms: float, address: int) -> int:
        raise EmulatorError(f"cache register {address:#x} is not watched for reading")

    def _map(self, address: int, value: int) -> int | None:
        control = _CONTROL[address >= _MAPS[1]]
        if not self._skipped:
            self._remapped.add(control)
            return value
        self._chip.write(address, value)  # nobody will turn the cache off and on for it
        (on,) = self._chip.read(control, 1)
        self._chip.write(control, on & ~_ON)
        self._chip.write(control, on)
        return None

    def _skip(self) -> None:
        """Let the function that the program is in return at once, from its next call on."""
        place = self._chip.pc
        if not _IRAM[0] <= place < _IRAM[1]:
            return
        last = place & ~3
        code = self._chip.read(last - _FUNCTION_MAX, _FUNCTION_MAX // 4 + 1)
        for back, word in enumerate(reversed(code)):
            if word & _ENTRY_MASK == _ENTRY:
                self._return_from(last - 4 * back)
                return
        raise EmulatorError(f"a cache is switched at {place:#x}, in no function")

    def _return_from(self, function: int) -> None:
        if function in self._skipped:
            return
        self._skipped.add(function)
        self._chip.patch(function + _ENTRY_BYTES, _RETURN)
