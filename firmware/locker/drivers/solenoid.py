"""The second guard of the coils, in software, on top of the pulse that hardware ends."""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import CoilPort

_WINDOW_MS = const(60_000)
_LATE_MS = const(20)
_REST_MARGIN_MS = const(20)  # a tick of ours and the rounding of the hardware's off-time

# Why fire() refused.
RANGE = "range"  # no such door, or not 1..limit_ms
BUSY = "busy"  # a pulse runs, or the off-time after it
DUTY = "duty"  # this coil would be on for more than its share of a minute
HARDWARE = "hardware"  # the pulse hardware refused


class Solenoid:
    """One pulse at a time, an off-time after each, and a share of every minute per coil.

    Call step() with every door step: it sees the pulse end, and no deadline may grow so old that
    the ticks wrap. Any 60 s lie in two neighbouring slots, so both sums together bound them.
    """

    def __init__(self, coils: "CoilPort", doors: int, duty_percent: int, gap_ms: int) -> None:
        """doors: how many; duty_percent: 1..50, the coils' rating; gap_ms: least off-time."""
        self._coils = coils
        self._duty_percent = duty_percent
        self._gap_ms = gap_ms
        self._budget_ms = _WINDOW_MS * duty_percent // 100
        self._this_slot = [0] * doors  # ms on, per door
        self._last_slot = [0] * doors
        self._slot_at: "int | None" = None
        self._fired_at = 0
        self._on_ms = 0  # of the pulse that runs; 0: none
        self._rest_ms = 0  # off-time still owed after it; 0: none
        self._rest_at = 0
        self._late = False
        self.refusal = ""

    def fire(self, door: int, on_ms: int, now: int) -> bool:
        """Start a pulse on one door (1..). False when refused: see refusal. Never raises."""
        self.step(now)
        self.refusal = self._refusal(door, on_ms)
        if self.refusal:
            return False
        try:
            self._coils.fire(1 << (door - 1), on_ms)
        except (OSError, ValueError):
            self.refusal = HARDWARE
            return False
        self._this_slot[door - 1] += on_ms
        self._fired_at = now
        self._on_ms = on_ms
        self._late = False
        return True

    def busy(self) -> bool:
        """True while the hardware says that a coil is on."""
        return self._coils.busy()

    def abort(self) -> None:
        """Everything off now; the off-time is still kept."""
        self._coils.abort()

    def end_late(self, now: int) -> bool:
        """True when the last pulse was seen on more than 20 ms after its time, until the next one.

        A step that comes late does not count: only a coil that is still on does.
        """
        self.step(now)
        return self._late

    def step(self, now: int) -> None:
        """Follow the running pulse and the slots of the duty budget."""
        self._roll_slots(now)
        if self._on_ms:
            self._follow_pulse(now)
        elif self._rest_ms and ticks.diff(now, self._rest_at) >= self._rest_ms:
            self._rest_ms = 0

    def _refusal(self, door: int, on_ms: int) -> str:
        if not 1 <= door <= len(self._this_slot) or not 1 <= on_ms <= self._coils.limit_ms:
            return RANGE
        if self._on_ms or self._rest_ms or self._coils.busy():
            return BUSY
        spent_ms = self._this_slot[door - 1] + self._last_slot[door - 1]
        return DUTY if spent_ms + on_ms > self._budget_ms else ""

    def _follow_pulse(self, now: int) -> None:
        if self._coils.busy():
            self._late = self._late or ticks.diff(now, self._fired_at) > self._on_ms + _LATE_MS
            return
        off_share_ms = self._on_ms * (100 - self._duty_percent) // self._duty_percent
        self._rest_ms = max(self._gap_ms, off_share_ms + _REST_MARGIN_MS)
        self._rest_at = now
        self._on_ms = 0

    def _roll_slots(self, now: int) -> None:
        if self._slot_at is None:
            self._slot_at = now
        elapsed_ms = ticks.diff(now, self._slot_at)
        if elapsed_ms < _WINDOW_MS:
            return
        stale = elapsed_ms >= 2 * _WINDOW_MS
        for index in range(len(self._this_slot)):
            self._last_slot[index] = 0 if stale else self._this_slot[index]
            self._this_slot[index] = 0
        self._slot_at = now if stale else ticks.add(self._slot_at, _WINDOW_MS)
