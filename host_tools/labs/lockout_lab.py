"""``make lockout-lab``: the station's own lockout under guessing that never stops, first with
three-digit codes (so that hits can be counted), then with the real lengths. Exit code 1 when a
figure misses.
"""

import argparse
import sys
from collections.abc import Iterator
from random import Random

from labs.siege import CLASSES, STATES, Siege, State, three_digits
from labs.statistics import Estimate, Share, percentile

SIEGE_DAYS = 28  # scaled to a year: every day is alike
YEAR_DAYS = 365
TENANCY_DAYS = 7  # the longest life of a code

_TRIALS = 150_000
_AGREEMENT = 0.05
_PER_TENANCY = 1e-6
_STATION_YEAR = 0.01
_WAIT_S = 60.0
_DOORS = 24


def three_digit_row(state: State, classes: tuple[str, ...], seed: str) -> tuple[float, Estimate]:
    """(formula, counted) chance of guessing one tenancy's code out of a thousand."""
    rng = Random(f"{seed}/three/{state.name}/{classes}")
    share = Share()
    expected = 0.0
    for _ in range(_TRIALS):
        hit, chance = three_digits(state, classes, rng)
        share.add(int(hit), 1)
        expected += chance
    return expected / _TRIALS, share.estimate()


def misses(
    agreement: list[float], tenancies: list[float], years: list[float], wait_s: float
) -> Iterator[str]:
    """What does not hold."""
    if max(agreement) > _AGREEMENT:
        yield f"three digits: {max(agreement):.1%} away from the formula"
    if max(tenancies) > _PER_TENANCY:
        yield f"per tenancy: {max(tenancies):.2e}, over {_PER_TENANCY:.0e}"
    if max(years) > _STATION_YEAR:
        yield f"station-year: {max(years):.3%}, over {_STATION_YEAR:.0%}"
    if wait_s > _WAIT_S:
        yield f"an honest recipient waits {wait_s:.0f} s, over {_WAIT_S:.0f}"


def three_digit_table(seed: str) -> list[float]:
    """Print it; how far each row is from the formula."""
    print(f"\nthree-digit codes, one tenancy, {_TRIALS} sieges a row: counted, formula")
    away = []
    for classes in CLASSES:
        for state in STATES:
            if not state.known:
                continue
            formula, counted = three_digit_row(state, classes, seed)
            away.append(abs(counted.value / formula - 1))
            interval = f"[{counted.low:.5f}, {counted.high:.5f}]"
            row = f"{state.name:<9} {len(classes)} class(es)"
            print(f"  {row} {counted.value:.5f} {interval} {formula:.5f} {away[-1]:.1%} apart")
    return away


def siege_table(seed: str) -> tuple[list[float], list[float], float]:
    """Print it; (odds per tenancy, odds per station-year, longest wait in s)."""
    print(
        f"\nreal codes, an entry as soon as the throttle allows: odds per tenancy of "
        f"{TENANCY_DAYS} days (all guesses at it);\nodds per year of {_DOORS} doors, a tenancy a "
        "day each; wait of honest recipients with a recovery code, median and longest,\n"
        f"one in two of them beaten to the keypad once; doors whose short codes are closed "
        f"(siege of {SIEGE_DAYS} days)"
    )
    tenancies, years, longest_s = [], [], 0.0
    for classes in CLASSES:
        for state in STATES:
            label = f"{seed}/{state.name}/{classes}"
            alone = Siege(state, classes, 1, Random(label))
            alone.last(TENANCY_DAYS)
            tenancies.append(alone.door_odds)
            siege = Siege(state, classes, _DOORS, Random(label))
            siege.last(SIEGE_DAYS, turnover=True)
            years.append(siege.odds * YEAR_DAYS / SIEGE_DAYS)
            waits = [ms / 1000 for ms in siege.waits_ms]
            longest_s = max(longest_s, *waits)
            print(
                f"  {state.name:<9} {len(classes)} class(es) {tenancies[-1]:.2e}   "
                f"{years[-1]:.3%}   {percentile(waits, 0.5).value:.0f} s {max(waits):.0f} s "
                f"({len(waits)} people)   {siege.closed_share:.0%}   {siege.entries} entries"
            )
    return tenancies, years, longest_s


def main() -> int:
    """Run and print; 1 when a figure misses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="42")
    seed = parser.parse_args().seed
    print(f"lockout-lab: seed {seed}; uncertainty " + ", ".join(map(str, STATES)))
    away = three_digit_table(seed)
    tenancies, years, wait_s = siege_table(seed)
    missed = list(misses(away, tenancies, years, wait_s))
    print("".join(f"missed: {line}\n" for line in missed), end="")
    print(
        f"lockout={'failed' if missed else 'ok'} per_tenancy={max(tenancies):.2e} "
        f"station_year={max(years):.5f} wait_s={wait_s:.0f}"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
