"""Chips that give a board 24 doors: a chain of 74HC595 and MCP23017s, as their datasheets say.

Nothing here knows an emulator: lines and bytes go in, levels come out.
"""

from __future__ import annotations

from collections.abc import Callable

_IODIR, _GPPU, _GPIO, _OLAT = 0x00, 0x0C, 0x12, 0x14
_REGISTERS = 22  # with IOCON.BANK = 0, where port A and B lie side by side
_POWER_UP = b"\xff\xff" + bytes(_REGISTERS - 2)
_NOISE = 0xA5C396


class ShiftRegisters:
    """74HC595s in a row, flip-flop by flip-flop (Nexperia 74HC595, table 3). Power up with noise.

    count: how many; stored: what the outputs show while OE# is low, bit 0 = QA of the first.
    cut: QH' does not reach the controller.
    """

    def __init__(self, count: int) -> None:
        self._mask = (1 << 8 * count) - 1
        self._stages = self.stored = _NOISE & self._mask
        self.cut = False

    def shift(self, data: bool) -> None:
        """A rising edge of SRCLK."""
        self._stages = (self._stages << 1 | data) & self._mask

    def store(self) -> None:
        """A rising edge of RCLK."""
        self.stored = self._stages

    @property
    def back(self) -> bool:
        """QH' of the last one."""
        return bool(self._stages > self._mask >> 1) and not self.cut


class Mcp23017:
    """Registers and ports (Microchip DS20001952D), a device of a virtual.i2c bus.

    closed: (port A, port B) inputs that contacts pull to ground at a time; an input without its
    pull-up floats, and reads low here, as a closed contact would. garbled: every byte is that.
    """

    def __init__(self, closed: Callable[[float], tuple[int, int]]) -> None:
        self._closed = closed
        self.garbled: int | None = None
        self.power_up()

    def power_up(self) -> None:
        """After its supply was away."""
        self.registers = bytearray(_POWER_UP)
        self._pointer = 0
        self._first = False

    def start(self, _now_ms: float, reading: bool) -> None:
        """Addressed. The first byte of a write names the register."""
        self._first = not reading

    def write_byte(self, _now_ms: float, value: int) -> None:
        if self._first:
            self._pointer, self._first = value % _REGISTERS, False
            return
        self.registers[self._pointer] = value
        self._pointer = (self._pointer + 1) % _REGISTERS

    def read_byte(self, now_ms: float) -> int:
        at = self._pointer
        self._pointer = (at + 1) % _REGISTERS
        if self.garbled is not None:
            return self.garbled
        return self._port(now_ms, at - _GPIO) if at in (_GPIO, _GPIO + 1) else self.registers[at]

    def _port(self, now_ms: float, port: int) -> int:
        inputs = self.registers[_IODIR + port]
        high = self.registers[_GPPU + port] & ~self._closed(now_ms)[port]
        return inputs & high | self.registers[_OLAT + port] & ~inputs & 0xFF
