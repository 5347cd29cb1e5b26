"""Raspberry Pi Pico W with 74HC595 and MCP23017 chips: coils and contacts of up to 24 doors, and
everything else as on the board without them. See make().
"""

import machine
from locker.drivers.hc595 import GatedCoils, ShiftRegister
from locker.drivers.mcp23017 import ExpanderContacts, free_bus
from machine import Pin
from micropython import const
from pico_w.hal import Coils, PicoWHal

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

_HZ = const(400_000)
_TIMEOUT_US = const(1_000)  # the longest transfer takes 400
_DOORS_EACH = const(7)


class Bus:
    """The expanders' two wires; display and clock have the other controller for themselves."""

    def __init__(self, expander: "dict[str, int]", controller: int) -> None:
        self._controller = controller
        self._sda = Pin(expander["sda"])
        self._scl = Pin(expander["scl"])

    def connect(self) -> machine.I2C:
        for line in (self._sda, self._scl):
            line.init(Pin.OPEN_DRAIN, value=1)
        free_bus(self._sda, self._scl)
        return machine.I2C(
            self._controller, sda=self._sda, scl=self._scl, freq=_HZ, timeout=_TIMEOUT_US
        )

    def held(self) -> bool:
        return not (self._sda.value() and self._scl.value())


class ExpandedHal(PicoWHal):
    """With a pin for the coils' current, when board.json names one."""

    def __init__(
        self, board: "dict[str, Any]", coils: GatedCoils, contacts: ExpanderContacts
    ) -> None:
        super().__init__(board, coils, contacts)
        if "feedback" in board["coils"]:
            self._feedback = Pin(board["coils"]["feedback"], Pin.IN)

    def coil_current(self) -> bool:
        """True while any coil carries current."""
        return bool(self._feedback.value())


def make(board: "dict[str, Any]") -> ExpandedHal:
    """Set up every pin of a board.json that core.board.check() has passed."""
    contacts = _contacts(board)
    return ExpandedHal(board, _coils(board, contacts), contacts)


def _coils(board: "dict[str, Any]", contacts: ExpanderContacts) -> GatedCoils:
    """The fire line is the pulse hardware's only coil."""
    expander = board["expander"]
    pulse = Coils(board["coils"], [expander["fire"]])
    data, clock, latch = [
        Pin(expander[name], Pin.OUT, value=0) for name in ("data", "clock", "latch")
    ]
    chain = (data, clock, latch, Pin(expander["back"], Pin.IN))
    return GatedCoils(pulse, ShiftRegister(chain, len(board["doors"])), contacts.wake)


def _contacts(board: "dict[str, Any]") -> ExpanderContacts:
    expander = board["expander"]
    doors = len(board["doors"])
    every = (1 << doors) - 1
    first = expander["first_address"]
    kinds = board["contacts"]
    lows = [every if kinds[name] == "low" else 0 for name in ("reed_closed", "latch_locked")]
    bus = Bus(expander, 1 - board["i2c"].get("id", 0))
    chips = range(first, first - (-doors // _DOORS_EACH))
    return ExpanderContacts(bus, list(chips), doors, (lows[0], lows[1]))
