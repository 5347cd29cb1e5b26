"""The wiring diagram of a board, from its board.json."""

from collections.abc import Mapping
from typing import Any

from . import chain, doors, panel
from .canvas import COIL, HEADING, NOTE, NOTE_RIGHT, Canvas
from .pins import nets
from .supply import supply

_GAP = 12
_COLUMN = 236


def draw(config: Mapping[str, Any], source: str) -> Canvas:
    """The sheet of one board.json; source: its path, for the heading."""
    title = f"Latchwork, {len(config['doors'])} doors: {panel.BOARD_NAME[config['board']]}"
    c = Canvas(1000, title)
    c.text((24, 36), title, HEADING)
    c.text((976, 36), source, NOTE_RIGHT)
    y = supply(c, 52, config["board"]) + _GAP
    expander = config.get("expander")
    if expander:
        y = chain.registers(c, y, len(config["doors"])) + _GAP
        y = _one_coil(c, y, len(config["doors"])) + _GAP
        y = chain.expanders(c, y, len(config["doors"]), expander["first_address"]) + _GAP
    else:
        y = _coils(c, y, config["doors"]) + _GAP
    y = _middle(c, y, config) + _GAP
    y = _panel(c, y, config) + _GAP
    c.lines((26, y + 14), _NOTES)
    c.height = int(y + 14 + 17 * len(_NOTES))
    return c


def _coils(c: Canvas, top: float, rows: list[dict[str, Any]]) -> float:
    c.section(top, 316, "Coils: a low-side switch for each door")
    rail = top + 62
    last = 196 + _COLUMN * (len(rows) - 1)
    c.flag((100, rail), "VCOIL", "left", COIL)
    c.wire((100, rail), (last, rail), color=COIL, width=2.4)
    for index, door in enumerate(rows):
        n = door["door"]
        doors.lock_coil(c, (196 + index * _COLUMN, rail), f"lock {n}", f"COIL{n}")
    if len(rows) < 3:
        c.lines((last + 110, rail + 40), _COIL_NOTES, NOTE)
    return top + 316


def _one_coil(c: Canvas, top: float, count: int) -> float:
    c.section(top, 316, f"Coils: {count} of these low-side switches")
    c.flag((100, top + 62), "VCOIL", "left", COIL)
    c.wire((100, top + 62), (216, top + 62), color=COIL, width=2.4)
    doors.lock_coil(c, (216, top + 62), "lock n", "GATEn")
    c.lines((340, top + 102), (*_COIL_NOTES, *_BANK_NOTES), NOTE)
    return top + 316


_BANK_NOTES = (
    "A cabinet with several banks: one F2, Q1 and VCOIL wire for each, all Q2 on ENABLE.",
)
_COIL_NOTES = (
    "PTC: trips in seconds when a coil stays on.",
    "MOSFET: logic level, RDS(on) given at VGS = 2.5 V.",
    "Diode at the lock's terminals, its band to VCOIL.",
    "Gate resistors close to the MOSFET.",
    "The return wire lies in the coil's cable",
    "and is not the logic ground.",
)


def _middle(c: Canvas, top: float, config: Mapping[str, Any]) -> float:
    height = 526
    name = panel.BOARD_NAME[config["board"]]
    c.section(top, height, f"Controller: {name}", (12, 488))
    panel.controller(c, (146, top + 48), config["board"], nets(config))
    c.section(top, height, "Contacts, lamps, beeper", (512, 476))
    expander = "expander" in config
    names = ("GPA0", "GPB0") if expander else ("REED1", "LATCH1")
    where = "door 1, at U11" if expander else "door 1"
    doors.contacts(c, (532, top + 54), names, f"{where}; the other doors alike")
    panel.lamps(c, (604, top + 334))
    return top + height


def _panel(c: Canvas, top: float, config: Mapping[str, Any]) -> float:
    height = 318
    c.section(top, height, "Keypad, help, service jumper", (12, 574))
    panel.keypad(c, (24, top + 38))
    c.section(top, height, "Clock and display", (598, 390))
    display = config["display"]
    geometry = f"{display['columns']} × {display['rows']}, address {display['address']:#04x}"
    panel.bus(c, (606, top + 26), geometry)
    return top + height


_NOTES = (
    "Red: coil supply and its own return. Drawn for 12 V.",
    "Fail-secure locks stay shut without mains: fit a mechanical override or the power port.",
)
