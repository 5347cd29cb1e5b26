"""The two-wire bus: devices by address, byte by byte, each byte at its own time."""

from __future__ import annotations

from typing import Protocol

_BITS_A_BYTE = 9


class Device(Protocol):
    """What the bus (or an emulator's I2C peripheral) needs of a device model."""

    def start(self, now_ms: float, reading: bool) -> None: ...
    def write_byte(self, now_ms: float, value: int) -> None: ...
    def read_byte(self, now_ms: float) -> int: ...


class I2CBus:
    """Transfers take their time on the bus: the next one starts when the last has ended."""

    def __init__(self, hz: int = 100_000) -> None:
        self.devices: dict[int, Device] = {}
        self.unplugged: set[int] = set()
        self.byte_ms = 1000 * _BITS_A_BYTE / hz
        self._free_ms = 0.0

    def write(self, now_ms: float, address: int, data: bytes) -> bool:
        """Write transfer; False when nobody acknowledges the address."""
        device, at = self._begin(now_ms, address)
        if device is None:
            return False
        device.start(at, False)
        for value in data:
            at += self.byte_ms
            device.write_byte(at, value)
        self._free_ms = at
        return True

    def read(self, now_ms: float, address: int, register: int, n: int) -> bytes | None:
        """Set the register, repeated start, read n bytes; None when nobody acknowledges."""
        if not self.write(now_ms, address, bytes((register,))):
            return None
        device, at = self._begin(now_ms, address)
        if device is None:
            return None
        device.start(at, True)
        data = bytearray()
        for _ in range(n):
            at += self.byte_ms
            data.append(device.read_byte(at))
        self._free_ms = at
        return bytes(data)

    def _begin(self, now_ms: float, address: int) -> tuple[Device | None, float]:
        at = max(now_ms, self._free_ms) + self.byte_ms
        self._free_ms = at
        return None if address in self.unplugged else self.devices.get(address), at
