"""The pulse hardware of a board.

Fires a mask for a bounded time and ends by itself, whatever the firmware does.
"""

from __future__ import annotations

from math import inf

from .cabinet import Cabinet


class PulseEngine:
    """What PIO or RMT is on a real board. Times in ms."""

    def __init__(self, cabinet: Cabinet, limit_ms: int = 200) -> None:
        self.limit_ms = limit_ms
        self.refused = 0
        self._cabinet = cabinet
        self._end_ms = inf

    def fire(self, now_ms: float, mask: int, on_ms: int) -> bool:
        """Start one pulse. False, and counted, while one runs or outside 1..limit_ms.

        Hardware would ignore it.
        """
        self.advance(now_ms)
        if self.busy(now_ms) or not 1 <= on_ms <= self.limit_ms or not mask:
            self.refused += 1
            return False
        self._end_ms = now_ms + on_ms
        self._cabinet.drive(now_ms, mask, True)
        return True

    def busy(self, now_ms: float) -> bool:
        return now_ms < self._end_ms < inf

    def abort(self, now_ms: float) -> None:
        """Every coil off now."""
        self.advance(now_ms)
        self._end_ms = inf
        self._cabinet.drive(now_ms, 0, False)

    def advance(self, now_ms: float) -> None:
        """End a pulse whose time is over, at the moment it was over."""
        if self._end_ms <= now_ms:
            end, self._end_ms = self._end_ms, inf
            self._cabinet.drive(end, 0, False)

    def next_event(self) -> float:
        return self._end_ms
