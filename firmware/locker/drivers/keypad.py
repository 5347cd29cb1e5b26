"""4 x 3 matrix keypad and a help button: debounced key presses, one at a time."""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import KeyMatrixPort

KEYS = "123456789*0#?"  # bit 0 = "1"; the last is the help button
_ROWS = const(4)
_COLUMNS = const(3)
_HELP = const(1 << 12)
_WAITING_MAX = const(12)
_STUCK_MS = const(30_000)


class Keypad:
    """Call scan() every 10 ms (at most 20): a key counts when two scans agree, so after 10-20 ms.
    take() gives the presses one by one; scan() may interrupt it, never the other way round.
    scanned_at: ticks of the latest scan.

    Two keys may overlap, as in fast typing. When three or more keys are down in the corners of a
    rectangle, a matrix without diodes shows the fourth corner too: such a scan gives no press.
    """

    def __init__(self, matrix: "KeyMatrixPort") -> None:
        self._matrix = matrix
        self._scanning = False
        self.scanned_at = 0
        self._last = 0  # keys down in the scan before
        self._down = 0  # keys down, debounced
        self._waiting = bytearray(_WAITING_MAX + 1)  # a ring: only scan() moves its end, only
        self._first = self._end = 0  # take() its start, so neither needs to lock the other out
        self._held = 0  # keys that have been down since _held_since
        self._held_since = 0
        self._stuck = 0

    def take(self) -> str:
        """The next key pressed ("0".."9", "*", "#", "?" for help), or ""."""
        first = self._first
        if first == self._end:
            return ""
        key = KEYS[self._waiting[first]]
        self._first = (first + 1) % (_WAITING_MAX + 1)
        return key

    def scan(self, now: int) -> None:
        """Look at the keys. now: ticks, ms. Leaves a scan alone that it has interrupted."""
        if self._scanning:
            return
        self._scanning = True
        try:
            raw = self._read()
            if not _ghosted(raw):
                self._debounce(raw)
            self._last = raw
            self._watch_held(now)
            self.scanned_at = now
        finally:
            self._scanning = False

    @property
    def stuck(self) -> str:
        """The keys that have been down for 30 s or more and still are."""
        return _names(self._stuck)

    def _read(self) -> int:
        if not self._matrix.any_down():
            return 0
        raw = _HELP if self._matrix.help_down() else 0
        for row in range(_ROWS):
            raw |= self._matrix.columns(row) << (row * _COLUMNS)
        return raw

    def _debounce(self, raw: int) -> None:
        """A bit follows the scan only when the scan before says the same."""
        down = (raw & self._last) | (self._down & (raw | self._last))
        pressed = down & ~self._down
        self._down = down
        bit = 0
        while pressed >> bit:
            if pressed >> bit & 1:
                self._keep(bit)
            bit += 1

    def _keep(self, key: int) -> None:
        """With nobody taking the keys the newest are dropped: people still see the first ones."""
        after = (self._end + 1) % (_WAITING_MAX + 1)
        if after != self._first:
            self._waiting[self._end] = key
            self._end = after

    def _watch_held(self, now: int) -> None:
        self._held &= self._down
        self._stuck &= self._down
        if not self._held:
            self._held = self._down & ~self._stuck
            self._held_since = now
        elif ticks.diff(now, self._held_since) >= _STUCK_MS:
            self._stuck |= self._held
            self._held = 0


def _names(keys: int) -> str:
    if not keys:
        return ""
    return "".join([KEYS[bit] for bit in range(len(KEYS)) if keys >> bit & 1])


def _ghosted(raw: int) -> bool:
    """True when two rows share two or more columns."""
    for upper in range(_ROWS - 1):
        columns = raw >> (upper * _COLUMNS) & 7
        for lower in range(upper + 1, _ROWS):
            shared = columns & (raw >> (lower * _COLUMNS))
            if shared & (shared - 1):
                return True
    return False
