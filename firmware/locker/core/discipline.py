"""How far a clock is off, and how fast it loses: a two-state Kalman filter (offset, frequency)
fed by comparisons with better time, after research/codes-and-clock.md, "clock".

The boards' floats have 24 bits. Absolute time never enters here: offsets are seconds, rates ppm,
spans of time mega-seconds (ppm * Ms = s), so that every figure is small. Covariances are only
multiplied and added, but for one difference, which is kept from going negative.
"""

import math
import struct

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    Oscillator = tuple[float, float, float]

# (wander in ppm per 30 days, worst rate in ppm, spread of new ones in ppm)
DS3231 = (0.15, 5.0, 2.0)  # data sheet: +-2 ppm at 0..40 C, +-3.5 ppm at -40..85 C, and ageing
CRYSTAL = (2.5, 60.0, 20.0)  # a controller's AT-cut crystal
RAW_32K = (10.0, 100.0, 20.0)  # 32 kHz tuning fork: -0.034 ppm/C^2 around 25 C

MS = 1e-6  # seconds to mega-seconds
_MONTH = 2.592  # Ms
_WHITE = 1e-4  # s^2 per Ms: phase noise
_LEAST_RATE = 1e-6  # ppm^2: no estimate is surer, or it would never follow again
_SURE_S = 1.0  # added to 3 sigma: models are only models
_LAYOUT = ">ffffff"


class Discipline:
    """What to add to a clock. Spans ``tau`` (Ms) count from the last comparison, >= 0."""

    def __init__(self, oscillator: "Oscillator") -> None:
        wander, self._worst, self._spread = oscillator
        self._walk = wander * wander / _MONTH
        self.rate = 0.0
        self._error = 0.0
        self.start(0.0, 0.0)

    def start(self, offset_s: float, error_s: float) -> None:
        """Begin with an offset known to error_s (a bound), and the rate as it was, unsure."""
        self.offset = offset_s
        self._error = error_s
        self._p11 = error_s * error_s / 9.0
        self._p12 = 0.0
        self._p22 = self._spread * self._spread

    def correction_s(self, tau: float) -> float:
        """What to add to the clock now."""
        return self.offset + self.rate * tau

    def bound_s(self, tau: float) -> float:
        """Bound on the error of the corrected clock: it only grows with tau."""
        worst = self._error + (self._worst + abs(self.rate)) * tau
        return min(3.0 * math.sqrt(self._variance(tau)) + _SURE_S, worst)

    def carry(self, tau: float) -> None:
        """Make now the moment that spans count from."""
        self.offset = self.correction_s(tau)
        self._error += (self._worst + abs(self.rate)) * tau
        self._p11 = self._variance(tau)
        self._p12 += tau * (self._p22 + self._walk * tau / 2.0)
        self._p22 += self._walk * tau

    def widen(self, error_s: float) -> None:
        """The clock was carried by something else, wrong by error_s at most."""
        sigma_s = math.sqrt(self._p11) + error_s / 3.0
        self._p11 = sigma_s * sigma_s
        self._error += error_s

    def compare(self, ahead_s: float, sigma_s: float, error_s: float) -> None:
        """A comparison at the moment of carry(): better time is ahead_s ahead of the corrected
        clock, with sigma_s of noise and error_s at most.
        """
        noise = sigma_s * sigma_s
        total = self._p11 + noise
        gain = self._p11 / total
        rate_gain = self._p12 / total
        self.offset += gain * ahead_s
        self.rate = min(max(self.rate + rate_gain * ahead_s, -self._worst), self._worst)
        self._p22 = max(self._p22 - rate_gain * self._p12, _LEAST_RATE)
        kept = noise / total
        self._p11 *= kept
        self._p12 *= kept
        # The new offset lies between the clock's and the source's, each with a bound of its own.
        self._error = kept * self._error + gain * error_s

    def _variance(self, tau: float) -> float:
        grown = 2.0 * self._p12 + tau * (self._p22 + self._walk * tau / 3.0)
        return self._p11 + tau * (grown + _WHITE)

    def pack(self) -> bytes:
        """The durable form, 24 bytes."""
        return struct.pack(
            _LAYOUT, self.offset, self.rate, self._error, self._p11, self._p12, self._p22
        )

    def unpack(self, payload: bytes) -> None:
        """Take over a stored form. Raises ValueError for figures that no filter can have."""
        offset, rate, error, p11, p12, p22 = struct.unpack(_LAYOUT, payload)
        sound = -1e4 < offset < 1e4 and -self._worst <= rate <= self._worst
        if not sound or not all(0.0 <= v < 1e12 for v in (error, p11, p12, p22)):
            raise ValueError("not the state of a clock")
        self.offset, self.rate, self._error = offset, rate, error
        self._p11, self._p12, self._p22 = p11, p12, p22
