"""The flash caches, left on while the program believes them off.

For every piece of flash that is read or written the image turns both caches off and on again, and
each time QEMU builds its memory map anew and forgets all translated code: 10 ms and more that a
chip does not take, enough for the station's watchdog. What the caches show does not change by it:
so the caches stay on, unless the program has changed what they map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import EmulatorError
from . import gdb
from .chip import Watched

# ESP32 technical reference manual, chapter 5: of the two CPUs.
_CONTROL = (0x3FF0_0040, 0x3FF0_0058)
_MAPS = (0x3FF1_0000, 0x3FF1_2000)
_MAP_WORDS = 256
_ON = 1 << 3
_FLUSH = 1 << 4


class Caches:
    """write: puts a word into a register, past this part."""

    def __init__(self, write: Callable[[int, int], None]) -> None:
        self._write = write
        self._withheld: dict[int, int] = {}  # by control register: what would have turned it off
        self._remapped: set[int] = set()  # control registers

    def watched(self) -> Sequence[Watched]:
        maps = (Watched(gdb.WRITE, first, _MAP_WORDS) for first in _MAPS)
        return (*(Watched(gdb.WRITE, address) for address in _CONTROL), *maps)

    def store(self, _now_ms: float, address: int, value: int) -> int | None:
        if address not in _CONTROL:
            self._remapped.add(_CONTROL[address >= _MAPS[1]])
            return value
        if not value & _ON:
            self._withheld[address] = value
            return value if value & _FLUSH else None
        off = self._withheld.pop(address, None)
        if off is not None and address in self._remapped:
            self._write(address, off)
        self._remapped.discard(address)
        return value

    def load(self, _now_ms: float, address: int) -> int:
        raise EmulatorError(f"cache register {address:#x} is not watched for reading")
