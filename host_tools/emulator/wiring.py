"""The wires between an emulated RP2040 and the bench, as board.json names the pins.

Outputs are followed edge by edge, inputs are set twice a millisecond, I2C goes byte by byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rp2040py.clock.clock import IClock
from rp2040py.gpio_pin import GPIOPinState
from rp2040py.rp2040 import RP2040

from virtual.bench import Bench
from virtual.people import Stage

from .door_lines import Direct, DoorLines, Expanded, is_high
from .twowire import TwoWire, follow_resets

_STEP_NS = 500_000.0
# The emulator's PIO takes one step for each time that a sleeping CPU skips, however long. While a
# coil is on, nothing longer than this is skipped, and a pulse keeps its length.
_PULSE_STEP_NS = 1_000.0


class Wiring:
    """Drives the bench and the stories on it by the chip's clock. stage: people at the cabinet;
    doors: what lies between the chip's pins and the doors.
    """

    def __init__(
        self, chip: RP2040, clock: IClock, bench: Bench, board: Mapping[str, Any]
    ) -> None:
        self.bench = bench
        self.stage = Stage(bench)
        self._chip = chip
        self._clock = clock
        self._board = board
        self._inputs: dict[int, bool] = {}
        bus = board["i2c"]
        follow_resets(chip)
        self._two_wire = TwoWire(chip.i2c[bus.get("id", 0)], bench.bus, clock, bus["hz"])
        self.doors: DoorLines = (
            Expanded(chip, clock, bench.cabinet, board)
            if "expander" in board
            else Direct(chip, bench.cabinet, board)
        )
        self._step_alarm = clock.create_alarm(self._step)
        self._pulse_alarm = clock.create_alarm(self._stay_awake)
        self._listen()
        self._step()

    @property
    def now_ms(self) -> float:
        """The chip's time since power-on."""
        return self._clock.nanos / 1e6

    def chip_was_reset(self) -> None:
        """Reset levels reach no listener: look at every output again."""
        self._two_wire.reset()
        self.doors.reset()
        self._coils()
        self._signals()
        self._keys()

    def _listen(self) -> None:
        coils, lamps = self._board["coils"], self._board["signals"]
        for pin in [coils["enable"], *self.doors.pins]:
            self._chip.gpio[pin].add_listener(lambda _new, _old: self._coils())
        for pin in self._board["keypad"]["rows"]:
            self._chip.gpio[pin].add_listener(lambda _new, _old: self._keys())
        for pin in (lamps["red"], lamps["green"], lamps["beeper"]):
            self._chip.gpio[pin].add_listener(lambda _new, _old: self._signals())

    def _step(self) -> None:
        self.bench.advance(self.now_ms)
        self.stage.step()
        self.doors.show(self.now_ms)
        self._set(self._board["keypad"]["help"], not self.bench.keypad.help_down(self.now_ms))
        self._keys()
        self._step_alarm.schedule(_STEP_NS)

    def _stay_awake(self) -> None:
        if any(is_high(self._chip, pin) for pin in self.doors.pins):
            self._pulse_alarm.schedule(_PULSE_STEP_NS)

    def _coils(self) -> None:
        coils = self._board["coils"]
        enable = is_high(self._chip, coils["enable"])
        enabled = enable == (coils.get("enable_active", "high") == "high")
        self.bench.cabinet.drive(self.now_ms, self.doors.coils(), enabled)
        self._stay_awake()

    def _keys(self) -> None:
        keypad = self._board["keypad"]
        pulled = 0
        for row, pin in enumerate(keypad["rows"]):
            if self._chip.gpio[pin].value == GPIOPinState.LOW:
                pulled |= self.bench.keypad.columns(self.now_ms, row)
        for column, pin in enumerate(keypad["columns"]):
            self._set(pin, not pulled >> column & 1)

    def _signals(self) -> None:
        pins = self._board["signals"]
        levels = (is_high(self._chip, pins[name]) for name in ("red", "green", "beeper"))
        self.bench.signals.set(self.now_ms, *levels)

    def _set(self, pin: int, level: bool) -> None:
        if self._inputs.get(pin) != level:
            self._inputs[pin] = level
            self._chip.gpio[pin].set_input_value(level)
