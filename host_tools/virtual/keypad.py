"""A 4 x 3 matrix keypad without diodes, and the help button beside it."""

from __future__ import annotations

from collections import deque
from math import inf
from random import Random

from .contact import Contact

ROWS = ("123", "456", "789", "*0#")
HELP = "?"
KEYS = "".join(ROWS) + HELP
_KEEP = 2000


class KeyMatrix:
    """Fingers on one side, rows and columns on the other. Times in ms.

    ``presses`` is the witness of what fingers did: (time, key), oldest first, the last 2000.
    """

    def __init__(self, seed: int = 0) -> None:
        self.presses: deque[tuple[float, str]] = deque(maxlen=_KEEP)
        self._contacts = {key: Contact(False, Random(f"{seed}/key/{key}"), 3.0) for key in KEYS}
        self._let_go: dict[str, float] = {}

    def press(self, now_ms: float, key: str) -> None:
        """A finger goes down and stays. ValueError for an unknown key."""
        self._contact(key).move(now_ms, True)
        self.presses.append((now_ms, key))

    def release(self, now_ms: float, key: str) -> None:
        self._let_go.pop(key, None)
        self._contact(key).move(now_ms, False)

    def tap(self, now_ms: float, key: str, hold_ms: float = 110.0) -> None:
        """Press now, let go by itself after hold_ms."""
        self.press(now_ms, key)
        self._let_go[key] = now_ms + hold_ms

    def columns(self, now_ms: float, row: int) -> int:
        """The columns (bit 0 = left) that answer to this row (0..3), ghost paths included."""
        self.advance(now_ms)
        rows, columns = {row}, 0
        while True:
            reached = self._reached(now_ms, rows)
            if reached == columns:
                return columns
            columns = reached
            rows |= {r for r in range(len(ROWS)) if self._row(now_ms, r) & columns}

    def help_down(self, now_ms: float) -> bool:
        self.advance(now_ms)
        return self._contacts[HELP].level(now_ms)

    def down(self) -> str:
        """The keys under a finger now, for viewers."""
        return "".join(key for key, contact in self._contacts.items() if contact.on)

    def advance(self, now_ms: float) -> None:
        for key in [key for key, at in self._let_go.items() if at <= now_ms]:
            self._contacts[key].move(self._let_go.pop(key), False)

    def next_event(self) -> float:
        return min(self._let_go.values(), default=inf)

    def _contact(self, key: str) -> Contact:
        if key not in self._contacts:
            raise ValueError(f"no key {key!r} on this keypad: expected one of {KEYS}")
        return self._contacts[key]

    def _row(self, now_ms: float, row: int) -> int:
        levels = (self._contacts[key].level(now_ms) for key in ROWS[row])
        return sum(level << column for column, level in enumerate(levels))

    def _reached(self, now_ms: float, rows: set[int]) -> int:
        columns = 0
        for row in rows:
            columns |= self._row(now_ms, row)
        return columns
