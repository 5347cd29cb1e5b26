"""GPIO and its matrix: what the program drives, and what it reads in place of the model's levels.

ESP32 technical reference manual, chapter 4. Every write is seen, so the registers are kept here;
the emulator's own model knows no output above GPIO 31.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import EmulatorError
from . import gdb, rmt
from .chip import Watched
from .rmt import Rmt

_BASE = 0x3FF4_4000
_OUTPUTS = 0x04
_OUTPUT_WORDS = 13
_IN = 0x3C
_IN1 = 0x40
_MATRIX = 0x530
_SIGNAL = 0x1FF
_PLAIN = 0x100  # the matrix signal of a pin that its own output register drives
_BANK = 32
_OUT, _ENABLE = "out", "enable"

# By offset: which bits, the first pin, and what a one does to them.
_WRITES = {
    0x04: (_OUT, 0, "copy"),
    0x08: (_OUT, 0, "set"),
    0x0C: (_OUT, 0, "clear"),
    0x10: (_OUT, _BANK, "copy"),
    0x14: (_OUT, _BANK, "set"),
    0x18: (_OUT, _BANK, "clear"),
    0x20: (_ENABLE, 0, "copy"),
    0x24: (_ENABLE, 0, "set"),
    0x28: (_ENABLE, 0, "clear"),
    0x2C: (_ENABLE, _BANK, "copy"),
    0x30: (_ENABLE, _BANK, "set"),
    0x34: (_ENABLE, _BANK, "clear"),
}


class Pins:
    """changed(now_ms): called after a write that changed an output.

    inputs(now_ms): the levels of all pins as bits, asked at every read. routed: pins that the
    program may hand to the RMT.
    """

    def __init__(
        self,
        trains: Rmt,
        routed: Sequence[int],
        changed: Callable[[float], None],
        inputs: Callable[[float], int],
    ) -> None:
        self._trains = trains
        self._matrix = dict.fromkeys(routed, _PLAIN)
        self._changed = changed
        self._inputs = inputs
        self._bits = {_OUT: 0, _ENABLE: 0}

    def watched(self) -> Sequence[Watched]:
        routes = (Watched(gdb.WRITE, _BASE + _MATRIX + 4 * pin) for pin in self._matrix)
        return (
            Watched(gdb.WRITE, _BASE + _OUTPUTS, _OUTPUT_WORDS),
            Watched(gdb.READ, _BASE + _IN, 2),
            *routes,
        )

    def store(self, now_ms: float, address: int, value: int) -> int:
        offset = address - _BASE
        if offset in _WRITES:
            self._write(*_WRITES[offset], value)
        elif offset >= _MATRIX:
            self._matrix[(offset - _MATRIX) // 4] = value & _SIGNAL
        self._changed(now_ms)
        return value

    def load(self, now_ms: float, address: int) -> int:
        """A pin that is not wired reads low."""
        return self._inputs(now_ms) >> (_BANK if address - _BASE == _IN1 else 0) & 0xFFFF_FFFF

    def high(self, pin: int) -> bool:
        """Driven high, by the output register or by the RMT."""
        signal = self._matrix.get(pin, _PLAIN)
        if signal == _PLAIN:
            return bool(self._bits[_OUT] & self._bits[_ENABLE] & 1 << pin)
        if not 0 <= signal - rmt.FIRST_SIGNAL < rmt.CHANNELS:
            raise EmulatorError(f"GPIO {pin} is handed to signal {signal}, no RMT channel")
        return self._trains.level[signal - rmt.FIRST_SIGNAL]

    def low(self, pin: int) -> bool:
        """Driven low, as an open-drain output does."""
        return bool(self._bits[_ENABLE] & ~self._bits[_OUT] & 1 << pin)

    def _write(self, name: str, first: int, how: str, value: int) -> None:
        bits, ones = self._bits[name], value << first
        if how == "copy":
            self._bits[name] = bits & ~(0xFFFF_FFFF << first) | ones
        else:
            self._bits[name] = bits | ones if how == "set" else bits & ~ones
