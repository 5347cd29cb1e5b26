"""I2C controller 0 on the bench's bus: its command list is carried out when it starts.

QEMU's model acknowledges every address and reads zeros: what was written is taken from the FIFO's
register, what is read is put in its place. ESP32 technical reference manual, chapter 11.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from virtual.i2c import Device, I2CBus

from ..errors import EmulatorError
from . import gdb
from .chip import Reader, Watched

_BASE = 0x3FF5_3000
_CONTROL = _BASE + 0x04
_FIFO_CONFIG = _BASE + 0x18
_FIFO = _BASE + 0x1C
_FIFO_AHB = 0x6001_301C  # where the image writes the FIFO
_COMMANDS = _BASE + 0x58
_COMMAND_COUNT = 16
_START_TRANSFER = 1 << 5
_EMPTY_SEND = 1 << 13
_RESTART, _WRITE, _READ, _STOP, _END = range(5)


class TwoWire:
    """Bytes take their time on the bus, though the emulator's transfer ends at once."""

    def __init__(self, bus: I2CBus, read: Reader) -> None:
        self._bus = bus
        self._read = read
        self._to_send: deque[int] = deque()
        self._received: deque[int] = deque()
        self._device: Device | None = None
        self._addressed = False
        self._at_ms = 0.0

    def watched(self) -> Sequence[Watched]:
        return (
            Watched(gdb.WRITE, _CONTROL),
            Watched(gdb.WRITE, _FIFO_CONFIG, 2),
            Watched(gdb.WRITE, _FIFO_AHB),
            Watched(gdb.READ, _FIFO),
        )

    def store(self, now_ms: float, address: int, value: int) -> int:
        """EmulatorError for an address that nobody has: the model cannot refuse it."""
        if address in (_FIFO, _FIFO_AHB):
            self._to_send.append(value & 0xFF)
        elif address == _FIFO_CONFIG and value & _EMPTY_SEND:
            self._to_send.clear()
        elif address == _CONTROL and value & _START_TRANSFER:
            self._at_ms = max(self._at_ms, now_ms)
            for command in self._read(_COMMANDS, _COMMAND_COUNT):
                if not self._carry_out(command >> 11 & 7, command & 0xFF):
                    break
        return value

    def load(self, now_ms: float, address: int) -> int:
        self._read(address, 1)  # so that the model counts the byte as taken
        return self._received.popleft() if self._received else 0

    def _carry_out(self, what: int, count: int) -> bool:
        """One command; False after the last."""
        if what == _RESTART:
            self._addressed = False
        elif what == _WRITE:
            for _ in range(count):
                self._send(self._to_send.popleft())
        elif what == _READ and self._device is not None:
            for _ in range(count):
                self._received.append(self._device.read_byte(self._byte()))
        return what not in (_STOP, _END)

    def _send(self, value: int) -> None:
        at_ms = self._byte()
        if self._addressed and self._device is not None:
            self._device.write_byte(at_ms, value)
            return
        if value >> 1 in self._bus.unplugged or value >> 1 not in self._bus.devices:
            raise EmulatorError(f"nobody on the bench has the I2C address {value >> 1:#04x}")
        self._device, self._addressed = self._bus.devices[value >> 1], True
        self._device.start(at_ms, bool(value & 1))

    def _byte(self) -> float:
        self._at_ms += self._bus.byte_ms
        return self._at_ms
