"""Wall time: a clock chip's reading, carried on by ticks and corrected by what comparisons with
trusted time have taught, with an honest bound on its error.

Times are seconds since 2020-01-01 UTC: they fit MicroPython's 31-bit small ints until 2054, where
Unix time would be a heap object. The chip runs on undisturbed; what it lacks is added here
(whole seconds apart from the filter's small floats). The *floor* rises only after a trusted time
that agrees with the clock, never falls, and nothing below it is believed. Typed codes are no
evidence: whoever types them late could move the clock.
"""

import struct

from locker.core import discipline, faults, ticks
from locker.core.discipline import Discipline
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.discipline import Oscillator

EPOCH = const(1_577_836_800)  # Unix time of 2020-01-01T00:00:00Z
CELL = ("clock", 4, 1)

SYNCED, HOLDOVER, DEGRADED, UNSYNCED = range(4)
TRUST_NAMES = ("synced", "holdover", "degraded", "unsynced")

# Sources of trusted time: each reply is bound to a nonce of this station.
SERVER, TOKEN = range(2)
_SIGMAS = (6.0, 1.7)  # in the bound of each: journeys are rarely all one way, minutes are even

_CARRIED_S = const(20_000)  # per second of error: the controller's crystal, between two readings
_SET_ERROR_S = 2.0  # of a chip set by hand: whole-second registers, and the transfer
_SYNCED_S = const(5)
_HOLDOVER_S = const(120)
_STEP_LIMIT_S = const(60)  # ticks carry ten seconds to a millisecond: a larger step is a sick chip
_UNKNOWN_S = const(65_535)  # the most a journal record holds
_DAY_S = const(86_400)
_SECOND_WITHIN_S = const(3600)
_FLOOR_SLACK_S = const(60)
_NOISE_S = 0.1  # a chip read to 0.1 s, and the steps of a reactor
_OFFSET_LOST = const(0x3FFFFFFF)  # as an epoch: no reading of the chip is later
_LAYOUT = ">Ii24s"


class Clock:
    """Before the first comparison: the chip's own time, set from a trusted source at set_at_s."""

    def __init__(
        self, floor_s: int, now: int = 0, oscillator: "Oscillator" = discipline.DS3231
    ) -> None:
        """floor_s: no time below it is believed (build date, or the last trusted time); now: while
        the time is not known, it counts from here.
        """
        self.floor_s = floor_s
        self._discipline = Discipline(oscillator)
        self._epoch_s = 0  # by the chip: when it was last compared; 0: never
        self._offset_s = 0  # whole seconds to add to the chip's time
        self._base_s = 0
        self._read_s = 0
        self._base_ticks = now
        self._known = False
        self._on_chip = False  # else ticks since power-on stand for it, and nothing can be stored
        self._pending = (SERVER, 0, -_SECOND_WITHIN_S)
        self._hinted_ms = 0  # added on the word of who cannot be trusted
        self._hinted_most_ms = 0  # since the last trusted time

    @property
    def is_known(self) -> bool:
        """True once a believable reading was taken."""
        return self._known

    @property
    def chip_off_s(self) -> int:
        """Whole seconds that the chip lacks."""
        return self._offset_s

    @property
    def rate_ppm(self) -> float:
        """How fast the chip loses, as learnt so far."""
        return self._discipline.rate

    def take(self, rtc_s: int, set_at_s: int, now: int) -> bool:
        """Adopt a reading of the chip, which shows whole seconds: ticks tell where in between.

        False, and nothing changes, when it lies below the floor, before the last comparison (or
        set_at_s, when there was none), or far from the time carried on by ticks.
        """
        compared_s = self._epoch_s or set_at_s
        if rtc_s < compared_s or rtc_s + self._offset_s < self.floor_s:
            return False
        if not self._known:
            self._begin(rtc_s, set_at_s, now)
            return True
        carried_s = self._raw(now)[0]
        if abs(rtc_s - carried_s) > _STEP_LIMIT_S:
            return False
        if carried_s != rtc_s:
            self._base_s = rtc_s
            self._base_ticks = now if carried_s < rtc_s else ticks.add(now, -999)
        self._read_s = rtc_s
        return True

    def advance(self, now: int) -> None:
        """Carry the base forward; to be called at least once a day (ticks differences end at 6.2
        days).
        """
        whole_s = ticks.diff(now, self._base_ticks) // 1000
        self._base_s += whole_s
        self._base_ticks = ticks.add(self._base_ticks, whole_s * 1000)

    def time(self, now: int) -> "tuple[int, int]":
        """(seconds since 2020, milliseconds); since power-on when the time is not known."""
        seconds, ms = self._trusted(now)
        ms += self._hinted_ms
        return seconds + ms // 1000, ms % 1000

    def _trusted(self, now: int) -> "tuple[int, int]":
        seconds, ms = self._raw(now)
        if not self._known:
            return seconds, ms
        tau = (seconds - self._epoch_s) * discipline.MS
        ms += int(self._discipline.correction_s(tau) * 1000.0)
        return seconds + self._offset_s + ms // 1000, ms % 1000

    def now_s(self, now: int) -> int:
        """Seconds since 2020; since power-on when the time is not known."""
        return self.time(now)[0]

    def uncertainty_s(self, now: int) -> int:
        """Bound on the error in seconds; without meaning while trust() is UNSYNCED."""
        if not self._known:
            return _UNKNOWN_S
        bound_s = self._bound_s(self._raw(now)[0]) + self._hinted_most_ms / 1000
        return int(bound_s) + 1

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

    def sync(self, source: int, at: "tuple[int, int]", error_ms: int, now: int) -> int:
        """Compare with trusted time, (s, ms) at ``now``, wrong by error_ms at most (its journey
        included).

        NONE: agrees. CLOCK_STEPPED: it did not, and was taken over. TIME_BELOW_FLOOR,
        TIME_UNCONFIRMED (a jump over a day waits for a second source): refused, nothing changed.
        """
        if at[0] < self.floor_s:
            if at[0] + error_ms // 1000 < self.floor_s:
                return faults.TIME_BELOW_FLOOR
            at = (self.floor_s, 0)  # of what it leaves open, the part above the floor
        seconds, ms = self._trusted(now)
        ahead_s = at[0] - seconds
        if self._known and abs(ahead_s) > _DAY_S and not self._seconded(source, ahead_s, now):
            return faults.TIME_UNCONFIRMED
        ahead_ms = ahead_s * 1000 + at[1] - ms
        error_s = error_ms / 1000 + _NOISE_S
        raw_s = self._raw(now)[0]
        agrees = self._known and abs(ahead_ms) <= int((self._bound_s(raw_s) + error_s) * 1000.0)
        fault = faults.CLOCK_STEPPED if self._known and not agrees else faults.NONE
        if agrees:
            self.floor_s = max(self.floor_s, at[0] - error_ms // 1000 - _FLOOR_SLACK_S)
        if agrees and raw_s - self._read_s <= _STEP_LIMIT_S:
            self._carry(raw_s)
            self._discipline.compare(ahead_ms / 1000, error_s / _SIGMAS[source], error_s)
            self._fold()
        else:
            self._adopt(ahead_ms, error_s, raw_s)
        self._hinted_ms = self._hinted_most_ms = 0
        return fault

    def hint(self, at: "tuple[int, int]", error_ms: int, now: int) -> int:
        """Time from who cannot be trusted, (s, ms) at ``now``, wrong by error_ms at most if true.

        Followed within the bound that trusted time has left. It moves neither that bound nor the
        floor, and however far it shifts the clock is added to the uncertainty: of whoever tells
        lies, no sequence leads further. NONE, CLOCK_UNSYNCED (a lost clock takes no hint) or
        SNTP_DISAGREES, with nothing changed.
        """
        if not self._known:
            return faults.CLOCK_UNSYNCED
        seconds, ms = self._trusted(now)
        ahead_s = at[0] - seconds
        if at[0] < self.floor_s or abs(ahead_s) > _DAY_S:
            return faults.SNTP_DISAGREES
        ahead_ms = ahead_s * 1000 + at[1] - ms
        limit_ms = int(self._bound_s(self._raw(now)[0]) * 1000.0)
        if abs(ahead_ms) > limit_ms + error_ms:
            return faults.SNTP_DISAGREES
        if abs(ahead_ms) <= limit_ms:
            self._hinted_ms = ahead_ms
            self._hinted_most_ms = max(self._hinted_most_ms, abs(ahead_ms))
        return faults.NONE

    def chip_was_set(self, rtc_s: int, now: int) -> None:
        """The chip was just set to rtc_s, by a known time: that stays, what is added to the chip's
        changes.
        """
        seconds, ms = self._trusted(now)
        raw_s = self._raw(now)[0]
        self._carry(raw_s)
        self._discipline.widen(self._carried_s(raw_s))
        self._discipline.offset = ms / 1000
        self._offset_s = seconds - rtc_s
        self._epoch_s = self._base_s = self._read_s = rtc_s
        self._base_ticks = now
        self._on_chip = True

    def pack(self, keep_offset: bool = True) -> bytes:
        """The durable form. keep_offset False, before the chip is set: after a power cut in
        between, only the rate is known.
        """
        epoch_s = self._epoch_s if keep_offset and self._on_chip else _OFFSET_LOST
        return struct.pack(_LAYOUT, epoch_s, self._offset_s, self._discipline.pack())

    def unpack(self, payload: bytes) -> None:
        """Take over a stored form, before the first take(). Raises ValueError."""
        if len(payload) != struct.calcsize(_LAYOUT):
            raise ValueError("not a clock cell")
        epoch_s, offset_s, state = struct.unpack(_LAYOUT, payload)
        self._discipline.unpack(state)
        self._epoch_s, self._offset_s = epoch_s, offset_s

    def _begin(self, rtc_s: int, set_at_s: int, now: int) -> None:
        self._base_s = self._read_s = rtc_s
        self._base_ticks = now
        self._known = self._on_chip = True
        if not self._epoch_s:
            self._epoch_s = set_at_s
            self._discipline.start(0.0, _SET_ERROR_S)

    def _seconded(self, source: int, ahead_s: int, now: int) -> bool:
        """True when another source said the same within the hour."""
        raw_s = self._raw(now)[0]
        before, said_s, at_s = self._pending
        self._pending = (source, ahead_s, raw_s)
        told = before != source and raw_s - at_s < _SECOND_WITHIN_S
        return told and abs(said_s - ahead_s) <= _STEP_LIMIT_S

    def _adopt(self, ahead_ms: int, error_s: float, raw_s: int) -> None:
        """Take the offset over as it is; the rate is kept, unsure."""
        if self._known:
            self._carry(raw_s)
            ahead_ms += int(self._discipline.offset * 1000.0)
        else:
            self._offset_s = 0
        self._offset_s += ahead_ms // 1000
        self._discipline.start((ahead_ms % 1000) / 1000, error_s)
        self._epoch_s = self._read_s = raw_s
        self._known = True

    def _carry(self, raw_s: int) -> None:
        self._discipline.carry((raw_s - self._epoch_s) * discipline.MS)
        self._epoch_s = raw_s

    def _fold(self) -> None:
        """Whole seconds of the filter's offset move to the integer part."""
        whole_s = int(self._discipline.offset)
        self._discipline.offset -= whole_s
        self._offset_s += whole_s

    def _raw(self, now: int) -> "tuple[int, int]":
        ms = ticks.diff(now, self._base_ticks)
        return self._base_s + ms // 1000, ms % 1000

    def _bound_s(self, raw_s: int) -> float:
        tau = (raw_s - self._epoch_s) * discipline.MS
        return self._discipline.bound_s(tau) + self._carried_s(raw_s)

    def _carried_s(self, raw_s: int) -> float:
        return (raw_s - self._read_s) / _CARRIED_S
