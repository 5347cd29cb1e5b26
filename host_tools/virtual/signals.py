"""Two lamps and a beeper, and a log of what they did."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_KEEP = 2000


@dataclass(frozen=True, slots=True)
class Change:
    """One of red, green, beeper went on or off."""

    at_ms: float
    what: str
    on: bool


class SignalPanel:
    """Levels now, and the last changes, oldest first."""

    def __init__(self) -> None:
        self.red = self.green = self.beep = False
        self.log: deque[Change] = deque(maxlen=_KEEP)

    def set(self, now_ms: float, red: bool, green: bool, beep: bool) -> None:
        for what, on in (("red", red), ("green", green), ("beep", beep)):
            if getattr(self, what) != on:
                setattr(self, what, on)
                self.log.append(Change(now_ms, what, on))

    def beeps(self, since_ms: float = 0.0) -> list[tuple[float, float]]:
        """(start, length in ms) of each finished beep."""
        found, start = [], None
        for change in self.log:
            if change.what != "beep" or change.at_ms < since_ms:
                continue
            if change.on:
                start = change.at_ms
            elif start is not None:
                found.append((start, change.at_ms - start))
        return found
