"""Models of clocks and of the weather they stand in. Sources and figures: README.md."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from locker.core import discipline

DAY_S = 86_400
STEP_S = 10_800  # rates are constant for so long
YEAR_DAYS = 365.25

Climate = Callable[[float], float]  # temperature in C by day
Curve = Callable[[float], float]  # ppm by temperature


def constant(_rng: Random) -> Climate:
    """A heated hall."""
    return lambda _day: 22.0


def outdoors(rng: Random) -> Climate:
    """-10..45 C: a year of +-20 C and days of +-7.5 C around 17.5 C, from any day of the year."""
    begin = rng.random()

    def temperature(day: float) -> float:
        season = math.cos(2 * math.pi * (begin + day / YEAR_DAYS))
        return 17.5 + 20 * season + 7.5 * math.cos(2 * math.pi * day)

    return temperature


CLIMATES = {"constant": constant, "outdoors": outdoors}


def _compensated(rng: Random) -> Curve:
    """What a DS3231's compensation leaves: within 2 ppm at 0..40 C and 3.5 ppm beyond."""
    while True:
        slope, bend = rng.gauss(0, 0.5), rng.gauss(0, 0.5)

        def curve(celsius: float, slope: float = slope, bend: float = bend) -> float:
            off = (celsius - 25) / 35
            return slope * off + bend * off * off

        if all(abs(curve(c)) <= (2.0 if 0 <= c <= 40 else 3.5) for c in range(-40, 86, 5)):
            return curve


def _at_cut(rng: Random) -> Curve:
    """An AT-cut crystal: a cubic around 25 C whose slope depends on the angle of the cut."""
    slope = rng.uniform(-0.3, 0.1)
    return lambda c: slope * (c - 25) + 1e-4 * (c - 25) ** 3


def _tuning_fork(_rng: Random) -> Curve:
    """A 32 kHz watch crystal's parabola."""
    return lambda c: -0.034 * (c - 25) ** 2


@dataclass(frozen=True)
class Kind:
    """A kind of clock. oscillator: what the station takes it for.

    Standard deviations: spread_ppm of rates as bought, wander_ppm of the rate's random walk in 30
    days, ageing_ppm of its trend in a year.
    """

    name: str
    oscillator: tuple[float, float, float]
    spread_ppm: float
    wander_ppm: float
    ageing_ppm: float
    curve: Callable[[Random], Curve]


KINDS = (
    Kind("DS3231", discipline.DS3231, 1.0, 0.1, 0.25, _compensated),
    Kind("RP2040 crystal", discipline.CRYSTAL, 15.0, 1.5, 1.0, _at_cut),
    Kind("ESP32 crystal", discipline.CRYSTAL, 6.0, 1.2, 1.0, _at_cut),
    Kind("DS1307", discipline.RAW_32K, 13.0, 4.0, 1.5, _tuning_fork),
)


def gains(kind: Kind, climate: str, days: int, rng: Random) -> list[float]:
    """Seconds gained (+: fast) since day 0 by one clock of this kind, at every STEP_S."""
    return trace(kind, climate, days, rng)[0]


def trace(kind: Kind, climate: str, days: int, rng: Random) -> tuple[list[float], list[float]]:
    """The same, and the temperature in C of each step in between."""
    temperature = CLIMATES[climate](rng)
    curve = kind.curve(rng)
    wander = kind.wander_ppm * math.sqrt(STEP_S / (30 * DAY_S))
    rate = rng.gauss(0, kind.spread_ppm)
    ageing = rng.gauss(0, kind.ageing_ppm) * STEP_S / (YEAR_DAYS * DAY_S)
    gained, gains_s = 0.0, [0.0]
    weather = [temperature(step * STEP_S / DAY_S) for step in range(days * DAY_S // STEP_S)]
    for celsius in weather:
        gained += (rate + curve(celsius)) * 1e-6 * STEP_S
        gains_s.append(gained)
        rate += rng.gauss(0, wander) + ageing
    return gains_s, weather
