"""From raw contact levels to steady ones: debounce and flap detection for a whole bank of inputs,
as bit masks.

While nothing moves the cost does not depend on the number of doors: one comparison. A contact with
more than ``flap_limit`` edges in ``flap_window_ms`` is not known until it has been quiet for that
long again (research/field.md, pain 9).
"""

from locker.core import ticks


class Contacts:
    """Debounced mask of up to 24 inputs, bit i for input i.

    settle_ms: how long a level must hold to count (reed 60-150 ms, latch 15-30 ms). ``steady``
    holds the last steady levels, and ``known`` the inputs that have one; both start empty.
    """

    def __init__(
        self, count: int, settle_ms: int, flap_limit: int = 12, flap_window_ms: int = 4000
    ) -> None:
        self.steady = 0
        self.known = 0
        self._settle_ms = settle_ms
        self._flap_limit = flap_limit
        self._flap_window_ms = flap_window_ms
        self._raw = -1
        self._moving = (1 << count) - 1  # level not settled yet: all, at first
        self._watched = 0  # a flap window is running
        self._flapping = 0
        self._since = [0] * count
        self._edges = [0] * count
        self._window_from = [0] * count

    def update(self, raw: int, now: int) -> int:
        """Take one sample of all inputs; returns the inputs whose steady level or known bit
        changed (0: nothing to do).
        """
        if raw == self._raw and not self._moving and not self._watched:
            return 0
        if self._raw < 0:
            self._since = [now] * len(self._since)
        elif raw != self._raw:
            self._each(raw ^ self._raw, self._edge, now)
        self._raw = raw
        steady, known = self.steady, self.known
        self._each(self._moving, self._settle, now)
        self._each(self._watched, self._end_window, now)
        return (steady ^ self.steady) | (known ^ self.known)

    def is_quiet(self, bit: int) -> bool:
        """True when the input is known and not moving at this moment."""
        return bool(self.known & bit) and not self._moving & bit

    def is_flapping(self, bit: int) -> bool:
        """True when the input is unknown because it changes too often."""
        return bool(self._flapping & bit)

    def _each(self, mask: int, act, now: int) -> None:  # type: ignore[no-untyped-def]
        i = 0
        while mask:
            if mask & 1:
                act(i, 1 << i, now)
            mask >>= 1
            i += 1

    def _edge(self, i: int, bit: int, now: int) -> None:
        self._moving |= bit
        self._since[i] = now
        if not self._watched & bit:
            self._watched |= bit
            self._window_from[i] = now
            self._edges[i] = 0
        self._edges[i] += 1
        if self._edges[i] > self._flap_limit:
            self._flapping |= bit
            self.known &= ~bit

    def _settle(self, i: int, bit: int, now: int) -> None:
        if ticks.diff(now, self._since[i]) < self._settle_ms:
            return
        self._moving &= ~bit
        self.steady = self.steady & ~bit | self._raw & bit
        if not self._flapping & bit:
            self.known |= bit

    def _end_window(self, i: int, bit: int, now: int) -> None:
        since = self._since[i] if self._flapping & bit else self._window_from[i]
        if ticks.diff(now, since) < self._flap_window_ms:
            return
        self._watched &= ~bit
        if self._flapping & bit:
            self._flapping &= ~bit
            self.known |= bit
