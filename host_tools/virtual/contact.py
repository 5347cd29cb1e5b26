"""One switch contact on a wire: a reed, a latch switch or a key, with bounce and wiring faults.

All times are milliseconds on the caller's own time line and never go back.
"""

from __future__ import annotations

from math import inf
from random import Random

FAULTS = ("stuck_on", "stuck_off", "cut", "flapping")
_FLAP_MS = (15.0, 350.0)


class Contact:
    """A contact that is on or off, and what the far end of its wire reads.

    ``cut`` reads as off: every input has a pull resistor to the level that means "not closed, not
    locked".
    """

    def __init__(self, on: bool, rng: Random, bounce_ms: float = 4.0) -> None:
        self.on = on
        self.fault = ""
        self._rng = rng
        self._bounce_ms = bounce_ms
        self._edges: list[tuple[float, bool]] = []
        self._read = on
        self._flap_level = on
        self._flap_at = 0.0

    def move(self, now_ms: float, on: bool) -> None:
        """The magnet or the cam arrives: the wire chatters for a few ms and then says ``on``."""
        if on == self.on:
            return
        self.advance(now_ms)
        self.on = on
        chatter = 2 * self._rng.randint(0, 3) if self._bounce_ms else 0
        times = sorted(now_ms + self._rng.uniform(0.05, self._bounce_ms) for _ in range(chatter))
        self._edges = [(now_ms, on)]
        self._edges += [(at, on if i % 2 else not on) for i, at in enumerate(times)]

    def break_down(self, now_ms: float, fault: str) -> None:
        """Inject one of FAULTS, or "" to repair. ValueError for another word."""
        if fault and fault not in FAULTS:
            raise ValueError(f"contact fault {fault!r}: expected one of {', '.join(FAULTS)}")
        self.fault = fault
        self._flap_level = self.on
        self._flap_at = now_ms + self._rng.uniform(*_FLAP_MS)

    def level(self, now_ms: float) -> bool:
        """What the wire reads now."""
        self.advance(now_ms)
        if not self.fault:
            return self._read
        return self._flap_level if self.fault == "flapping" else self.fault == "stuck_on"

    def advance(self, now_ms: float) -> None:
        """Let chatter and flapping go on until now_ms."""
        while self._edges and self._edges[0][0] <= now_ms:
            self._read = self._edges.pop(0)[1]
        while self.fault == "flapping" and self._flap_at <= now_ms:
            self._flap_level = not self._flap_level
            self._flap_at += self._rng.uniform(*_FLAP_MS)

    def next_edge(self) -> float:
        """When the wire may change by itself; inf when it will not."""
        flap = self._flap_at if self.fault == "flapping" else inf
        return min(flap, self._edges[0][0]) if self._edges else flap
