"""The controller with its header, and what a person sees: lamps, beeper, keypad, display."""

from .canvas import GREY, LOGIC, NOTE, NOTE_MIDDLE, Canvas, Point, Style
from .pins import BUS, HEADERS, KEYPAD, PICO_W, SIGNAL, Net, gpio_name, supply_color

BOARD_NAME = {
    "pico_w": "Raspberry Pi Pico W",
    "pico_w_24": "Raspberry Pi Pico W",
    "esp32": "ESP32-DevKitC V4",
}
_PITCH = 20
_SMALL = Style(12)


def controller(c: Canvas, at: Point, board: str, nets: dict[int, Net]) -> None:
    """The header pins in their true order, and the net on each pin in use."""
    left, right = HEADERS[board]
    is_pico = HEADERS[board] is PICO_W
    x, y = at
    width = 216
    height = len(left) * _PITCH + 40
    c.box((x, y), (width, height), "#eef3ee")
    way = "up" if is_pico else "down"
    c.text((x + width / 2, y + height + 24), f"parts side, USB socket {way}", NOTE_MIDDLE)
    usb_y = y - 8 if is_pico else y + height - 10
    c.box((x + width / 2 - 22, usb_y), (44, 18), "#d5dbe1")
    for place, pin in enumerate(left):
        _pin(c, (x, y + 30 + place * _PITCH), (board, "left"), (place + 1, pin), nets)
    for place, pin in enumerate(right):
        number = 40 - place if is_pico else place + 1
        _pin(c, (x + width, y + 30 + place * _PITCH), (board, "right"), (number, pin), nets)


def _pin(
    c: Canvas,
    at: Point,
    side_of: tuple[str, str],
    pin: tuple[int, int | str],
    nets: dict[int, Net],
) -> None:
    (x, y), (board, side), (number, name) = at, side_of, pin
    out = -1 if side == "left" else 1
    anchor = "start" if side == "left" else "end"
    net = nets.get(name) if isinstance(name, int) else None
    printed = name if isinstance(name, str) else gpio_name(board, name)
    color = net.color if net else supply_color(printed)
    c.wire((x, y), (x + out * 12, y), color=color)
    c.text((x - out * 6, y + 4.5), str(number), Style(12, anchor, color=GREY))
    c.text((x - out * 28, y + 4.5), printed, Style(12, anchor, net is not None, color))
    if net:
        c.flag((x + out * 12, y), net.name, side, net.color)
    elif printed == "GND":
        c.text((x + out * 18, y + 4.5), "GND", Style(12, "end" if out < 0 else "start"))
    elif printed in ("VSYS", "5V"):
        c.flag((x + out * 12, y), "5 V (D4)", side, LOGIC)
    elif printed == "3V3":
        c.flag((x + out * 12, y), "3.3 V", side, LOGIC)


def lamps(c: Canvas, at: Point) -> None:
    """Two lamps straight from their pins, the beeper behind a transistor."""
    x, y = at
    for row, (name, color) in enumerate((("RED", "#d11"), ("GREEN", "#0a8a2a"))):
        line = y + row * 44
        c.flag((x, line), name, "left", SIGNAL)
        c.part("resistor", (x + 20, line))
        c.text((x + 20, line - 10), "680 Ω", Style(12, "middle"))
        c.part("led", (x + 64, line), color=color)
        c.wire((x + 40, line), (x + 44, line))
        c.wire((x + 84, line), (x + 104, line))
        c.ground((x + 104, line))
    c.text((x + 124, y + 26), "≤ 2 mA each", NOTE)
    line = y + 130
    c.flag((x, line), "BEEP", "left", SIGNAL)
    c.part("resistor", (x + 20, line))
    c.text((x + 20, line - 10), "1 kΩ", Style(12, "middle"))
    c.wire((x + 40, line), (x + 78, line))
    c.dot((x + 56, line))
    c.part("resistor", (x + 56, line + 20), 90)
    c.text((x + 44, line + 30), "10 kΩ", Style(12, "end"))
    c.ground((x + 56, line + 40))
    c.part("npn", (x + 100, line))
    c.ground((x + 110, line + 22))
    c.box((x + 126, line - 46), (118, 28))
    c.text((x + 185, line - 27), "active beeper 5 V", Style(12, "middle"))
    c.wire((x + 110, line - 22), (x + 110, line - 32), (x + 126, line - 32))
    c.wire((x + 244, line - 32), (x + 262, line - 32), color=LOGIC)
    c.rail((x + 262, line - 32), "5 V")
    c.lines((x + 134, line + 4), ("Q4 2N3904; a magnetic", "beeper: diode across it"), NOTE)


def keypad(c: Canvas, at: Point) -> None:
    """4 x 3 keys, pull-ups on the columns, the help button and the service jumper."""
    x, y = at[0] + 78, at[1] + 76
    for column in range(3):
        _column(c, (x + 58 + column * 66, y), column)
    for row in range(4):
        line = y + row * 44
        c.flag((x, line), f"ROW{row + 1}", "left", KEYPAD)
        c.wire((x, line), (x + 168, line), color=KEYPAD)
        for column in range(3):
            _key(c, (x + 58 + column * 66, line), "123456789*0#"[row * 3 + column])
    _help(c, (at[0] + 392, y + 12))


def _column(c: Canvas, at: Point, column: int) -> None:
    x, y = at
    c.rail((x, y - 46), "3.3 V")
    c.part("resistor", (x, y - 26), 90)
    c.text((x + 9, y - 22), "10 kΩ", _SMALL)
    c.wire((x, y - 6), (x, y + 174), color=KEYPAD)
    c.wire((x, y + 174), (x + 4, y + 174), color=KEYPAD)
    c.flag((x + 4, y + 174), f"COL{column + 1}", "right", KEYPAD)


def _key(c: Canvas, at: Point, name: str) -> None:
    """A contact from the row's line to the column's; the lines themselves cross unjoined."""
    x, y = at
    c.dot((x - 24, y), KEYPAD)
    c.wire((x - 24, y), (x - 24, y + 8), (x - 13, y + 18), color=KEYPAD)
    c.wire((x - 10, y + 20), (x, y + 20), color=KEYPAD)
    c.dot((x, y + 20), KEYPAD)
    c.text((x + 8, y + 26), name, Style(13, bold=True))


def _help(c: Canvas, at: Point) -> None:
    x, y = at
    c.flag((x, y), "HELP", "left", KEYPAD)
    c.wire((x, y), (x + 62, y))
    c.rail((x + 28, y - 46), "3.3 V")
    c.part("resistor", (x + 28, y - 26), 90)
    c.wire((x + 28, y - 6), (x + 28, y + 52), (x + 62, y + 52))
    c.text((x + 18, y - 22), "10 kΩ", Style(12, "end"))
    c.dot((x + 28, y))
    c.part("button", (x + 82, y))
    c.text((x + 50, y - 20), "help button", NOTE)
    c.wire((x + 102, y), (x + 122, y))
    c.ground((x + 122, y))
    c.part("jumper", (x + 82, y + 52))
    c.text((x + 82, y + 38), "JP1-A", NOTE_MIDDLE)
    c.flag((x + 102, y + 52), "ROW4", "right", KEYPAD)
    c.lines((x - 44, y + 92), _JUMPER_NOTE, NOTE)


_JUMPER_NOTE = (
    "JP1: two-pole service jumper.",
    "Set at reset: no watchdog, REPL",
    "open; pole B (section 1) holds",
    "the series enable off.",
)


def bus(c: Canvas, at: Point, display: str) -> None:
    """The I2C bus with its pull-ups, the clock module and the display."""
    x, y = at
    sda, scl = y + 88, y + 116
    for line, name in ((sda, "SDA"), (scl, "SCL")):
        c.flag((x + 50, line), name, "left", BUS)
        c.wire((x + 50, line), (x + 266, line), color=BUS)
    for offset, line in ((150, sda), (248, scl)):
        c.rail((x + offset, y + 40), "3.3 V")
        c.part("resistor", (x + offset, y + 60), 90)
        c.wire((x + offset, y + 80), (x + offset, line), color=BUS)
        c.dot((x + offset, line), BUS)
        c.text((x + offset + 9, y + 64), "4.7 kΩ", _SMALL)
    c.wire((x + 266, scl), (x + 290, scl), color=BUS)
    for offset, title, lines in (
        (0, "DS3231 clock", _CLOCK_NOTE),
        (194, "PCF8574 + LCD", (display, *_DISPLAY_NOTE)),
    ):
        _device(c, (x + offset, y + 172), (sda, scl), title, lines)


_CLOCK_NOTE = ("CR2032 cell. On a ZS-042", "module remove the cell's", "charging resistor first.")
_DISPLAY_NOTE = ("All at 3.3 V, or a level", "shifter in SDA and SCL.")


def _device(c: Canvas, at: Point, buses: Point, title: str, lines: tuple[str, ...]) -> None:
    x, y = at
    for offset, line in ((72, buses[0]), (96, buses[1])):
        c.wire((x + offset, y), (x + offset, line), color=BUS)
        c.dot((x + offset, line), BUS)
    c.rail((x + 146, y), "3.3 V")
    c.box((x, y), (180, 96))
    c.text((x + 90, y + 23), title, Style(13, "middle", True))
    c.lines((x + 10, y + 46), lines, NOTE)
    c.ground((x + 152, y + 96))
