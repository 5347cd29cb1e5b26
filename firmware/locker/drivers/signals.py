"""The station's two lamps and its beeper.

Every meaning has a rhythm of its own: colour is never the only sign. Nothing blinks faster than
three times a second (WCAG 2.2, criterion 2.3.1: photosensitive people).
"""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import SignalPort

_SLOT_MS = const(125)
_SLOTS = const(16)

# Lamps: (red, green), one bit per 125 ms slot of a two-second round, bit 0 first.
_PATTERNS = {
    "off": (0x0000, 0x0000),
    "ready": (0x0000, 0xFFFF),  # steady
    "offline": (0x0000, 0x7FFF),  # steady with one short gap
    "busy": (0x0000, 0x3333),  # even, twice a second
    "refused": (0x000F, 0x0000),  # one long
    "alarm": (0x7777, 0x0000),  # quick, mostly on
    "out_of_service": (0x00FF, 0x0000),  # a second on, a second off
    "safe_mode": (0x0333, 0x0000),  # three, pause
    "service": (0x0033, 0x0F00),  # two red, one long green
}

# Beeps: importance, then on, off, on, ... in ms. A beep never cuts off a more important one.
_BEEPS = {
    "key": (0, (25,)),
    "door": (1, (60, 60, 60)),
    "accepted": (2, (80, 60, 240)),
    "refused": (3, (500,)),
    "alarm": (4, (200, 100, 200, 100, 200, 100, 200)),
}


class Signals:
    """Call step() as often as idle_ms() says. The port is touched only when a level changes."""

    def __init__(self, port: "SignalPort") -> None:
        self._port = port
        self._pattern = _PATTERNS["off"]
        self._slot = 0
        self._slot_at = 0
        self._shown = -1
        self._importance = -1  # of the beep that sounds or is about to; -1: quiet
        self._rhythm: "tuple[int, ...]" = ()
        self._phase = -1  # -1: not started
        self._phase_ends = 0
        self._sounding = False

    def set(self, name: str) -> None:
        """Show a lamp pattern until another is set. KeyError for a name without a pattern."""
        pattern = _PATTERNS[name]
        if pattern is not self._pattern:
            self._pattern = pattern
            self._slot = 0
            self._shown = -1

    def beep(self, kind: str) -> None:
        """Beep from the next step on, unless a more important one sounds. KeyError like set()."""
        importance, rhythm = _BEEPS[kind]
        if importance >= self._importance:
            self._importance = importance
            self._rhythm = rhythm
            self._phase = -1

    def step(self, now: int) -> None:
        """Bring lamps and beeper to where they should be now."""
        self._step_lamps(now)
        self._step_beeper(now)

    def idle_ms(self, now: int) -> int:
        """How long step() has nothing to do, 0 or less: none, while nothing else is set."""
        # The lamps' next change of level: two seconds at most, after which the rhythm is lost.
        slots = 1
        while slots < _SLOTS and self._levels(self._slot + slots) == self._shown:
            slots += 1
        left = slots * _SLOT_MS - ticks.diff(now, self._slot_at)
        if self._importance < 0:
            return left
        return min(left, ticks.diff(self._phase_ends, now)) if self._phase >= 0 else 0

    def _levels(self, slot: int) -> int:
        """2: red, 1: green."""
        slot %= _SLOTS
        return 2 * (self._pattern[0] >> slot & 1) + (self._pattern[1] >> slot & 1)

    def _step_lamps(self, now: int) -> None:
        elapsed = ticks.diff(now, self._slot_at)
        if self._shown < 0 or not 0 <= elapsed < _SLOTS * _SLOT_MS:
            self._slot_at = now
        elif elapsed >= _SLOT_MS:
            passed = elapsed // _SLOT_MS
            self._slot = (self._slot + passed) % _SLOTS
            self._slot_at = ticks.add(self._slot_at, passed * _SLOT_MS)
        levels = self._levels(self._slot)
        if self._shown != levels:
            self._shown = levels
            self._port.lamps(levels > 1, levels & 1 == 1)

    def _step_beeper(self, now: int) -> None:
        if self._importance < 0 or (self._phase >= 0 and not ticks.due(now, self._phase_ends)):
            return
        self._phase += 1
        if self._phase < len(self._rhythm):
            self._phase_ends = ticks.add(now, self._rhythm[self._phase])
            self._sound(self._phase % 2 == 0)
        else:
            self._importance = -1
            self._sound(False)

    def _sound(self, on: bool) -> None:
        if on != self._sounding:
            self._sounding = on
            self._port.beep(on)
