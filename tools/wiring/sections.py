"""Sections that every board's sheet has: supply, controller, contacts, lamps, keypad, I2C."""

from .canvas import (
    COIL,
    GREY,
    INK,
    LABEL,
    LOGIC,
    MIDDLE,
    NOTE,
    NOTE_MIDDLE,
    NOTE_RIGHT,
    RIGHT,
    Canvas,
    Style,
)
from .pins import BUS, CONTACT, HEADERS, KEYPAD, SIGNAL, Net, gpio_name, supply_color

_BOARD_NAME = {"pico_w": "Raspberry Pi Pico W", "esp32": "ESP32-DevKitC V4"}
_SUPPLY_PIN = {"pico_w": "VSYS (pin 39)", "esp32": "5V pin"}
_PITCH = 20


def supply(c: Canvas, top: float, board: str) -> float:
    """Inputs, the controller's regulator, fuse, series enable. Returns its lower edge."""
    c.section(top, 400, "1  Supply and series enable")
    vin, coil_lane = top + 80, top + 215
    for y, title, diode in ((vin, "12 V supply", "D1"), (vin + 65, "service power port", "D2")):
        c.box((30, y - 18), (118, 54))
        c.text((40, y + 5), "+", Style(16, bold=True))
        c.text((60, y + 4), title, Style(12))
        c.text((40, y + 26), "−", Style(16, bold=True))
        c.wire((148, y), (178, y), color=COIL)
        c.part("schottky", (198, y), color=COIL)
        c.text((198, y - 14), f"{diode} Schottky 5 A", NOTE_MIDDLE)
        c.wire((218, y), (270, y), color=COIL)
        c.wire((148, y + 22), (170, y + 22), (170, y + 24))
        c.ground((170, y + 24), COIL)
    c.wire((270, vin), (270, coil_lane), color=COIL)
    for y in (vin, vin + 65):
        c.dot((270, y), COIL)
    _regulator(c, vin, board)
    _enable(c, coil_lane)
    c.ground((40, top + 318), COIL)
    c.text((60, top + 332), "coil return: own wire to the supply's minus")
    c.ground((40, top + 352))
    c.text((60, top + 366), "logic ground: joins the coil return at that minus only")
    return top + 400


def _regulator(c: Canvas, y: float, board: str) -> None:
    c.wire((270, y), (300, y), color=COIL)
    c.part("fuse", (320, y), color=COIL)
    c.text((320, y - 14), "F1 1 A", NOTE_MIDDLE)
    c.wire((340, y), (370, y), color=COIL)
    c.part("schottky", (390, y), color=COIL)
    c.text((390, y - 14), "D3", NOTE_MIDDLE)
    c.wire((410, y), (500, y), color=COIL)
    c.dot((450, y), COIL)
    c.part("capacitor", (450, y + 20), 90, COIL)
    c.ground((450, y + 40))
    c.lines((464, y + 22), ("C1 470 µF: holds through", "a sag of the coil supply"), NOTE)
    c.box((500, y - 22), (120, 40))
    c.text((560, y - 2), "12 V → 5 V", MIDDLE)
    c.text((560, y + 13), "1 A", NOTE_MIDDLE)
    c.wire((620, y), (660, y), color=LOGIC)
    c.part("schottky", (680, y), color=LOGIC)
    c.text((680, y - 14), "D4", NOTE_MIDDLE)
    c.wire((700, y), (730, y), color=LOGIC)
    c.flag((730, y), _SUPPLY_PIN[board], "right", LOGIC)
    c.text((660, y + 30), "D4: USB and supply may be connected together", NOTE)


def _enable(c: Canvas, y: float) -> None:
    """Fuse, bulk capacitor, high-side switch with its driver, isolator, the coils' rail."""
    c.wire((270, y), (300, y), color=COIL)
    c.part("fuse", (320, y), color=COIL)
    c.text((320, y - 28), "F2: one", NOTE_MIDDLE)
    c.text((320, y - 13), "per bank", NOTE_MIDDLE)
    c.wire((340, y), (518, y), color=COIL)
    c.dot((390, y), COIL)
    c.part("capacitor", (390, y + 20), 90, COIL)
    c.ground((390, y + 40), COIL)
    c.lines((404, y + 22), ("C2 2200 µF", "25 V"), NOTE)
    c.part("pmos", (540, y + 10), color=COIL)
    c.text((540, y - 13), "Q1 P-channel", NOTE_MIDDLE)
    c.wire((562, y), (680, y), color=COIL)
    c.part("contact", (700, y), color=COIL)
    c.text((700, y - 20), "S1 coil isolator", MIDDLE)
    c.wire((720, y), (770, y), color=COIL)
    c.flag((770, y), "VCOIL", "right", COIL)
    c.lines((850, y - 6), ("to every coil;", "dead unless", "ENABLE is high"), NOTE)
    _enable_gate(c, y)


def _enable_gate(c: Canvas, y: float) -> None:
    gate = y + 46
    c.wire((540, y + 32), (540, gate + 8))
    for x, name, turn in ((490, "resistor", 90), (460, "zener", -90)):
        c.wire((x, y), (x, y + 6))
        c.part(name, (x, y + 26), turn)
        c.dot((x, y), COIL)
    c.wire((460, gate), (540, gate))
    c.dot((490, gate))
    c.dot((540, gate))
    c.text((500, y + 26), "10 kΩ", Style(12))
    c.text((452, gate + 16), "Z1 12 V", Style(12))
    c.part("resistor", (540, gate + 28), 90)
    c.text((551, gate + 32), "1 kΩ", Style(12))
    c.wire((540, gate + 48), (540, gate + 54))
    c.part("nmos", (530, gate + 76))
    c.text((548, gate + 80), "Q2", NOTE)
    c.ground((540, gate + 98))
    _enable_input(c, gate + 76)


def _enable_input(c: Canvas, y: float) -> None:
    """ENABLE's own resistors, and the pole of the service jumper that holds the gate down."""
    c.wire((508, y), (500, y), (500, y + 42), (640, y + 42), (640, y))
    c.wire((625, y), (720, y))
    c.dot((640, y))
    c.dot((690, y))
    c.part("resistor", (740, y))
    c.text((740, y - 11), "1 kΩ", MIDDLE)
    c.wire((760, y), (775, y))
    c.flag((775, y), "ENABLE", "right", COIL)
    c.part("resistor", (690, y + 20), 90)
    c.text((702, y + 26), "10 kΩ pull-down", Style(12))
    c.ground((690, y + 40))
    c.wire((625, y), (625, y - 6))
    c.part("jumper", (625, y - 26), 90)
    c.wire((625, y - 46), (600, y - 46))
    c.ground((600, y - 46))
    c.lines((640, y - 40), ("JP1-B: service jumper,", "second pole: coils off"), NOTE)


def controller(c: Canvas, at: tuple[float, float], board: str, nets: dict[int, Net]) -> None:
    """The header pins in their true order, and the net on each pin in use."""
    left, right = HEADERS[board]
    x, y = at
    width = 216
    height = len(left) * _PITCH + 40
    c.box((x, y), (width, height), "#eef3ee")
    c.text((x + width / 2, y + height / 2 - 8), _BOARD_NAME[board], Style(13, "middle", True))
    where = ("USB socket up", "seen from above") if board == "pico_w" else ("USB socket down", "")
    c.text((x + width / 2, y + height / 2 + 10), where[0], NOTE_MIDDLE)
    c.text((x + width / 2, y + height / 2 + 26), where[1], NOTE_MIDDLE)
    usb_y = y - 8 if board == "pico_w" else y + height - 10
    c.box((x + width / 2 - 22, usb_y), (44, 18), "#d5dbe1")
    for place, pin in enumerate(left):
        _pin(c, (x, y + 30 + place * _PITCH), (board, "left"), (place + 1, pin), nets)
    for place, pin in enumerate(right):
        number = 40 - place if board == "pico_w" else place + 1
        _pin(c, (x + width, y + 30 + place * _PITCH), (board, "right"), (number, pin), nets)


def _pin(
    c: Canvas,
    at: tuple[float, float],
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
        c.flag((x + out * 12, y), "5 V from D4", side, LOGIC)
    elif printed == "3V3":
        c.flag((x + out * 12, y), "3.3 V", side, LOGIC)


def contacts(c: Canvas, at: tuple[float, float], names: tuple[str, str], title: str) -> None:
    """One door's reed and latch contact with pull-up, series resistor and capacitor."""
    x, y = at
    c.text((x, y), title, Style(13, bold=True))
    for row, (name, legend) in enumerate(zip(names, _LEGENDS, strict=True)):
        _contact(c, (x + 82, y + 76 + row * 122), name, legend)


_LEGENDS = ("reed: closed with the door shut", "latch switch: closed when locked")


def _contact(c: Canvas, at: tuple[float, float], name: str, legend: str) -> None:
    x, y = at
    c.flag((x, y), name, "left", CONTACT)
    c.wire((x, y), (x + 110, y))
    c.rail((x + 30, y - 40), "3.3 V")
    c.part("resistor", (x + 30, y - 20), 90)
    c.text((x + 40, y - 16), "10 kΩ", Style(12))
    c.dot((x + 30, y))
    c.dot((x + 80, y))
    c.part("capacitor", (x + 80, y + 20), 90)
    c.text((x + 68, y + 30), "100 nF", Style(12, "end"))
    c.ground((x + 80, y + 40))
    c.part("resistor", (x + 130, y))
    c.text((x + 130, y - 10), "1 kΩ", Style(12, "middle"))
    c.wire((x + 150, y), (x + 180, y))
    c.box((x + 172, y - 34), (96, 72), dashed=True)
    c.part("contact", (x + 200, y))
    c.wire((x + 220, y), (x + 250, y), (x + 250, y + 12))
    c.ground((x + 250, y + 12))
    c.text((x + 268, y - 40), legend, NOTE_RIGHT)


def lamps(c: Canvas, at: tuple[float, float]) -> None:
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


def keypad(c: Canvas, at: tuple[float, float]) -> None:
    """4 x 3 keys, pull-ups on the columns, the help button and the service jumper."""
    x, y = at
    grid_x, grid_y = x + 96, y + 74
    for column in range(3):
        cx = grid_x + 46 + column * 62
        c.rail((cx, y + 10), "3.3 V")
        c.part("resistor", (cx, y + 30), 90)
        c.wire((cx, y + 50), (cx, grid_y + 3 * 44 + 36), color=KEYPAD)
        c.flag((cx + 6, grid_y + 3 * 44 + 52), f"COL{column + 1}", "right", KEYPAD)
        c.wire((cx, grid_y + 168), (cx, grid_y + 184), (cx + 6, grid_y + 184), color=KEYPAD)
        c.text((cx + 10, y + 34), "10 kΩ", Style(12))
    for row in range(4):
        ry = grid_y + row * 44
        c.flag((x + 66, ry), f"ROW{row + 1}", "left", KEYPAD)
        c.wire((x + 66, ry), (grid_x + 24 + 2 * 62, ry), color=KEYPAD)
        for column in range(3):
            cx = grid_x + 46 + column * 62
            c.wire((cx - 22, ry), (cx - 22, ry + 6), (cx - 11, ry + 17), color=KEYPAD)
            c.wire((cx - 7, ry + 18), (cx, ry + 18), color=KEYPAD)
            c.dot((cx, ry + 18), KEYPAD)
            c.text((cx + 9, ry + 23), "123456789*0#"[row * 3 + column], Style(13, bold=True))
    _help(c, (x + 350, grid_y))


def _help(c: Canvas, at: tuple[float, float]) -> None:
    x, y = at
    c.flag((x + 52, y), "HELP", "left", KEYPAD)
    c.wire((x + 52, y), (x + 100, y))
    c.rail((x + 76, y - 44), "3.3 V")
    c.part("resistor", (x + 76, y - 24), 90)
    c.wire((x + 76, y - 4), (x + 76, y))
    c.text((x + 86, y - 20), "10 kΩ", Style(12))
    c.dot((x + 76, y))
    c.part("button", (x + 120, y))
    c.text((x + 134, y - 12), "help button", NOTE)
    c.wire((x + 140, y), (x + 156, y), (x + 156, y + 8))
    c.ground((x + 156, y + 8))
    c.wire((x + 76, y), (x + 76, y + 30), (x + 80, y + 30))
    c.part("jumper", (x + 100, y + 50), 0)
    c.wire((x + 76, y + 30), (x + 76, y + 50), (x + 80, y + 50))
    c.wire((x + 120, y + 50), (x + 132, y + 50))
    c.flag((x + 132, y + 50), "ROW4", "right", KEYPAD)
    c.lines((x + 14, y + 84), ("JP1-A: service jumper, first pole.", "Set before reset: no watchdog,",
                               "REPL open. Use a two-pole part:", "JP1-B (section 1) holds the",
                               "series enable off meanwhile."), NOTE)


def bus(c: Canvas, at: tuple[float, float], display: str) -> None:
    """The I2C bus with its pull-ups, the clock module and the display."""
    x, y = at
    sda, scl = y + 66, y + 92
    for line, name in ((sda, "SDA"), (scl, "SCL")):
        c.flag((x + 48, line), name, "left", BUS)
        c.wire((x + 48, line), (x + 400, line), color=BUS)
    for offset, line in ((80, sda), (130, scl)):
        c.rail((x + offset, y + 22), "3.3 V")
        c.part("resistor", (x + offset, y + 42), 90)
        c.wire((x + offset, y + 62), (x + offset, line), color=BUS)
        c.dot((x + offset, line), BUS)
        c.text((x + offset + 9, y + 46), "4.7 kΩ", Style(12))
    for offset, title, lines in (
        (56, "DS3231 clock", ("CR2032 cell.", "ZS-042 module: take its", "charging resistor or", "diode out.")),
        (246, "PCF8574 + HD44780", (display, "all at 3.3 V, or a level", "shifter (BSS138) in", "SDA and SCL.")),
    ):
        _device(c, (x + offset, y + 136), (sda, scl), title, lines)


def _device(
    c: Canvas,
    at: tuple[float, float],
    lines_y: tuple[float, float],
    title: str,
    lines: tuple[str, ...],
) -> None:
    x, y = at
    for offset, line in ((40, lines_y[0]), (70, lines_y[1])):
        c.wire((x + offset, y), (x + offset, line), color=BUS)
        c.dot((x + offset, line), BUS)
    c.rail((x + 126, y), "3.3 V")
    c.box((x, y), (172, 110))
    c.text((x + 86, y + 22), title, Style(13, "middle", True))
    c.lines((x + 10, y + 44), lines, NOTE)
    c.ground((x + 146, y + 110))


def lock_coil(c: Canvas, at: tuple[float, float], title: str, gate: str) -> None:
    """Coil with its diode, MOSFET, gate resistor and pull-down. at: its place on the VCOIL rail.

    gate: the net that drives it.
    """
    x, y = at
    c.dot((x, y), COIL)
    c.wire((x, y), (x, y + 34), color=COIL)
    c.box((x - 34, y + 24), (50, 62), dashed=True)
    c.part("coil", (x, y + 54), 90, COIL)
    c.text((x - 42, y + 58), title, RIGHT)
    c.wire((x, y + 28), (x + 46, y + 28), (x + 46, y + 34), color=COIL)
    c.dot((x, y + 28), COIL)
    c.part("schottky", (x + 46, y + 54), -90, COIL)
    c.wire((x + 46, y + 74), (x + 46, y + 94), (x, y + 94), color=COIL)
    c.wire((x, y + 74), (x, y + 122), color=COIL)
    c.dot((x, y + 94), COIL)
    c.part("nmos", (x - 10, y + 144))
    c.wire((x, y + 166), (x, y + 178), color=COIL)
    c.ground((x, y + 178), COIL)
    _gate(c, (x - 32, y + 144), gate)


def _gate(c: Canvas, at: tuple[float, float], net: str) -> None:
    x, y = at
    c.wire((x, y), (x - 20, y))
    c.dot((x - 12, y))
    c.part("resistor", (x - 12, y + 20), 90)
    c.text((x - 22, y + 25), "10 kΩ", Style(12, "end"))
    c.ground((x - 12, y + 40), COIL)
    c.part("resistor", (x - 40, y))
    c.text((x - 40, y - 10), "100 Ω", Style(12, "middle"))
    c.flag((x - 60, y), net, "left", COIL)


def notes(c: Canvas, top: float, lines: tuple[str, ...]) -> float:
    """The last section. Returns its lower edge."""
    height = 38 + 19 * len(lines)
    c.section(top, height, "Notes")
    for row, line in enumerate(lines):
        c.text((26, top + 48 + row * 19), line, LABEL if row else LABEL)
    return top + height


__all__ = [
    "INK",
    "bus",
    "contacts",
    "controller",
    "keypad",
    "lamps",
    "lock_coil",
    "notes",
    "supply",
]
