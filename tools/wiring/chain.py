"""What 24 doors add: the fire line, a chain of 74HC595, and MCP23017s for the contacts."""

from .canvas import COIL, LOGIC, NOTE, NOTE_MIDDLE, Canvas, Point, Style
from .pins import BUS

OUTPUTS = 8  # of a 74HC595
INPUTS = 7  # of each port of an MCP23017
_SMALL = Style(12)
_WIDE = 220
_LEFT = 314


def registers(c: Canvas, top: float, doors: int) -> float:
    """Draw the chain's section; returns its lower edge."""
    c.section(top, 352, "Fire line and shift registers")
    chips = -(-doors // OUTPUTS)
    y = top + 56
    buses = (y + 138, y + 166, y + 194)
    for index in range(chips):
        first, last = OUTPUTS * index + 1, min(OUTPUTS * (index + 1), doors)
        _register(
            c, (_LEFT + index * _WIDE, y), buses, (f"U{index + 1}", f"GATE{first} … GATE{last}")
        )
    end = _LEFT + (chips - 1) * _WIDE
    c.flag((_LEFT - 24, y + 30), "DATA", "left", COIL)
    c.wire((_LEFT - 24, y + 30), (_LEFT, y + 30))
    for index in range(chips - 1):
        x = _LEFT + index * _WIDE
        c.wire((x + 160, y + 30), (x + _WIDE, y + 30))
    c.flag((end + 172, y + 30), "QH'", "right", COIL)
    c.wire((end + 160, y + 30), (end + 172, y + 30))
    for name, line, offset in (("SRCLK", buses[0], 36), ("RCLK", buses[1], 80)):
        c.flag((_LEFT - 24, line), name, "left", COIL)
        c.wire((_LEFT - 24, line), (end + offset, line))
    c.wire((158, buses[2]), (end + 124, buses[2]))
    c.text((168, buses[2] - 8), "OE#", Style(13, bold=True))
    _fire(c, (148, buses[2] + 46))
    c.lines((_LEFT - 40, buses[2] + 42), _CHAIN_NOTES, NOTE)
    return top + 352


_CHAIN_NOTES = (
    "VCC and SRCLR# to 3.3 V, 100 nF at each. 10 kΩ pull-downs on DATA, SRCLK and RCLK.",
    "OE# is pulled up: the outputs are open circuits and each gate's own pull-down holds its",
    "coil off until FIRE, the pulse that hardware ends, pulls OE# low. Through QH' the firmware",
    "reads the pattern back before it fires.",
)


def _register(
    c: Canvas, at: Point, buses: tuple[float, float, float], says: tuple[str, str]
) -> None:
    x, y = at
    c.box((x, y), (160, 104))
    c.text((x + 80, y + 20), f"{says[0]} 74HC595", Style(13, "middle", True))
    c.text((x + 7, y + 35), "14 in", _SMALL)
    c.text((x + 153, y + 35), "QH' 9", Style(12, "end"))
    c.text((x + 80, y + 60), "QA … QH to", NOTE_MIDDLE)
    c.text((x + 80, y + 77), says[1], Style(12.5, "middle", True, COIL))
    for offset, pin, line in zip((36, 80, 124), ("11", "12", "13"), buses, strict=True):
        c.text((x + offset, y + 98), pin, Style(12, "middle"))
        c.wire((x + offset, y + 104), (x + offset, line))
        c.dot((x + offset, line))


def _fire(c: Canvas, at: Point) -> None:
    """Q3 turns the active-high fire line into OE#; nobody driving it: OE# stays up."""
    x, y = at
    c.part("nmos", (x, y))
    c.wire((x + 10, y - 22), (x + 10, y - 46))
    c.text((x + 18, y + 5), "Q3", NOTE)
    c.ground((x + 10, y + 22))
    c.dot((x - 28, y))
    c.part("resistor", (x - 28, y + 20), 90)
    c.text((x - 38, y + 25), "10 kΩ", Style(12, "end"))
    c.ground((x - 28, y + 40))
    c.wire((x - 22, y), (x - 28, y))
    c.part("resistor", (x - 48, y))
    c.text((x - 48, y - 11), "1 kΩ", Style(12, "middle"))
    c.flag((x - 68, y), "FIRE", "left", COIL)
    c.dot((x - 60, y - 46))
    c.wire((x - 60, y - 46), (x + 10, y - 46))
    c.rail((x - 60, y - 92), "3.3 V", LOGIC)
    c.part("resistor", (x - 60, y - 72), 90)
    c.wire((x - 60, y - 52), (x - 60, y - 46))
    c.text((x - 50, y - 68), "10 kΩ", _SMALL)


def expanders(c: Canvas, top: float, doors: int, first_address: int) -> float:
    """Draw the contacts' section; returns its lower edge."""
    c.section(top, 298, "Contacts: MCP23017, seven doors each")
    count = -(-doors // INPUTS)
    sda, scl, y = top + 94, top + 120, top + 152
    for line, name in ((sda, "XSDA"), (scl, "XSCL")):
        c.flag((86, line), name, "left", BUS)
        c.wire((86, line), (110 + (count - 1) * 238, line), color=BUS)
    c.wire((110 + (count - 1) * 238, scl), (134 + (count - 1) * 238, scl), color=BUS)
    for x, line in ((450, sda), (520, scl)):
        c.rail((x, sda - 44), "3.3 V")
        c.part("resistor", (x, sda - 24), 90)
        c.wire((x, sda - 4), (x, line), color=BUS)
        c.dot((x, line), BUS)
        c.text((x + 9, sda - 20), "2.2 kΩ", _SMALL)
    for index in range(count):
        low, high = INPUTS * index + 1, min(INPUTS * (index + 1), doors)
        _expander(c, (28 + index * 238, y), (sda, scl), (index, first_address + index, low, high))
    c.text((28, y + 132), _EXPANDER_NOTE, NOTE)
    return top + 298


_EXPANDER_NOTE = (
    "VDD and RESET# (10 kΩ) to 3.3 V, 100 nF at each. GPA7 and GPB7 stay open: output only."
)


def _expander(c: Canvas, at: Point, buses: Point, what: tuple[int, int, int, int]) -> None:
    (x, y), (index, address, low, high) = at, what
    for offset, line in ((82, buses[0]), (106, buses[1])):
        c.wire((x + offset, y), (x + offset, line), color=BUS)
        c.dot((x + offset, line), BUS)
    c.box((x, y), (214, 108))
    c.text((x + 107, y + 22), f"U{11 + index} MCP23017, {address:#04x}", Style(13, "middle", True))
    straps = " ".join(f"A{bit}={address >> bit & 1}" for bit in (2, 1, 0))
    last = f"GPA{high - low}", f"GPB{high - low}"
    c.lines(
        (x + 12, y + 46),
        (
            f"GPA0 … {last[0]}: reeds {low} … {high}",
            f"GPB0 … {last[1]}: latches {low} … {high}",
            straps,
        ),
        _SMALL,
    )
