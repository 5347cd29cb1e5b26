"""The supply: two inputs, the controller's regulator, the fuse of the bank, the series enable."""

from .canvas import COIL, LOGIC, MIDDLE, NOTE, NOTE_MIDDLE, Canvas, Style

_SUPPLY_PIN = {"pico_w": "VSYS (pin 39)", "pico_w_24": "VSYS (pin 39)", "esp32": "5V pin"}
_VIN_X = 262
_SMALL = Style(12)


def supply(c: Canvas, top: float, board: str) -> float:
    """Draw the section; returns its lower edge."""
    c.section(top, 412, "Supply and series enable")
    vin, coil_lane = top + 84, top + 228
    _input(c, vin, ("12 V supply",), "D1")
    _input(c, vin + 76, ("service", "power port"), "D2")
    c.wire((_VIN_X, vin), (_VIN_X, coil_lane), color=COIL)
    c.dot((_VIN_X, vin), COIL)
    c.dot((_VIN_X, vin + 76), COIL)
    _regulator(c, vin, board)
    _switch(c, coil_lane)
    _enable(c, coil_lane + 124)
    c.ground((660, top + 322), COIL)
    c.text((682, top + 336), "coil return: own wire to the supply's minus")
    c.ground((660, top + 354))
    c.text((682, top + 368), "logic ground: meets it at that minus only")
    return top + 412


def _input(c: Canvas, y: float, title: tuple[str, ...], diode: str) -> None:
    c.box((28, y - 22), (116, 58))
    c.text((36, y + 5), "+", Style(16, bold=True))
    c.text((36, y + 27), "−", Style(16, bold=True))
    c.lines((54, y + (5 if len(title) > 1 else 12)), title, _SMALL)
    c.wire((144, y), (186, y), color=COIL)
    c.part("schottky", (206, y), color=COIL)
    c.text((206, y - 14), f"{diode} 5 A", NOTE_MIDDLE)
    c.wire((226, y), (_VIN_X, y), color=COIL)
    c.wire((144, y + 22), (162, y + 22), color=COIL)
    c.ground((162, y + 22), COIL)


def _regulator(c: Canvas, y: float, board: str) -> None:
    """D3 and C1 keep the controller up while a coil pulls the supply down."""
    c.wire((_VIN_X, y), (300, y), color=COIL)
    c.part("fuse", (320, y), color=COIL)
    c.text((320, y - 14), "F1 1 A", NOTE_MIDDLE)
    c.wire((340, y), (380, y), color=COIL)
    c.part("schottky", (400, y), color=COIL)
    c.text((400, y - 14), "D3 1 A", NOTE_MIDDLE)
    c.wire((420, y), (540, y), color=COIL)
    c.dot((456, y), COIL)
    c.part("capacitor", (456, y + 20), 90, COIL)
    c.ground((456, y + 40))
    c.lines((474, y + 42), ("C1 470 µF 25 V: the controller", "lives through a coil's sag"), NOTE)
    c.box((540, y - 22), (116, 44))
    c.text((598, y - 3), "12 V → 5 V", MIDDLE)
    c.text((598, y + 14), "1 A", NOTE_MIDDLE)
    c.wire((656, y), (690, y), color=LOGIC)
    c.part("schottky", (710, y), color=LOGIC)
    c.text((710, y - 14), "D4 1 A", NOTE_MIDDLE)
    c.wire((730, y), (760, y), color=LOGIC)
    c.flag((760, y), _SUPPLY_PIN[board], "right", LOGIC)
    c.lines((724, y + 42), ("D4: USB and supply may be", "connected at the same time"), NOTE)


def _switch(c: Canvas, y: float) -> None:
    """Fuse, bulk capacitor, P-channel switch, isolator."""
    c.wire((_VIN_X, y), (296, y), color=COIL)
    c.part("fuse", (316, y), color=COIL)
    c.text((316, y - 14), "F2 per bank", NOTE_MIDDLE)
    c.wire((336, y), (568, y), color=COIL)
    c.dot((364, y), COIL)
    c.part("capacitor", (364, y + 20), 90, COIL)
    c.ground((364, y + 40), COIL)
    c.lines((380, y + 24), ("C2 2200 µF", "25 V"), NOTE)
    c.part("pmos", (590, y + 10), color=COIL)
    c.text((590, y - 14), "Q1 P-channel", NOTE_MIDDLE)
    c.wire((612, y), (690, y), color=COIL)
    c.part("contact", (710, y), color=COIL)
    c.text((710, y - 18), "S1 coil isolator", MIDDLE)
    c.wire((730, y), (776, y), color=COIL)
    c.flag((776, y), "VCOIL", "right", COIL)
    c.lines((858, y - 12), ("to every coil;", "dead unless", "ENABLE is high"), NOTE)
    for x, name, turn in ((520, "resistor", 90), (484, "zener", -90)):
        c.wire((x, y), (x, y + 6))
        c.part(name, (x, y + 26), turn)
        c.dot((x, y), COIL)
    c.text((530, y + 32), "10 kΩ", _SMALL)
    c.text((470, y + 64), "Z1 12 V", Style(12, "end"))
    c.wire((484, y + 46), (484, y + 52), (590, y + 52), (590, y + 32))
    c.wire((520, y + 46), (520, y + 52))
    c.dot((520, y + 52))


def _enable(c: Canvas, y: float) -> None:
    """Q2 turns Q1 on. Nobody driving ENABLE, or the service jumper: off."""
    c.dot((590, y - 72))
    c.part("resistor", (590, y - 46), 90)
    c.wire((590, y - 72), (590, y - 66))
    c.wire((590, y - 26), (590, y - 22))
    c.text((601, y - 41), "1 kΩ", _SMALL)
    c.part("nmos", (580, y))
    c.text((600, y + 5), "Q2", NOTE)
    c.ground((590, y + 22))
    c.flag((116, y), "ENABLE", "left", COIL)
    c.wire((116, y), (130, y))
    c.part("resistor", (150, y))
    c.text((150, y - 10), "1 kΩ", MIDDLE)
    c.wire((170, y), (558, y))
    c.dot((220, y))
    c.part("resistor", (220, y + 20), 90)
    c.text((232, y + 25), "10 kΩ pull-down", _SMALL)
    c.ground((220, y + 40))
    c.dot((380, y))
    c.part("jumper", (380, y + 20), 90)
    c.ground((380, y + 40))
    c.lines((394, y + 20), ("JP1-B: service jumper,", "second pole"), NOTE)
