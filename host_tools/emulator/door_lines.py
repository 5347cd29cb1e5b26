"""What lies between the pins of an emulated board and its doors: wires, or chips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rp2040py.clock.clock import IClock
from rp2040py.gpio_pin import GPIOPinState
from rp2040py.rp2040 import RP2040

from virtual.cabinet import Cabinet
from virtual.i2c import I2CBus

from .expanders import Mcp23017, ShiftRegisters
from .twowire import TwoWire

_OUTPUTS_EACH = 8  # of a 74HC595
_DOORS_EACH = 7  # of an MCP23017
_HZ = 400_000
_LOW7 = 0x7F


class DoorLines(Protocol):
    """pins: outputs of the chip that decide which coil is on."""

    pins: list[int]

    def coils(self) -> int:
        """Bit d-1: door d's coil would get current if the series enable were on."""
        ...

    def show(self, now_ms: float) -> None:
        """Bring the contacts to the chip's inputs."""
        ...

    def reset(self) -> None:
        """The controller was reset; other chips were not."""
        ...


def is_high(chip: RP2040, pin: int) -> bool:
    """The level that the controller drives."""
    return bool(chip.gpio[pin].value == GPIOPinState.HIGH)


class Direct:
    """A pin for each coil and each contact."""

    def __init__(self, chip: RP2040, cabinet: Cabinet, board: Mapping[str, Any]) -> None:
        self._chip = chip
        self._cabinet = cabinet
        self._doors: list[dict[str, Any]] = board["doors"]
        self._active = board["coils"]["active"] == "high"
        self._contacts: dict[str, str] = board["contacts"]
        self._inputs: dict[int, bool] = {}
        self.pins = [door["coil"] for door in self._doors]

    def coils(self) -> int:
        return sum(
            (is_high(self._chip, pin) == self._active) << bit for bit, pin in enumerate(self.pins)
        )

    def show(self, now_ms: float) -> None:
        closed, locked = self._cabinet.reeds(now_ms), self._cabinet.latches(now_ms)
        reed_low = self._contacts["reed_closed"] == "low"
        latch_low = self._contacts["latch_locked"] == "low"
        for bit, door in enumerate(self._doors):
            self._set(door["reed"], bool(closed >> bit & 1) != reed_low)
            self._set(door["latch"], bool(locked >> bit & 1) != latch_low)

    def reset(self) -> None:
        """Wires remember nothing."""

    def _set(self, pin: int, level: bool) -> None:
        if self._inputs.get(pin) != level:
            self._inputs[pin] = level
            self._chip.gpio[pin].set_input_value(level)


def _when_it_rises(act: Callable[[], None]) -> Callable[[GPIOPinState, GPIOPinState], None]:
    def changed(new: GPIOPinState, old: GPIOPinState) -> None:
        if new == GPIOPinState.HIGH and old != GPIOPinState.HIGH:
            act()

    return changed


class Expanded:
    """Shift registers for the coils, MCP23017s on a bus of their own for the contacts.

    chain, expanders and bus are public: unplug an address, garble or power_up() a chip. opened:
    what stood at the registers' outputs each time that FIRE opened them.
    """

    def __init__(
        self, chip: RP2040, clock: IClock, cabinet: Cabinet, board: Mapping[str, Any]
    ) -> None:
        self._chip = chip
        self._cabinet = cabinet
        self._contacts: dict[str, str] = board["contacts"]
        self._expander: dict[str, int] = board["expander"]
        doors = len(board["doors"])
        self.pins = [self._expander["fire"]]
        self.chain = ShiftRegisters(-(-doors // _OUTPUTS_EACH))
        self.expanders = [self._contact_chip(first) for first in range(0, doors, _DOORS_EACH)]
        self.opened: list[int] = []
        self.bus = I2CBus(_HZ)
        for index, device in enumerate(self.expanders):
            self.bus.devices[self._expander["first_address"] + index] = device
        controller = chip.i2c[1 - board["i2c"].get("id", 0)]
        self._two_wire = TwoWire(controller, self.bus, clock, _HZ)
        self._wire()

    def coils(self) -> int:
        return self.chain.stored if is_high(self._chip, self._expander["fire"]) else 0

    def show(self, _now_ms: float) -> None:
        """The expanders look at the contacts themselves when they are asked."""

    def reset(self) -> None:
        self._two_wire.reset()

    def hold_sda(self, held: bool) -> None:
        """A chip that was left in the middle of a byte, or a crushed cable."""
        self._two_wire.held = held
        self._chip.gpio[self._expander["sda"]].set_input_value(not held)

    def _wire(self) -> None:
        for name, act in (("clock", self._shift), ("latch", self._store), ("fire", self._open)):
            self._chip.gpio[self._expander[name]].add_listener(_when_it_rises(act))
        for name in ("sda", "scl"):  # pull-ups
            self._chip.gpio[self._expander[name]].set_input_value(True)

    def _shift(self) -> None:
        self.chain.shift(is_high(self._chip, self._expander["data"]))
        self._chip.gpio[self._expander["back"]].set_input_value(self.chain.back)

    def _store(self) -> None:
        self.chain.store()

    def _open(self) -> None:
        self.opened.append(self.chain.stored)

    def _contact_chip(self, first: int) -> Mcp23017:
        """Its seven doors, from bit first of the cabinet's masks on."""

        def closed(now_ms: float) -> tuple[int, int]:
            reeds, latches = self._cabinet.reeds(now_ms), self._cabinet.latches(now_ms)
            if self._contacts["reed_closed"] != "low":
                reeds = ~reeds
            if self._contacts["latch_locked"] != "low":
                latches = ~latches
            return reeds >> first & _LOW7, latches >> first & _LOW7

        return Mcp23017(closed)
