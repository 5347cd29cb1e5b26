"""Percentiles and shares with 95 % intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959964


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval, all in one unit."""

    value: float
    low: float
    high: float


def percentile(values: Sequence[float], share: float) -> Estimate:
    """The share-quantile (0..1) of independent values. Interval: binomial order statistics."""
    ranked = sorted(values)
    last = len(ranked) - 1
    half = _Z * math.sqrt(len(ranked) * share * (1 - share))

    def at(rank: float) -> float:
        return ranked[min(max(round(rank), 0), last)]

    middle = share * last
    return Estimate(at(middle), at(middle - half), at(middle + half))


class Share:
    """Counts hits among trials that come in clusters (one modelled station each)."""

    def __init__(self) -> None:
        self._clusters: list[tuple[int, int]] = []

    def add(self, hits: int, trials: int) -> None:
        """One cluster; an empty one does not count."""
        if trials:
            self._clusters.append((hits, trials))

    def merge(self, other: "Share") -> None:
        """Take over another's clusters."""
        self._clusters += other._clusters

    @property
    def hits(self) -> int:
        """Hits so far."""
        return sum(hits for hits, _ in self._clusters)

    @property
    def trials(self) -> int:
        """Trials so far."""
        return sum(trials for _, trials in self._clusters)

    def estimate(self) -> Estimate:
        """The share, with Wilson's interval on the effective number of trials: hits of one
        cluster are alike, so the trials count for less.
        """
        trials, share = self.trials, self.hits / self.trials
        n = trials / max(1.0, self._design_effect(share))
        z2 = _Z * _Z
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return Estimate(share, min(share, centre - half), max(share, centre + half))

    def _design_effect(self, share: float) -> float:
        """Variance of the share by clusters (a ratio estimator), over that of single trials."""
        single = share * (1 - share) * self.trials
        if not single:
            return self.trials / len(self._clusters)  # nothing to learn it from: the worst
        spread = sum((hits - share * trials) ** 2 for hits, trials in self._clusters)
        return spread / single
