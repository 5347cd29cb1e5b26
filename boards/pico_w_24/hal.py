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


def make(board: "dict[str, Any]") -> PicoWHal:
    """Set up every pin of a board.json that core.board.check() has passed."""
    return PicoWHal(board, _coils(board), _contacts(board))


def _coils(board: "dict[str, Any]") -> GatedCoils:
    """The fire line is the pulse hardware's only coil."""
    expander = board["expander"]
    pulse = Coils(board["coils"], [expander["fire"]])
    data, clock, latch = [
        Pin(expander[name], Pin.OUT, value=0) for name in ("data", "clock", "latch")
    ]
    chain = (data, clock, latch, Pin(expander["back"], Pin.IN))
    return GatedCoils(pulse, ShiftRegister(chain, len(board["doors"])))


def _contacts(board: "dict[str, Any]") -> ExpanderContacts:
    expander = board["expander"]
    controller = 1 - board["i2c"].get("id", 0)  # the display's cable has the other one

    def connect() -> machine.I2C:
        lines = [Pin(expander[name], Pin.OPEN_DRAIN, value=1) for name in ("sda", "scl")]
        free_bus(*lines)
        return machine.I2C(
            controller, sda=lines[0], scl=lines[1], freq=_HZ, timeout=_TIMEOUT_US
        )

    doors = len(board["doors"])
    count = -(-doors // _DOORS_EACH)
    first = expander["first_address"]
    every = (1 << doors) - 1
    kinds = board["contacts"]
    return ExpanderContacts(
        connect,
        list(range(first, first + count)),
        doors,
        (
            every if kinds["reed_closed"] == "low" else 0,
            every if kinds["latch_locked"] == "low" else 0,
        ),
    )
