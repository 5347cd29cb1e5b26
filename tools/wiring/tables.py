"""The generated parts of the boards' pages: pin and door tables."""

from collections.abc import Iterable, Mapping
from string import Template
from typing import Any

from .chain import INPUTS, OUTPUTS
from .pins import gpio_name, nets, position

_595_PINS = (15, 1, 2, 3, 4, 5, 6, 7)  # QA to QH, 16-pin DIP
_GPA_1 = 21  # MCP23017, 28-pin DIP: GPA0 is pin 21, GPB0 pin 1
_GPB_1 = 1
_TRIED = {
    "pico_w": {
        "tried_pulse": "Pulse (PIO), `boot.py` | the official Pico W image in an RP2040 emulator",
        "tried_hal": "`hal.py`, all firmware | the same image in the emulator, Wi-Fi included",
    },
    "esp32": {
        "tried_pulse": "Pulse train (RMT segments) | the official image in QEMU, RMT read out",
        "tried_hal": "`hal.py`, key, display and clock drivers | the same, wired to the bench",
    },
}


def pin_table(config: Mapping[str, Any]) -> str:
    """Every pin in use, in the order of the header."""
    board = config["board"]
    rows = [
        (position(board, gpio), gpio_name(board, gpio), net.name, net.purpose, net.note)
        for gpio, net in nets(config).items()
    ]
    return _table(("Pin", "GPIO", "Net", "For", "Fit"), sorted(rows, key=_header_order))


def shared_text(template: str, config: Mapping[str, Any]) -> str:
    """boards/shared.md for one board."""
    display = config["display"]
    return Template(template).substitute(
        _TRIED[config["board"]],
        enable=config["coils"]["enable"],
        pulse_ms=config["coils"]["pulse_ms"],
        limit_ms=config["coils"]["limit_ms"],
        display=f"{display['columns']} × {display['rows']}",
    )


def door_table(config: Mapping[str, Any]) -> str:
    """Where each door's coil and contacts are."""
    rows = []
    for door in config["doors"]:
        where = _on_chips(door["door"], config) if "expander" in config else _on_pins(door, config)
        inside = "yes" if door["interior_release"] else "no"
        rows.append((str(door["door"]), door["size"], *where, inside))
    head = ("Door", "Size", "Coil", "Reed", "Latch", "Interior release")
    return _table(head, rows)


def _on_pins(door: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[str, str, str]:
    names = [
        gpio_name(config["board"], door[key]) if key in door else "none"
        for key in ("coil", "reed", "latch")
    ]
    return names[0], names[1], names[2]


def _on_chips(number: int, config: Mapping[str, Any]) -> tuple[str, str, str]:
    register, output = divmod(number - 1, OUTPUTS)
    chip, place = divmod(number - 1, INPUTS)
    address = config["expander"]["first_address"] + chip
    return (
        f"U{register + 1} Q{'ABCDEFGH'[output]}, pin {_595_PINS[output]}",
        f"U{11 + chip} ({address:#04x}) GPA{place}, pin {_GPA_1 + place}",
        f"U{11 + chip} ({address:#04x}) GPB{place}, pin {_GPB_1 + place}",
    )


def _header_order(row: tuple[str, ...]) -> tuple[str, int]:
    side, _, place = row[0].rpartition("-")
    return side, int(place)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
