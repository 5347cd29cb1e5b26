"""The chip's I2C controller on the bench's bus: each byte comes when it would be there."""

from __future__ import annotations

from collections.abc import Callable

from rp2040py.clock.clock import IClock
from rp2040py.peripherals.i2c import R_TX_EMPTY, RPI2C, I2CMode
from rp2040py.peripherals.reset import RESET, RESET_I2C0, RESET_I2C1
from rp2040py.rp2040 import RP2040

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
                self._controller.complete_connect(True)
            else:
                self._refuse()

        self._after_a_byte(answer)

    def _refuse(self) -> None:
        """A refusal empties the FIFO, which the chip tells and the emulator does not: without it
        the SDK waits for its time-out and leaves the abort to the next transfer.
        """
        self._controller.complete_connect(False)
        self._controller._set_interrupts(R_TX_EMPTY)

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


def follow_resets(chip: RP2040) -> None:
    """Let the chip's reset register reach its I2C controllers: the emulator only notes it, and a
    controller that waits for a bus would wait for ever.
    """
    notes = chip.resets.write_uint32

    def write(offset: int, value: int) -> None:
        if offset == RESET:
            for bit, controller in zip((RESET_I2C0, RESET_I2C1), chip.i2c, strict=True):
                if value & bit:
                    controller.reset()
        notes(offset, value)

    chip.resets.write_uint32 = write  # type: ignore[method-assign]


def _nothing() -> None:
    """Before the first transfer."""
