"""From raw contact levels to steady ones: debounce and flap detection for a whole bank of inputs,
as bit masks.

While nothing is due the cost does not depend on the number of doors. A contact with more than
``flap_limit`` edges in ``flap_window_ms`` is not known until it has been quiet for that long again
(research/field.md, pain 9).
"""

from locker.core import ticks
from micropython import const

_LONG_MS = const(86_400_000)


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
        self._every = (1 << count) - 1  # what else a sample holds means nothing
        self._raw = -1
        self._moving = self._every  # level not settled yet
        self._settle_at = 0  # nothing settles before this
        self._watched = 0  # a flap window is running
        self._window_at = 0  # no window ends before this
        self._flapping = 0
        self._dark = 0  # cannot be read
        self._since = [0] * count
        self._edges = [0] * count
        self._window_from = [0] * count

    def update(self, raw: int, now: int) -> int:
        """Take one sample of all inputs; returns the inputs whose steady level or known bit
        changed (0: nothing to do).
        """
        if raw == self._raw and not self._moving and not self._watched:
            return 0
        steady, known = self.steady, self.known
        if raw != self._raw:
            self._take(raw, now)
        if ticks.due(now, self._settle_at):
            self._settle(now)
        if ticks.due(now, self._window_at):
            self._end_windows(now)
        return (steady ^ self.steady) | (known ^ self.known)

    def idle_ms(self, now: int) -> int:
        """For how long levels like those of the last sample change nothing; 0 or less: the next
        one may do so.
        """
        left_ms = _LONG_MS
        if self._moving:
            left_ms = ticks.diff(self._settle_at, now)
        if self._watched:
            left_ms = min(left_ms, ticks.diff(self._window_at, now))
        return left_ms

    def blind(self, dark: int, now: int) -> int:
        """Tell which inputs cannot be read: they are unknown, until they can be read and have held
        a level for settle_ms again. Returns those that were known.
        """
        changed = dark ^ self._dark
        if not changed:
            return 0
        self._dark = dark
        self._moving |= changed
        self._settle_at = now
        i = 0
        while changed >> i:
            if changed >> i & 1:
                self._since[i] = now
            i += 1
        lost = self.known & dark
        self.known &= ~dark
        return lost

    def is_quiet(self, bit: int) -> bool:
        """True when the input is known and not moving at this moment."""
        return bool(self.known & bit) and not self._moving & bit

    def is_flapping(self, bit: int) -> bool:
        """True when the input is unknown because it changes too often."""
        return bool(self._flapping & bit)

    def _take(self, raw: int, now: int) -> None:
        """Levels that are not those of the last sample."""
        raw &= self._every
        changed = raw ^ self._raw
        if self._raw < 0:
            self._since = [now] * len(self._since)
            changed = 0
        self._raw = raw
        self._settle_at = self._window_at = now
        self._moving |= changed
        i = 0
        while changed >> i:
            bit = 1 << i
            if changed & bit:
                self._since[i] = now
                if not self._watched & bit:
                    self._window_from[i] = now
                    self._edges[i] = 0
                self._edges[i] += 1
                if self._edges[i] > self._flap_limit:
                    self._window_from[i] = now
                    self._flapping |= bit
                    self.known &= ~bit
            i += 1
        self._watched |= changed

    def _settle(self, now: int) -> None:
        settled, self._settle_at = _ripe(self._moving, self._since, self._settle_ms, now)
        settled &= ~self._dark
        self._moving &= ~settled
        self.steady = self.steady & ~settled | self._raw & settled
        self.known |= settled & ~self._flapping

    def _end_windows(self, now: int) -> None:
        ended, self._window_at = _ripe(self._watched, self._window_from, self._flap_window_ms, now)
        self._watched &= ~ended
        self.known |= ended & self._flapping & ~self._moving
        self._flapping &= ~ended


def _ripe(mask: int, since: list[int], limit_ms: int, now: int) -> tuple[int, int]:
    """(those of mask whose time is over, when to look at the others)."""
    ripe = 0
    soonest_ms = limit_ms
    i = 0
    while mask >> i:
        if mask >> i & 1:
            left_ms = limit_ms - ticks.diff(now, since[i])
            if left_ms <= 0:
                ripe |= 1 << i
            elif left_ms < soonest_ms:
                soonest_ms = left_ms
        i += 1
    return ripe, ticks.add(now, soonest_ms)
