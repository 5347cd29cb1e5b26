"""Times, days and hours as people type them."""

import time
from datetime import datetime

from lockerctl import persons
from lockerctl.errors import Exit, ToolError

_QUARTER_MIN = 15


def moment(text: str) -> int:
    """Unix seconds of an ISO 8601 text, local unless it says otherwise; now for an empty one.
    Raises ToolError.
    """
    if not text:
        return int(time.time())
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError, OSError):
        raise ToolError(
            Exit.USAGE,
            f"{text!r} is no ISO 8601 time.",
            "For example 2026-11-22T18:30 or 2026-11-22T17:30Z.",
        ) from None


def days(text: str) -> int:
    """The mask of 'mon-fri', 'mon,wed,sat-sun'; every day for an empty text. Raises ToolError."""
    mask = 0
    for part in text.lower().split(",") if text else ():
        first, dash, last = part.strip().partition("-")
        if first not in persons.DAYS or (dash and last not in persons.DAYS):
            raise ToolError(Exit.USAGE, f"{text!r} names no days.", "For example mon-fri,sun.")
        begin = persons.DAYS.index(first)
        end = persons.DAYS.index(last) if dash else begin
        if end < begin:
            raise ToolError(Exit.USAGE, f"{part!r} runs backwards: the week begins on mon.")
        mask |= sum(1 << day for day in range(begin, end + 1))
    return mask or persons.EVERY_DAY


def hours(text: str) -> tuple[int, int]:
    """Quarters of an hour of '08:00-18:30'; all of the day for an empty text. Raises ToolError."""
    if not text:
        return persons.ALL_HOURS
    begin, _, end = text.partition("-")
    found = _quarter(begin), _quarter(end)
    if None in found or not found[0] < found[1]:  # type: ignore[operator]
        raise ToolError(
            Exit.USAGE,
            f"{text!r} are no hours of one day, in quarters of an hour.",
            "For example 08:00-18:30; a night is two grants.",
        )
    return found  # type: ignore[return-value]


def _quarter(text: str) -> int | None:
    hour, _, minute = text.strip().partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        return None
    whole, rest = divmod(int(hour) * 60 + int(minute), _QUARTER_MIN)
    return whole if not rest and whole <= persons.ALL_HOURS[1] and int(minute) < 60 else None
