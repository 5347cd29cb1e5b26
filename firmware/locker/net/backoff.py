"""When to try again: at a random moment, so that a thousand stations do not come at once."""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable

_FLOOR_MS = const(1_000)
_FIRST_MS = const(4_000)
_CEILING_MS = const(60_000)


class Backoff:
    """Waits of 1 s up to a ceiling that doubles from 4 s to 60 s.

    random(n) gives n random bytes.
    """

    def __init__(self, random: "Callable[[int], bytes]") -> None:
        self._random = random
        self._ceiling = _FIRST_MS
        self._until = 0
        self._waiting = False

    def failed(self, now: int) -> None:
        """Start a wait; the next one may be twice as long."""
        noise = self._random(2)
        spread = self._ceiling - _FLOOR_MS
        # 14 bits of noise times a spread below 2**16 stays a small int.
        wait = (((noise[0] & 0x3F) << 8 | noise[1]) * spread) >> 14
        self._until = ticks.add(now, _FLOOR_MS + wait)
        self._ceiling = min(2 * self._ceiling, _CEILING_MS)
        self._waiting = True

    def succeeded(self) -> None:
        """Forget past failures, but let a running wait go on."""
        self._ceiling = _FIRST_MS

    def reset(self) -> None:
        """Forget everything: the next try may come at once."""
        self.succeeded()
        self._waiting = False

    def ready(self, now: int) -> bool:
        """True when no wait runs.

        Must be asked at least every six days, or the wait may seem to start anew.
        """
        if self._waiting and ticks.due(now, self._until):
            self._waiting = False
        return not self._waiting
