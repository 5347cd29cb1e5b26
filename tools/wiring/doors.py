"""What a door has: a coil with its low-side switch, a reed and a latch contact."""

from .canvas import COIL, NOTE, NOTE_RIGHT, RIGHT, Canvas, Point, Style
from .pins import CONTACT

_SMALL = Style(12)


def lock_coil(c: Canvas, at: Point, title: str, gate: str) -> None:
    """Coil with its PTC, diode, MOSFET and gate resistors. at: its place on the VCOIL rail.

    gate: the net that drives it.
    """
    x, y = at[0], at[1] + 38
    c.dot(at, COIL)
    c.part("fuse", (x, y - 18), 90, COIL)
    c.text((x + 12, y - 13), "PTC", NOTE)
    c.wire((x, y + 2), (x, y + 34), color=COIL)
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


def _gate(c: Canvas, at: Point, net: str) -> None:
    x, y = at
    c.wire((x, y), (x - 20, y))
    c.dot((x - 12, y))
    c.part("resistor", (x - 12, y + 20), 90)
    c.text((x - 22, y + 25), "10 kΩ", Style(12, "end"))
    c.ground((x - 12, y + 40), COIL)
    c.part("resistor", (x - 40, y))
    c.text((x - 40, y - 10), "100 Ω", Style(12, "middle"))
    c.flag((x - 60, y), net, "left", COIL)


def contacts(c: Canvas, at: Point, names: tuple[str, str], title: str) -> None:
    """One door's reed and latch contact with pull-up, series resistor and capacitor."""
    x, y = at
    c.text((x, y), title, Style(13, bold=True))
    for row, (name, legend) in enumerate(zip(names, _LEGENDS, strict=True)):
        _contact(c, (x + 82, y + 76 + row * 122), name, legend)


_LEGENDS = ("reed: closed with the door shut", "latch switch: closed when locked")


def _contact(c: Canvas, at: Point, name: str, legend: str) -> None:
    x, y = at
    c.flag((x, y), name, "left", CONTACT)
    c.wire((x, y), (x + 110, y))
    c.rail((x + 30, y - 40), "3.3 V")
    c.part("resistor", (x + 30, y - 20), 90)
    c.text((x + 40, y - 16), "10 kΩ", _SMALL)
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
