"""How late people type: seconds from reading a rotating code to its first key."""

import math
from random import Random

MEDIAN_S = 20.0
P95_S = 46.0
_SIGMA = math.log(P95_S / MEDIAN_S) / 1.644854
SLOW_MEDIAN_S = 90.0
SLOW_SHARE = 0.05
STATED = (
    f"people: delay from reading to first key lognormal, median {MEDIAN_S:.0f} s, "
    f"p95 {P95_S:.0f} s; slow users apart, median {SLOW_MEDIAN_S:.0f} s"
)


def delay_s(rng: Random, median_s: float = MEDIAN_S) -> float:
    """One person's delay."""
    return median_s * math.exp(rng.gauss(0, _SIGMA))
