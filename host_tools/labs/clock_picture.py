"""The clock-lab's picture: error and uncertainty against days offline, as SVG."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape

from labs.modelled import OFFLINE_DAYS
from labs.oscillators import Kind
from labs.statistics import Estimate

_WIDE, _HIGH = 230, 190
_LEFT, _TOP, _GAP = 46, 56, 46
_DECADES = (0.1, 1.0, 10.0, 100.0, 1000.0)
_LINES = (
    ("uncorrected, p95", "#b8860b", "2 3"),
    ("uncertainty U, median", "#2a6f97", "6 3"),
    ("error, p95", "#9d0208", ""),
)


class Measured(Protocol):
    """What a panel shows."""

    kind: Kind
    climate: str

    def p95(self, day: int) -> Estimate: ...
    def chip_p95(self, day: int) -> Estimate: ...
    def bound(self, day: int) -> Estimate: ...


def draw(path: Path, cells: Sequence[Measured]) -> None:
    """Write one panel a cell, two rows, both axes logarithmic."""
    columns = (len(cells) + 1) // 2
    width = columns * (_WIDE + _GAP) + _LEFT
    height = 2 * (_HIGH + _GAP + 14) + _TOP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        *_legend(),
    ]
    for index, cell in enumerate(cells):
        x = _LEFT + index // 2 * (_WIDE + _GAP)
        y = _TOP + index % 2 * (_HIGH + _GAP + 14)
        parts += [f'<g transform="translate({x} {y})">', *_panel(cell), "</g>"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*parts, "</svg>", ""]))


def _legend() -> Iterator[str]:
    yield f'<text x="{_LEFT}" y="18" font-size="14">Seconds against days offline</text>'
    for i, (label, colour, dash) in enumerate(_LINES):
        x = _LEFT + 230 + i * 190
        yield f'<path d="M{x} 14h30" stroke="{colour}" stroke-width="2" {_dash(dash)}/>'
        yield f'<text x="{x + 36}" y="18">{label}</text>'


def _panel(cell: Measured) -> Iterator[str]:
    yield f'<text y="-6">{escape(cell.kind.name)}, {escape(cell.climate)}</text>'
    yield f'<rect width="{_WIDE}" height="{_HIGH}" fill="none" stroke="#999"/>'
    for value in _DECADES:
        y = _y(value)
        yield f'<path d="M0 {y:.1f}h{_WIDE}" stroke="#ddd"/>'
        yield f'<text x="-5" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    for day in OFFLINE_DAYS:
        yield f'<text x="{_x(day):.1f}" y="{_HIGH + 14}" text-anchor="middle">{day}</text>'
    for (_, colour, dash), of in zip(_LINES, (cell.chip_p95, cell.bound, cell.p95), strict=True):
        points = " ".join(f"{_x(d):.1f},{_y(of(d).value):.1f}" for d in OFFLINE_DAYS)
        line = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"'
        yield f"{line} {_dash(dash)}/>"


def _dash(pattern: str) -> str:
    return f'stroke-dasharray="{pattern}"' if pattern else ""


def _x(day: int) -> float:
    return 10 + (_WIDE - 20) * math.log(day) / math.log(OFFLINE_DAYS[-1])


def _y(value: float) -> float:
    low, high = math.log10(_DECADES[0]), math.log10(_DECADES[-1])
    place = (math.log10(min(max(value, _DECADES[0]), _DECADES[-1])) - low) / (high - low)
    return _HIGH * (1 - place)
