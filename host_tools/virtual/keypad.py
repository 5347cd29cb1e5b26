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
_COLUMNS = len(ROWS[0])
_ROW_MASK = (1 << _COLUMNS) - 1
_HELP_BIT = KEYS.index(HELP)


class KeyMatrix:
    """Fingers on one side, rows and columns on the other. Times in ms.

    ``presses`` is the witness of what fingers did: (time, key), oldest first, the last 2000.
    """

    def __init__(self, seed: int = 0) -> None:
        self.presses: deque[tuple[float, str]] = deque(maxlen=_KEEP)
        self._contacts = {key: Contact(False, Random(f"{seed}/key/{key}"), 3.0) for key in KEYS}
        self._let_go: dict[str, float] = {}
        self._levels = 0
        self._answers: dict[int, int] = {}
        self._read_again_at = -inf
        self._next: float | None = None

    def press(self, now_ms: float, key: str) -> None:
        """A finger goes down and stays. ValueError for an unknown key."""
        self._contact(key).move(now_ms, True)
        self._touched()
        self.presses.append((now_ms, key))

    def release(self, now_ms: float, key: str) -> None:
        self._let_go.pop(key, None)
        self._contact(key).move(now_ms, False)
        self._touched()

    def tap(self, now_ms: float, key: str, hold_ms: float = 110.0) -> None:
        """Press now, let go by itself after hold_ms."""
        self.press(now_ms, key)
        self._let_go[key] = now_ms + hold_ms
        self._touched()

    def columns(self, now_ms: float, row: int) -> int:
        """The columns (bit 0 = left) that answer to this row (0..3), ghost paths included."""
        if not self.levels(now_ms):
            return 0
        if row not in self._answers:
            self._answers[row] = self._trace(row)
        return self._answers[row]

    def help_down(self, now_ms: float) -> bool:
        return bool(self.levels(now_ms) >> _HELP_BIT)

    def levels(self, now_ms: float) -> int:
        """The contacts as they are, bit by bit in the order of KEYS."""
        if now_ms >= self._read_again_at:
            self.advance(now_ms)
            contacts = self._contacts.values()
            self._levels = sum(c.level(now_ms) << bit for bit, c in enumerate(contacts))
            self._answers.clear()
            self._next = None
            self._read_again_at = self.next_event()
        return self._levels

    def down(self) -> str:
        """The keys under a finger now, for viewers."""
        return "".join(key for key, contact in self._contacts.items() if contact.on)

    def advance(self, now_ms: float) -> None:
        for key in [key for key, at in self._let_go.items() if at <= now_ms]:
            self._contacts[key].move(self._let_go.pop(key), False)
            self._touched()

    def _touched(self) -> None:
        self._read_again_at = -inf
        self._next = None

    def next_event(self) -> float:
        """When a key lets go or its contact chatters; inf when all is quiet."""
        if self._next is None:
            edges = min(contact.next_edge() for contact in self._contacts.values())
            self._next = min(edges, min(self._let_go.values(), default=inf))
        return self._next

    def _contact(self, key: str) -> Contact:
        if key not in self._contacts:
            raise ValueError(f"no key {key!r} on this keypad: expected one of {KEYS}")
        return self._contacts[key]

    def _trace(self, row: int) -> int:
        """Current finds its way through every key that is down."""
        rows, columns = {row}, 0
        while True:
            reached = 0
            for r in rows:
                reached |= self._levels >> r * _COLUMNS & _ROW_MASK
            if reached == columns:
                return columns
            columns = reached
            rows |= {r for r in range(len(ROWS)) if self._levels >> r * _COLUMNS & columns}
