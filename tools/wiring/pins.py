"""What board.json says about each pin, and where the pin is on the real board."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .canvas import COIL, GREY, INK

CONTACT = "#1b6e3c"
KEYPAD = "#1d4fa3"
BUS = "#6b2fa0"
SIGNAL = "#8a5a00"

_PULL_UP = "pull-up 10 kΩ"
_PULL_DOWN = "pull-down 10 kΩ"

# Header rows as one looks at the parts, USB socket up (Pico W) or down (DevKitC): a GPIO number,
# or the name of a pin that is none. Pico W datasheet figure 3; ESP32-DevKitC V4 guide, J2 and J3.
PICO_W = (
    (0, 1, "GND", 2, 3, 4, 5, "GND", 6, 7, 8, 9, "GND", 10, 11, 12, 13, "GND", 14, 15),
    (
        *("VBUS", "VSYS", "GND", "3V3_EN", "3V3", "ADC_VREF", 28, "GND", 27, 26),
        *("RUN", 22, "GND", 21, 20, 19, 18, "GND", 17, 16),
    ),
)
DEVKITC = (
    (
        *("3V3", "EN", 36, 39, 34, 35, 32, 33, 25, 26, 27, 14, 12, "GND", 13),
        *("GPIO9 flash", "GPIO10 flash", "GPIO11 flash", "5V"),
    ),
    (
        *("GND", 23, 22, "TX GPIO1", "RX GPIO3", 21, "GND", 19, 18, 5, 17, 16, 4, 0, 2, 15),
        *("GPIO8 flash", "GPIO7 flash", "GPIO6 flash"),
    ),
)
HEADERS: dict[str, tuple[tuple[int | str, ...], tuple[int | str, ...]]] = {
    "pico_w": PICO_W,
    "pico_w_24": PICO_W,
    "esp32": DEVKITC,
}


@dataclass(frozen=True, slots=True)
class Net:
    """A pin's use. note: what has to be fitted or known there."""

    name: str
    purpose: str
    color: str
    note: str = ""


def gpio_name(board: str, gpio: int) -> str:
    """As printed on the board."""
    return f"GP{gpio}" if HEADERS[board] is PICO_W else f"GPIO{gpio}"


def position(board: str, gpio: int) -> str:
    """Where the pin is: the Pico's pin number, the DevKitC's header and place."""
    for side, row in enumerate(HEADERS[board]):
        if gpio in row:
            place = row.index(gpio) + 1
            if board == "esp32":
                return f"J{side + 2}-{place}"
            return str(place if side == 0 else 41 - place)
    raise ValueError(f"{board} has no GPIO {gpio} on its header")


def nets(config: Mapping[str, Any]) -> dict[int, Net]:
    """The use of every GPIO in a board.json."""
    return {gpio: net for gpio, net in _uses(config)}


def _uses(config: Mapping[str, Any]) -> Iterator[tuple[int, Net]]:
    yield (
        config["coils"]["enable"],
        Net("ENABLE", "series enable of the coil supply", COIL, _PULL_DOWN),
    )
    yield from _doors(config["doors"])
    yield from _expander(config.get("expander", {}))
    yield from _panel(config)


def _doors(doors: list[dict[str, Any]]) -> Iterator[tuple[int, Net]]:
    for door in doors:
        n = door["door"]
        if "coil" in door:
            yield (
                door["coil"],
                Net(f"COIL{n}", f"gate of door {n}'s coil", COIL, _PULL_DOWN),
            )
        for contact in ("reed", "latch"):
            if contact in door:
                name = f"{contact.upper()}{n}"
                yield door[contact], Net(name, f"{contact} contact of door {n}", CONTACT, _PULL_UP)


_EXPANDER = (
    ("data", Net("DATA", "serial input of the first 74HC595", COIL, _PULL_DOWN)),
    ("clock", Net("SRCLK", "shift clock of all 74HC595", COIL, _PULL_DOWN)),
    ("latch", Net("RCLK", "storage clock of all 74HC595", COIL, _PULL_DOWN)),
    ("back", Net("QH'", "data out of the last 74HC595", COIL)),
    ("fire", Net("FIRE", "opens OE# of all 74HC595", COIL, _PULL_DOWN)),
    ("sda", Net("XSDA", "I2C data of the MCP23017s", BUS, "pull-up 2.2 kΩ")),
    ("scl", Net("XSCL", "I2C clock of the MCP23017s", BUS, "pull-up 2.2 kΩ")),
)


def _expander(expander: Mapping[str, Any]) -> Iterator[tuple[int, Net]]:
    for key, net in _EXPANDER:
        if key in expander:
            yield expander[key], net


def _panel(config: Mapping[str, Any]) -> Iterator[tuple[int, Net]]:
    keypad, bus, lamps = config["keypad"], config["i2c"], config["signals"]
    for n, gpio in enumerate(keypad["rows"], 1):
        yield gpio, Net(f"ROW{n}", f"keypad row {n} (open drain)", KEYPAD)
    for n, gpio in enumerate(keypad["columns"], 1):
        yield gpio, Net(f"COL{n}", f"keypad column {n}", KEYPAD, _PULL_UP)
    yield keypad["help"], Net("HELP", "help button, service jumper", KEYPAD, _PULL_UP)
    yield bus["sda"], Net("SDA", "I2C data", BUS, "pull-up 4.7 kΩ")
    yield bus["scl"], Net("SCL", "I2C clock", BUS, "pull-up 4.7 kΩ")
    yield lamps["red"], Net("RED", "red lamp", SIGNAL, "series resistor")
    yield lamps["green"], Net("GREEN", "green lamp", SIGNAL, "series resistor")
    yield lamps["beeper"], Net("BEEP", "beeper's transistor", SIGNAL, _PULL_DOWN)


def supply_color(name: str) -> str:
    """Of a header pin that is no GPIO in use."""
    return INK if name in ("GND", "VSYS", "3V3", "5V") else GREY
