"""Where each door stands on a screen: columns of a cabinet, doors as tall as their size."""

from __future__ import annotations

from dataclasses import dataclass

from .canvas import Rect
from .snapshot import DoorView

_BY_SIZE = {"S": 3, "M": 4, "L": 6}
_FLAT = {"S": 3, "M": 3, "L": 3}
_NARROW, _EASY, _WIDE = 11, 14, 20  # cells a door: the words just fit, fit well, look lost
_STRETCH = 1.5


@dataclass(frozen=True, slots=True)
class Plan:
    """One rectangle a door, within width x height."""

    doors: tuple[Rect, ...]
    width: int
    height: int


def plan(doors: tuple[DoorView, ...], width: int, height: int) -> Plan:
    """An even cabinet of at most width x height cells; taller only when nothing fits."""
    for heights, narrowest in ((_BY_SIZE, _EASY), (_BY_SIZE, _NARROW), (_FLAT, _NARROW)):
        tall = [heights.get(door.size, 4) for door in doors]
        best = _best(tall, max(width // narrowest, 1), height)
        if best:
            break
    else:
        best = _columns(tall, max(width // _NARROW, 1))
    return _place(doors, tall, best, (width, height))


def _best(tall: list[int], most: int, height: int) -> list[int]:
    """The division into at most so many columns that wastes least; [] when none is low enough."""
    found: list[int] = []
    least = 0
    for count in range(1, most + 1):
        columns = _columns(tall, count)
        top = max(_filled(tall, columns))
        waste = top * (columns[-1] + 1) - sum(tall)
        if top <= height and (not found or waste < least):
            found, least = columns, waste
    return found


def _columns(tall: list[int], most: int) -> list[int]:
    """The column of each door, in order, with the least height for at most so many columns."""
    for limit in range(max(tall), sum(tall) + 1):
        columns, used = [0], tall[0]
        for height in tall[1:]:
            over = used + height > limit
            columns.append(columns[-1] + over)
            used = height if over else used + height
        if columns[-1] < most:
            break
    return columns


def _filled(tall: list[int], columns: list[int]) -> list[int]:
    filled = [0] * (columns[-1] + 1)
    for height, column in zip(tall, columns, strict=True):
        filled[column] += height
    return filled


def _place(
    doors: tuple[DoorView, ...], tall: list[int], columns: list[int], room: tuple[int, int]
) -> Plan:
    """Stretch every column to one common height."""
    filled = _filled(tall, columns)
    high = max(max(filled), min(room[1], int(max(filled) * _STRETCH)))
    wide = min(max(room[0] // len(filled), _NARROW), _WIDE)
    base, rects = [0] * len(filled), []
    for door, height, column in zip(doors, tall, columns, strict=True):
        top = round(base[column] * high / filled[column])
        base[column] += height
        bottom = round(base[column] * high / filled[column])
        rects.append(Rect(str(door.number), column * wide, top, wide, bottom - top))
    return Plan(tuple(rects), wide * len(filled), high)
