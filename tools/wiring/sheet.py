"""The wiring diagram of a board, from its board.json."""

from collections.abc import Mapping
from typing import Any

from . import sections
from .canvas import COIL, HEADING, NOTE, Canvas, Style
from .pins import nets

_WIDTH = 1000
_COLUMN = 236


def draw(config: Mapping[str, Any]) -> Canvas:
    """A sheet for doors with coils on the controller's own pins."""
    board = config["board"]
    c = Canvas(_WIDTH, 1630, f"Wiring of Latchwork on {board}, {len(config['doors'])} doors")
    c.text((24, 36), f"Latchwork on {board}: {len(config['doors'])} doors", HEADING)
    c.text((976, 36), f"drawn from boards/{board}/board.json", Style(12.5, "end", color="#5f6c7b"))
    y = sections.supply(c, 52, board) + 12
    y = _coils(c, y, config["doors"]) + 12
    y = _middle(c, y, config) + 12
    y = _panel(c, y, config) + 12
    c.height = int(sections.notes(c, y, _NOTES) + 14)
    return c


def _coils(c: Canvas, top: float, doors: list[dict[str, Any]]) -> float:
    c.section(top, 276, "2  Coils: one low-side switch each")
    rail = top + 62
    c.flag((100, rail), "VCOIL", "left", COIL)
    c.wire((100, rail), (150 + _COLUMN * (len(doors) - 1) + 40, rail), color=COIL, width=2.4)
    for index, door in enumerate(doors):
        n = door["door"]
        sections.lock_coil(c, (186 + index * _COLUMN, rail), f"lock {n}", f"COIL{n}")
    if len(doors) < 4:
        x = 186 + _COLUMN * (len(doors) - 1) + 110
        c.lines((x, rail + 30), _COIL_NOTES, NOTE)
    return top + 276


_COIL_NOTES = (
    "MOSFET: logic level, RDS(on) given at VGS = 2.5 V.",
    "Diode at the lock's terminals, band to VCOIL.",
    "Gate parts close to the MOSFET.",
    "Return wire in the coil's cable, not the logic ground.",
)


def _middle(c: Canvas, top: float, config: Mapping[str, Any]) -> float:
    height = 500
    c.section(top, height, "3  Controller", (12, 482))
    sections.controller(c, (146, top + 44), config["board"], nets(config))
    c.section(top, height, "4  Contacts, lamps, beeper", (506, 482))
    sections.contacts(c, (524, top + 52), ("REED1", "LATCH1"), "door 1; the other doors alike")
    sections.lamps(c, (592, top + 322))
    return top + height


def _panel(c: Canvas, top: float, config: Mapping[str, Any]) -> float:
    height = 300
    c.section(top, height, "5  Keypad, help, service jumper", (12, 542))
    sections.keypad(c, (24, top + 44))
    c.section(top, height, "6  Clock and display", (566, 422))
    display = config["display"]
    geometry = f"{display['columns']} × {display['rows']}, address {display['address']:#04x}"
    sections.bus(c, (572, top + 26), geometry)
    return top + height


_NOTES = (
    "Drawn for 12 V. Red: coil supply and its own return. One coil at a time is on, for at most limit_ms.",
    "Pull-downs cover pins that nobody drives. A pin driven high by mistake is ended by the pulse hardware and by S1.",
    "Fail-secure locks stay shut without mains: fit a mechanical override or the service power port.",
)
