"""The second guard of the coils, in software, on top of the pulse that hardware ends."""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import CoilPort

# Heat of a coil as one time constant: on-time adds to it, and it decays with _TAU_S. Lock coils
# take minutes to warm, so a minute is on the safe side: less may be spent at a stretch.
_TAU_S = const(60)
_COOL_MS = const(60_000)  # at least so often, so that no time grows old enough to wrap
_LATE_MS = const(20)
_REST_MARGIN_MS = const(20)  # a tick of ours and the rounding of the hardware's off-time

# Why fire() refused.
RANGE = "range"  # no such door, or not 1..limit_ms
BUSY = "busy"  # a pulse runs, or the off-time after it
DUTY = "duty"  # a coil would get warmer than its rated duty makes it
HARDWARE = "hardware"  # the pulse hardware refused


class Solenoid:
    """One pulse at a time, an off-time after each, and a heat budget per coil.

    The off-time alone keeps the duty while the station runs. The budget keeps it across restarts,
    without a flash write: every coil counts as being as hot as its rated duty makes it when the
    station starts, so that restarts in any number add nothing. Call step() with every door step:
    it sees the pulse end.
    """

    def __init__(
        self, coils: "CoilPort", doors: int, duty_percent: int, gap_ms: int, now: int = 0
    ) -> None:
        """doors: how many; duty_percent: 1..50, the coils' rating; gap_ms: least off-time."""
        self._coils = coils
        self._duty_percent = duty_percent
        self._gap_ms = gap_ms
        # On for duty_percent of all time, a coil's heat (ms of on-time) settles at this.
        self._budget_ms = _TAU_S * 10 * duty_percent
        self._heat_ms = [self._budget_ms] * doors
        self._cooled_at = now
        self._fired_at = 0
        self._on_ms = 0  # of the pulse that runs; 0: none
        self._rest_ms = 0  # off-time still owed after it; 0: none
        self._rest_at = 0
        self._late = False
        self.refusal = ""

    def fire(self, mask: int, on_ms: int, now: int) -> bool:
        """Start one pulse on the doors in mask (bit d-1). False when refused: see refusal. Never
        raises.
        """
        self.step(now)
        self._cool(now)
        self.refusal = self._refusal(mask, on_ms)
        if self.refusal:
            return False
        try:
            self._coils.fire(mask, on_ms)
        except (OSError, ValueError):
            self.refusal = HARDWARE
            return False
        for index in range(len(self._heat_ms)):
            if mask >> index & 1:
                self._heat_ms[index] += on_ms
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
        """Follow the running pulse, and let the coils cool."""
        if ticks.diff(now, self._cooled_at) >= _COOL_MS:
            self._cool(now)
        if self._on_ms:
            self._follow_pulse(now)
        elif self._rest_ms and ticks.diff(now, self._rest_at) >= self._rest_ms:
            self._rest_ms = 0

    def _refusal(self, mask: int, on_ms: int) -> str:
        if not 0 < mask < 1 << len(self._heat_ms) or not 1 <= on_ms <= self._coils.limit_ms:
            return RANGE
        if self._on_ms or self._rest_ms or self._coils.busy():
            return BUSY
        for index, heat_ms in enumerate(self._heat_ms):
            if mask >> index & 1 and heat_ms + on_ms > self._budget_ms:
                return DUTY
        return ""

    def _follow_pulse(self, now: int) -> None:
        if self._coils.busy():
            self._late = self._late or ticks.diff(now, self._fired_at) > self._on_ms + _LATE_MS
            return
        off_share_ms = self._on_ms * (100 - self._duty_percent) // self._duty_percent
        self._rest_ms = max(self._gap_ms, off_share_ms + _REST_MARGIN_MS)
        self._rest_at = now
        self._on_ms = 0

    def _cool(self, now: int) -> None:
        """1 / (1 + t / tau) is never below exp(-t / tau): however seldom this is called, a coil
        counts as too warm and never as too cool.
        """
        whole_s = ticks.diff(now, self._cooled_at) // 1000
        self._cooled_at = ticks.add(self._cooled_at, whole_s * 1000)
        for index, heat_ms in enumerate(self._heat_ms):
            self._heat_ms[index] = -(-heat_ms * _TAU_S // (_TAU_S + whole_s))
