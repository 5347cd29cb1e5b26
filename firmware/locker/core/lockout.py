"""Brute force, made slow without ever shutting anybody out (research/codes-and-clock.md,
"lockout"). `make lockout-lab` measures what it comes to.

Two limits. *Guess mass*: every candidate an entry is compared with counts against that door's
tenancy. No entry is judged that would bring it over 94 of 10**8: the rest of one in a million is
left for what seven days of guessing at the recovery code come to. From then on the door takes its
recovery code only (12 digits). The courier's selector and that of all persons have a mass each
that leaks; past it they take the long code of the day, and two rotating codes in a row. Return
codes share the courier's, as neither opens what is occupied; past it they take the long one too.
*Throttle*: wrong entries fill a bucket that leaks one per ten powered minutes, and a full bucket
means a delay of at most 30 s. Ticks, not wall time; the delay starts again after a reboot.
"""

import struct

from locker.core import codes, ticks
from micropython import const

CELL = ("lockout", 2, 2)
MASS_LIMIT = const(94)

_FREE_TRIES = const(3)
_LEAK_MS = const(600_000)
_MAX_DELAY_MS = const(30_000)
_MAX_LEVEL = const(60)


class Lockout:
    """Counts for doors 1..doors, selector 0 (courier, with codes.RETURN) and codes.PERSON. All
    counts fit one small cell.

    candidates: how many codes an entry is compared with; long: it has twelve digits or more.
    """

    def __init__(self, doors: int) -> None:
        self.level = 0
        self._mass = bytearray(doors + 2)  # the last one is the persons'
        self._failed_at = 0
        self._leak_from = 0

    def restart(self, now: int) -> None:
        """After boot: the delay that the stored level asks for starts anew."""
        self._failed_at = now
        self._leak_from = now

    def leak(self, now: int) -> None:
        """Let the bucket, the courier's and the persons' mass run out with powered time; call at
        least once a day.
        """
        mass = self._mass
        while ticks.diff(now, self._leak_from) >= _LEAK_MS:
            self.level = max(self.level - 1, 0)
            mass[0] = max(mass[0] - 1, 0)
            mass[-1] = max(mass[-1] - 1, 0)
            self._leak_from = ticks.add(self._leak_from, _LEAK_MS)
        if not (self.level or mass[0] or mass[-1]):
            self._leak_from = now

    def wait_ms(self, now: int) -> int:
        """How long until the next entry is judged, 0..30000 ms."""
        over = self.level - _FREE_TRIES
        if over < 0:
            return 0
        delay = min(1000 << min(over, 5), _MAX_DELAY_MS)
        return min(max(0, delay - ticks.diff(now, self._failed_at)), delay)

    def codes_closed(self, selector: int, candidates: int) -> bool:
        """True when an eight-digit entry may no longer be compared with so many codes."""
        return self._mass[_index(selector)] + candidates > MASS_LIMIT

    def charge(self, selector: int, candidates: int, long: bool, now: int) -> None:
        """Count an entry as failed before it is judged. The caller stores the counts before it
        shows a result.
        """
        self.level = min(self.level + 1, _MAX_LEVEL)
        self._failed_at = now
        if not long:
            at = _index(selector)
            self._mass[at] = min(self._mass[at] + candidates, 255)

    def acquit(self, selector: int, candidates: int, long: bool) -> None:
        """The entry just charged was right: take back its own charge, nothing of others."""
        self.level = max(self.level - 1, 0)
        if not long:
            at = _index(selector)
            self._mass[at] = max(self._mass[at] - candidates, 0)

    def new_tenancy(self, door: int) -> None:
        """A new tenancy has new codes: guesses at the old ones no longer count."""
        self._mass[door] = 0

    def pack(self) -> bytes:
        """The durable part."""
        return struct.pack(">BB", self.level, len(self._mass)) + self._mass

    def unpack(self, payload: bytes) -> None:
        """Take over stored counts. Raises ValueError for a payload of another shape."""
        count = len(self._mass)
        if len(payload) != 2 + count or payload[1] != count or payload[0] > _MAX_LEVEL:
            raise ValueError("lockout counts of another station")
        self.level = payload[0]
        self._mass[:] = payload[2:]


def _index(selector: int) -> int:
    if selector == codes.RETURN:
        return codes.COURIER_SELECTOR
    return selector if selector < codes.PERSON else -1
