"""The chip's I2C controller on the bench's bus: each byte comes when it would be there."""

from __future__ import annotations

from collections.abc import Callable

from rp2040py.clock.clock import IClock
from rp2040py.peripherals.i2c import RPI2C, I2CMode

from virtual.i2c import Device, I2CBus

_BITS_A_BYTE = 9


class TwoWire:
    """Wires the controller's callbacks. hz: of the bus; the chip's own divider is not asked.

    held: something holds SDA low, and no transfer comes to an end.
    """

    def __init__(self, controller: RPI2C, bus: I2CBus, clock: IClock, hz: int) -> None:
        self._controller = controller
        self._bus = bus
        self._clock = clock
        self._byte_ns = 1e9 * _BITS_A_BYTE / hz
        self._device: Device | None = None
        self.held = False
        self._next: Callable[[], None] = _nothing
        self._alarm = clock.create_alarm(lambda: self._next())
        controller.on_connect = self._connect
        controller.on_write_byte = self._write
        controller.on_read_byte = self._read

    def reset(self) -> None:
        """The chip was reset: a transfer under way is not finished."""
        self._alarm.cancel()

    def _connect(self, address: int, mode: I2CMode) -> None:
        there = address not in self._bus.unplugged
        self._device = self._bus.devices.get(address) if there else None

        def answer() -> None:
            if self._device is not None:
                self._device.start(self._now_ms(), mode == I2CMode.READ)
            self._controller.complete_connect(self._device is not None)

        self._after_a_byte(answer)

    def _write(self, value: int) -> None:
        def take() -> None:
            if self._device is not None:
                self._device.write_byte(self._now_ms(), value)
            self._controller.complete_write(self._device is not None)

        self._after_a_byte(take)

    def _read(self, _more: bool) -> None:
        def give() -> None:
            device = self._device
            self._controller.complete_read(device.read_byte(self._now_ms()) if device else 0xFF)

        self._after_a_byte(give)

    def _after_a_byte(self, then: Callable[[], None]) -> None:
        if self.held:
            return
        self._next = then
        self._alarm.schedule(self._byte_ns)

    def _now_ms(self) -> float:
        return self._clock.nanos / 1e6


def _nothing() -> None:
    """Before the first transfer."""
