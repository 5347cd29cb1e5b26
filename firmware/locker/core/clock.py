"""Wall time between two readings of the RTC, with an honest bound on its error.

Times are seconds since 2020-01-01 UTC: they fit MicroPython's 31-bit small ints until 2054, where
Unix time would be a heap object. The clock is judged here only; which code windows it may open
follows from ``uncertainty_s``.
"""

from locker.core import ticks
from micropython import const

EPOCH = const(1_577_836_800)  # Unix time of 2020-01-01T00:00:00Z

SYNCED, HOLDOVER, DEGRADED, UNSYNCED = range(4)
TRUST_NAMES = ("synced", "holdover", "degraded", "unsynced")

_CARRIED_PPM = const(50)  # the controller's own crystal, between two readings of the chip
_DRIFT_PPM = const(5)  # DS3231: +-2 ppm at 0..40 C, +-3.5 ppm at -40..85 C (datasheet), and ageing
_SET_ERROR_S = const(2)  # whole-second registers, and the transfer
_SYNCED_S = const(5)
_HOLDOVER_S = const(120)
_STEP_LIMIT_S = const(60)  # ticks carry ten seconds to a millisecond: a larger step is a sick chip


class Clock:
    """RTC time carried on by ticks. set_at_s: when the RTC was last set from a trusted source (0:
    never).
    """

    def __init__(self, floor_s: int, now: int = 0) -> None:
        """floor_s: no reading below this is believed (build date, or the last trusted time);
        now: while the time is not known, it counts from here.
        """
        self.floor_s = floor_s
        self.set_at_s = 0
        self._base_s = 0
        self._read_s = 0
        self._base_ticks = now
        self._known = False

    @property
    def is_known(self) -> bool:
        """True once a believable reading was taken."""
        return self._known

    def take(self, rtc_s: int, set_at_s: int, now: int) -> bool:
        """Adopt an RTC reading. False, and nothing changes, when it lies below the floor or far
        from the time carried on by ticks.
        """
        if rtc_s < self.floor_s or rtc_s < set_at_s:
            return False
        if self._known and abs(rtc_s - self.now_s(now)) > _STEP_LIMIT_S:
            return False
        self._base_s = rtc_s
        self._read_s = rtc_s
        self._base_ticks = now
        self.set_at_s = set_at_s
        self._known = True
        return True

    def advance(self, now: int) -> None:
        """Carry the base forward; to be called at least once a day (ticks differences end at 6.2
        days).
        """
        whole_s = ticks.diff(now, self._base_ticks) // 1000
        self._base_s += whole_s
        self._base_ticks = ticks.add(self._base_ticks, whole_s * 1000)

    def now_s(self, now: int) -> int:
        """Seconds since 2020; since power-on when the time is not known."""
        return self._base_s + ticks.diff(now, self._base_ticks) // 1000

    def uncertainty_s(self, now: int) -> int:
        """Bound on the error in seconds; meaningless while trust() is UNSYNCED."""
        age_s = self.now_s(now) - self.set_at_s
        carried_s = self.now_s(now) - self._read_s
        drift_s = age_s // (1_000_000 // _DRIFT_PPM) + carried_s // (1_000_000 // _CARRIED_PPM)
        return _SET_ERROR_S + drift_s

    def trust(self, now: int) -> int:
        """SYNCED (error <= 5 s), HOLDOVER (<= 120 s), DEGRADED (more) or UNSYNCED (time not
        known).
        """
        if not self._known:
            return UNSYNCED
        error_s = self.uncertainty_s(now)
        if error_s <= _SYNCED_S:
            return SYNCED
        return HOLDOVER if error_s <= _HOLDOVER_S else DEGRADED
