"""What a thermometer beside a controller's crystal would bring after SYNCED_DAYS of daily sync:
the station's filter with a third state, how many ppm its rate follows a degree. No station has
this; it says whether one should. In doubles, against the same crystals in the same weather.
"""

import math
from collections.abc import Iterator
from random import Random

from labs import statistics
from labs.modelled import MISSED, OFFLINE_DAYS, SYNCED_DAYS
from labs.oscillators import DAY_S, STEP_S, Kind, trace
from labs.statistics import Estimate
from locker.core import discipline

_TAU = STEP_S * discipline.MS
_STEPS_A_DAY = DAY_S // STEP_S
_NOISE_S = 0.1  # of one comparison
_SET_S = 0.6
_SENSOR_C = 3.0  # standard deviation of a sensor's offset
# Of an AT cut: the slope of most angles, its spread over them, and the cubic of all.
_SLOPE, _SLOPE_SPREAD, _CUBIC = -0.1, 0.115, 1e-4

# (name, is the maker's curve taken off, spread of the slope that is learnt)
WAYS = (
    ("no thermometer", False, 0.0),
    ("the maker's curve", True, 0.0),
    ("and its slope learnt", True, _SLOPE_SPREAD),
)


class Filter:
    """Offset (s), rate (ppm) and slope (ppm per degree), with their covariances."""

    def __init__(self, oscillator: tuple[float, float, float], slope_spread: float) -> None:
        wander, _, spread = oscillator
        self._walk = wander * wander / 2.592  # ppm^2 per Ms
        self.offset = self._rate = self._slope = 0.0
        self._p11, self._p22, self._p33 = _SET_S**2, spread * spread, slope_spread**2
        self._p12 = self._p13 = self._p23 = 0.0

    def carry(self, degrees: float, known_ppm: float) -> None:
        """One step of the weather. degrees: off 25 C; known_ppm: what the curve says of it."""
        tau, warm = _TAU, degrees * _TAU
        self.offset += (self._rate + known_ppm) * tau + self._slope * warm
        ahead12 = self._p12 + tau * self._p22 + warm * self._p23
        ahead13 = self._p13 + tau * self._p23 + warm * self._p33
        self._p11 += tau * (self._p12 + ahead12) + warm * (self._p13 + ahead13)
        self._p11 += self._walk * tau**3 / 3
        self._p12, self._p13 = ahead12 + self._walk * tau**2 / 2, ahead13
        self._p22 += self._walk * tau

    def compare(self, gained_s: float) -> None:
        """Trusted time says how much the crystal has gained."""
        ahead, total = gained_s - self.offset, self._p11 + _NOISE_S**2
        gains = [p / total for p in (self._p11, self._p12, self._p13)]
        self.offset += gains[0] * ahead
        self._rate += gains[1] * ahead
        self._slope += gains[2] * ahead
        self._p22 -= gains[1] * self._p12
        self._p23 -= gains[1] * self._p13
        self._p33 -= gains[2] * self._p13
        kept = _NOISE_S**2 / total
        self._p11, self._p12, self._p13 = kept * self._p11, kept * self._p12, kept * self._p13


def found(kind: Kind, runs: int, seed: str) -> Iterator[tuple[str, Estimate]]:
    """(way, p95 of |error| in s on the last day offline) outdoors."""
    for name, has_curve, spread in WAYS:
        errors = [
            _error_s(kind, has_curve, spread, Random(f"{seed}/{kind.name}/{run}"))
            for run in range(runs)
        ]
        yield name, statistics.percentile(errors, 0.95)


def _error_s(kind: Kind, has_curve: bool, spread: float, rng: Random) -> float:
    days = SYNCED_DAYS + OFFLINE_DAYS[-1]
    gained, weather = trace(kind, "outdoors", days, rng)
    sensor_off = rng.gauss(0, _SENSOR_C)
    kept = Filter(kind.oscillator, spread)
    last = SYNCED_DAYS * _STEPS_A_DAY
    for step, celsius in enumerate(weather, 1):
        degrees = celsius + sensor_off - 25
        kept.carry(degrees, _SLOPE * degrees + _CUBIC * degrees**3 if has_curve else 0.0)
        is_due = step % _STEPS_A_DAY == 0 and step < last and rng.random() >= MISSED
        if is_due or step == last:
            kept.compare(gained[step] + rng.gauss(0, _NOISE_S / 2))
    return math.fabs(gained[-1] - kept.offset)
