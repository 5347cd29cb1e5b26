"""A grid of styled characters to draw on, and rectangles that a mouse can hit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from rich.text import Text


@dataclass(frozen=True, slots=True)
class Rect:
    """A part of a canvas that stands for ``what``: a door number or a key."""

    what: str
    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        return 0 <= x - self.x < self.width and 0 <= y - self.y < self.height


def hit(rects: tuple[Rect, ...], x: int, y: int) -> str:
    """What stands at this place, or ""."""
    return next((rect.what for rect in rects if rect.holds(x, y)), "")


class Canvas:
    """Characters of one cell each; what falls outside is cut."""

    def __init__(self, width: int, height: int, style: str = "") -> None:
        self.width, self.height = width, height
        self._cells = [[(" ", style)] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: str) -> None:
        """Write from x, y to the right."""
        for i, char in enumerate(text):
            if 0 <= x + i < self.width and 0 <= y < self.height:
                self._cells[y][x + i] = (char, style)

    def fill(self, rect: Rect, char: str, style: str) -> None:
        for y in range(rect.y, rect.y + rect.height):
            self.put(rect.x, y, char * rect.width, style)

    def text(self) -> Text:
        """The picture as one renderable of ``height`` lines."""
        text = Text(no_wrap=True, overflow="crop", end="")
        for i, row in enumerate(self._cells):
            if i:
                text.append("\n")
            # Blanks by themselves: some SVG renderers drop them at the start of a run.
            for (style, _), run in groupby(row, key=lambda cell: (cell[1], cell[0] == " ")):
                text.append("".join(char for char, _ in run), style)
        return text
