"""A sheet of SVG: wires, schematic symbols, labels. Coordinates are pixels, y grows downwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

Point = tuple[float, float]

INK = "#1f2933"
GREY = "#5f6c7b"
COIL = "#c0321f"
LOGIC = "#b26a00"
# The widest of the usual ones first: what fits in it fits in the others.
FONT = "'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks; anchor: start, middle or end."""

    size: float = 13
    anchor: str = "start"
    bold: bool = False
    color: str = INK


LABEL = Style()
MIDDLE = Style(anchor="middle")
RIGHT = Style(anchor="end")
NOTE = Style(size=12.5, color=GREY)
NOTE_RIGHT = Style(size=12.5, anchor="end", color=GREY)
NOTE_MIDDLE = Style(size=12.5, anchor="middle", color=GREY)
TITLE = Style(size=16, bold=True)
HEADING = Style(size=22, bold=True)

# Each symbol lies on the x axis with its ends at -20 and 20, drawn in strokes of the given colour.
# "F" paths are filled as well.
_SYMBOLS: dict[str, tuple[str, ...]] = {
    "resistor": ("M-20 0H-13M13 0H20M-13 -5.5H13V5.5H-13Z",),
    "fuse": ("M-20 0H20M-13 -5.5H13V5.5H-13Z",),
    "diode": ("M-20 0H-7M7 0H20M7 -8V8", "F M-7 -8L7 0L-7 8Z"),
    "schottky": ("M-20 0H-7M7 0H20M3 -5V-8H7V8H11V5", "F M-7 -8L7 0L-7 8Z"),
    "zener": ("M-20 0H-7M7 0H20M3 -10L7 -7V7L11 10", "F M-7 -8L7 0L-7 8Z"),
    "led": (
        "M-20 0H-7M7 0H20M7 -8V8M-2 -11L3 -18M3 -18L-1 -16.5M3 -18L2.8 -14M5 -11L10 -18"
        "M10 -18L6 -16.5M10 -18L9.8 -14",
        "F M-7 -8L7 0L-7 8Z",
    ),
    "capacitor": ("M-20 0H-4M4 0H20M-4 -11V11M4 -11V11",),
    "coil": ("M-20 0A5 6 0 0 1 -10 0A5 6 0 0 1 0 0A5 6 0 0 1 10 0A5 6 0 0 1 20 0",),
    "contact": ("M-20 0H-10M10 0H20M-10 0L9 -9", "F M-12 0a2 2 0 1 0 4 0a2 2 0 1 0 -4 0"),
    "button": ("M-20 0H-10M10 0H20M-10 -6H10M0 -6V-13M-5 -13H5",),
    "jumper": (
        "M-20 0H-10M10 0H20M-10 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0M2 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
    ),
    # Gate at (-22, 0), drain at (10, -22), source at (10, 22).
    "nmos": (
        "M-22 0H-8M-8 -11V11M-2 -13V-6M-2 -3.5V3.5M-2 6V13M-2 -9.5H10V-22M-2 9.5H10V22M10 9.5V0H5",
        "F M-2 0L5 -4V4Z",
    ),
    # Gate at (0, 22), source at (-22, -10), drain at (22, -10).
    "pmos": (
        "M0 22V8M-11 8H11M-13 2H-6M-3.5 2H3.5M6 2H13M-9.5 2V-10H-22M9.5 2V-10H22M-9.5 -10H0V-5",
        "F M0 -6L-4 1H4Z",
    ),
    # Base at (-22, 0), collector at (10, -22), emitter at (10, 22).
    "npn": ("M-22 0H-5M-5 -11V11M-5 -4L10 -12V-22M-5 4L10 12V22", "F M10 12L2 11L6 5Z"),
    "ground": ("M0 0V8M-10 8H10M-6 12H6M-2.5 16H2.5",),
}


class Canvas:
    """Collects elements; svg() gives the file."""

    def __init__(self, width: int, title: str) -> None:
        self.width = width
        self.height = 0
        self._title = title
        self._elements: list[str] = []
        self._sections = 0
        self._used: set[str] = set()
        self.nets: set[str] = set()  # every flag's text, for the tests

    def wire(self, *points: Point, color: str = INK, width: float = 1.6) -> None:
        """A line through the points."""
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        self._add(f'<path d="{path}" stroke="{color}" stroke-width="{width:g}"/>')

    def dot(self, at: Point, color: str = INK) -> None:
        """Wires that meet."""
        self._add(f'<circle cx="{at[0]:g}" cy="{at[1]:g}" r="3" fill="{color}" stroke="none"/>')

    def text(self, at: Point, text: str, style: Style = LABEL) -> None:
        """One line of text; at is its baseline."""
        weight = ' font-weight="bold"' if style.bold else ""
        self._add(
            f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{style.size:g}"{weight} '
            f'text-anchor="{style.anchor}" fill="{style.color}">{escape(text)}</text>'
        )

    def lines(self, at: Point, lines: tuple[str, ...], style: Style = LABEL) -> None:
        """Several lines of text."""
        for row, line in enumerate(lines):
            self.text((at[0], at[1] + row * (style.size + 4)), line, style)

    def part(self, name: str, at: Point, turn: int = 0, color: str = INK) -> None:
        """A symbol around a point, turned clockwise."""
        self._used.add(name)
        place = f"translate({at[0]:g} {at[1]:g})" + (f" rotate({turn})" if turn else "")
        self._add(f'<use href="#{name}" transform="{place}" color="{color}"/>')

    def ground(self, at: Point, color: str = INK) -> None:
        """Logic ground, or in the coils' colour their own return."""
        self.part("ground", at, color=color)

    def rail(self, at: Point, text: str, color: str = LOGIC) -> None:
        """A supply, drawn above a wire that goes down from here."""
        self.wire(at, (at[0], at[1] - 10), color=color)
        self.wire((at[0] - 10, at[1] - 10), (at[0] + 10, at[1] - 10), color=color, width=2.4)
        self.text((at[0], at[1] - 15), text, Style(12.5, "middle", True, color))

    def flag(self, at: Point, text: str, side: str, color: str = INK) -> None:
        """A named net. side: "left" or "right", where the flag lies of its point."""
        self.nets.add(text)
        out = -1 if side == "left" else 1
        far = at[0] + out * (16 + 9.4 * len(text))
        points = [
            (at[0], at[1]),
            (at[0] + out * 8, at[1] - 10),
            (far, at[1] - 10),
            (far, at[1] + 10),
            (at[0] + out * 8, at[1] + 10),
        ]
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._add(f'<polygon points="{path}" fill="#fff" stroke="{color}" stroke-width="1.4"/>')
        middle = (at[0] + out * 8 + far) / 2
        self.text((middle, at[1] + 4.5), text, Style(12.5, "middle", True, color))

    def box(self, at: Point, size: Point, fill: str = "#fff", dashed: bool = False) -> None:
        """A device, or dashed a group of parts."""
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._add(
            f'<rect x="{at[0]:g}" y="{at[1]:g}" width="{size[0]:g}" height="{size[1]:g}" rx="4" '
            f'fill="{fill}" stroke="{GREY if dashed else INK}" stroke-width="1.4"{dash}/>'
        )

    def section(self, top: float, height: float, title: str, span: Point = (12, 976)) -> None:
        """A tinted area with a number and a title; span: left edge and width."""
        self._add(
            f'<rect x="{span[0]:g}" y="{top:g}" width="{span[1]:g}" height="{height:g}" rx="8" '
            'fill="#f6f8fa" stroke="#d5dbe1"/>'
        )
        self._sections += 1
        self.text((span[0] + 14, top + 25), f"{self._sections}  {title}", TITLE)

    def svg(self) -> str:
        """The whole file."""
        return "\n".join([*self._head(), *self._elements, "</g>", "</svg>", ""])

    def _head(self) -> Iterator[str]:
        size = f'width="{self.width}" height="{self.height}"'
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {self.width} {self.height}" font-family="{FONT}" role="img">'
        )
        yield f"<title>{escape(self._title)}</title>"
        yield "<defs>"
        yield from (_definition(name) for name in sorted(self._used))
        yield "</defs>"
        yield f'<rect {size} fill="#fff"/>'
        yield '<g fill="none" stroke-linecap="round" stroke-linejoin="round">'

    def _add(self, element: str) -> None:
        self._elements.append(element)


def _definition(name: str) -> str:
    """A symbol, in the colour of each use of it."""
    shapes = "".join(
        f'<path d="{path[2:]}" fill="currentColor"/>' if path[0] == "F" else f'<path d="{path}"/>'
        for path in _SYMBOLS[name]
    )
    return f'<g id="{name}" stroke="currentColor" stroke-width="1.6">{shapes}</g>'
