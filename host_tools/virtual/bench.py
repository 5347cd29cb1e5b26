"""The whole bench: cabinet, pulse hardware, keypad, display, clock, lamps, on one time line.

Nothing here waits or looks at a clock: the caller says what time it is. Later calls never have an
earlier time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf

from .cabinet import Cabinet
from .compartment import Compartment
from .i2c import I2CBus
from .keypad import KeyMatrix
from .layout import Layout, standard
from .lcd import Backpack, Hd44780
from .pulse import PulseEngine
from .rtc import Ds3231
from .signals import SignalPanel

_KEEP = 500
_TOLD = {
    "coil_on": "coil on",
    "coil_off": "coil off",
    "opened": "door opens",
    "moved_unpowered": "door moved without its coil",
    "wide_open": "door wide open",
    "shut": "door shut",
    "bolt_free": "bolt free",
    "bolt_locked": "bolt locked",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bench's diary; ``who`` is "door 3", a person's name or "bench"."""

    at_ms: float
    who: str
    text: str


class Bench:
    """Parts are public.

    ``bench.cabinet.openings()``, ``bench.display.lines()``, ``bench.keypad.tap(...)``.
    """

    def __init__(
        self, layout: Layout | None = None, seed: int = 0, unix_s: float | None = None
    ) -> None:
        """unix_s: what the RTC says at time 0; None leaves its oscillator-stop flag set."""
        self.layout = layout or standard()
        self.diary: deque[Line] = deque(maxlen=_KEEP)
        self.now_ms = 0.0
        self.cabinet = Cabinet(self.layout.doors, seed, self._door_tells)
        self.pulses = PulseEngine(self.cabinet, self.layout.pulse_limit_ms)
        self.keypad = KeyMatrix(seed)
        self.display = Hd44780(self.layout.columns, self.layout.rows)
        self.backpack = Backpack(self.display)
        self.rtc = Ds3231()
        self.signals = SignalPanel()
        self.bus = I2CBus(self.layout.i2c_hz)
        self.bus.devices[self.layout.display_address] = self.backpack
        self.bus.devices[self.layout.rtc_address] = self.rtc
        if unix_s is not None:
            self.rtc.set_unix(0.0, unix_s)

    def advance(self, now_ms: float) -> None:
        """Everything that happens by itself until now_ms, in order."""
        if now_ms < self.now_ms:
            return
        self.pulses.advance(now_ms)
        self.cabinet.advance(now_ms)
        self.keypad.advance(now_ms)
        self.now_ms = now_ms

    def next_event(self) -> float:
        """When something changes by itself; inf when all is quiet."""
        return min(
            self.pulses.next_event(), self.cabinet.next_event(), self.keypad.next_event(), inf
        )

    def door(self, number: int) -> Compartment:
        """ValueError for a door this cabinet does not have."""
        if number not in self.cabinet.doors:
            raise ValueError(f"no door {number}: this cabinet has 1..{len(self.cabinet.doors)}")
        return self.cabinet.doors[number]

    def pull(self, number: int, takes_ms: float = 600.0) -> bool:
        """Somebody pulls the handle now; False when it does not give."""
        gave = self.door(number).pull(self.now_ms, takes_ms)
        self.cabinet.touched()
        return gave

    def push(self, number: int, takes_ms: float = 500.0) -> None:
        self.door(number).push(self.now_ms, takes_ms)
        self.cabinet.touched()

    def force(self, number: int) -> None:
        """A crowbar."""
        self.door(number).force(self.now_ms)
        self.cabinet.touched()
        self.note("bench", f"door {number} forced")

    def fault(self, number: int, fault: str, present: bool = True) -> None:
        """Inject or repair one of compartment.FAULTS. ValueError for another word."""
        self.door(number).set_fault(self.now_ms, fault, present)
        self.cabinet.touched()
        self.note("bench", f"door {number}: {fault} {'injected' if present else 'repaired'}")

    def swap_coils(self, a: int, b: int) -> None:
        """Miswire the harness. ValueError for a door this cabinet does not have."""
        self.door(a), self.door(b)
        self.cabinet.swap_coils(a, b)
        self.note("bench", f"coil wires of doors {a} and {b} swapped")

    def lose_power(self) -> None:
        """Mains gone: coils, lamps and display are dark; the clock's own cell keeps it going."""
        self.pulses.abort(self.now_ms)
        self.signals.set(self.now_ms, False, False, False)
        self.display.power_up(self.now_ms)
        self.backpack.backlight = False
        self.note("bench", "power lost")

    def note(self, who: str, text: str, at_ms: float | None = None) -> None:
        """One more line of the diary."""
        self.diary.append(Line(self.now_ms if at_ms is None else at_ms, who, text))

    def _door_tells(self, at_ms: float, door: int, what: str) -> None:
        if what in _TOLD:
            self.note(f"door {door}", _TOLD[what], at_ms)
