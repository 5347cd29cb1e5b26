"""What others do with typed codes, to stand beside the station's own clock and window."""

from collections.abc import Sequence
from random import Random
from types import ModuleType

from labs import people
from labs.oscillators import STEP_S
from locker.core import near_miss, ticks, window
from locker.core.access import Moment

DAYS, A_DAY = 90, 20
_STEP_S = window.STEP_S
_USUAL_S = 12.0
_BEGIN_S = 216_000_000  # a whole step, so that both count the same


def naive(now_s: float, step: int) -> bool:
    """A fixed window of one step either way."""
    return abs(now_s // _STEP_S - step) <= 1


class Literal:
    """RFC 6238 section 6 as it is written: the drift of the last accepted code, in steps, is
    recorded and added from then on; one step either way is accepted.
    """

    name = "RFC 6238 section 6"

    def __init__(self) -> None:
        self._drift = 0

    @property
    def moved_s(self) -> float:
        """How far codes have moved the clock."""
        return float(self._drift * _STEP_S)

    def window(self, now_s: int) -> range:
        """The steps accepted now."""
        middle = now_s // _STEP_S + self._drift
        return range(middle - 1, middle + 2)

    def accepted(self, now_s: int, step: int) -> None:
        """An entry was good."""
        self._drift = step - now_s // _STEP_S

    def refused(self, now_s: int, step: int) -> None:
        """An entry was not."""


class Adopting:
    """The station's own window on a clock set by every accepted code."""

    name = "adopt the offset fully"

    def __init__(self) -> None:
        self.moved_s = 0.0

    def window(self, now_s: int) -> range:
        """The steps accepted now."""
        return window.steps(int(now_s + self.moved_s), 2)

    def accepted(self, now_s: int, step: int) -> None:
        """An entry was good."""
        self.moved_s = (step + 0.5) * _STEP_S + _USUAL_S - now_s

    def refused(self, now_s: int, step: int) -> None:
        """An entry was not."""


class Own:
    """The station itself: its clock, its window, and its search for what refused codes were good
    for. clock: module in the arithmetic to be used. An untouched twin of its clock tells whether
    any of it moves the clock.
    """

    name = "this station"

    def __init__(self, clock: ModuleType) -> None:
        self._clock, self._twin = clock.Clock(0), clock.Clock(0)
        for each in (self._clock, self._twin):
            each.take(_BEGIN_S, _BEGIN_S, 0)
        self._entries = 0
        self._evidence: tuple[int, tuple[int, int], int] | None = None
        self.suspected = 0

    @property
    def moved_s(self) -> float:
        """How far codes have moved the clock, against its twin."""
        (a, a_ms), (b, b_ms) = (each.time(self._ticks) for each in (self._clock, self._twin))
        return float(a - b + (a_ms - b_ms) / 1000)

    def window(self, now_s: int) -> range:
        """The steps accepted now."""
        self._ticks = now_s * 1000 % ticks.PERIOD
        for each in (self._clock, self._twin):
            each.advance(self._ticks)
        self._uncertainty_s = self._clock.uncertainty_s(self._ticks)
        here_s = self._clock.now_s(self._ticks) - _BEGIN_S
        return window.steps(here_s, self._uncertainty_s)

    def accepted(self, now_s: int, step: int) -> None:
        """An entry was good: the station has no more use for it."""

    def refused(self, now_s: int, step: int) -> None:
        """An entry was not: what it was good for is evidence, as in app/near_search.py, each entry
        another person's.
        """
        self._entries += 1
        moment = Moment(now_s, self._uncertainty_s, True)
        good = window.steps(now_s, self._uncertainty_s)
        for miss in near_miss.rotating(step.__eq__, good, moment):
            if not miss:
                continue
            error, before = miss[2:4], self._evidence
            self._evidence = (self._entries, error, now_s)
            if before and now_s - before[2] <= 86_400:
                self.suspected += near_miss.agree(error, before[1], self._uncertainty_s)
            return


def under_attack(rival: "Literal | Adopting | Own", attackers: float, rng: Random) -> float:
    """Seconds by which the clock was moved after 90 days of 20 entries a day. attackers: their
    share; each types the oldest code that is taken. Of the others one in twenty is slow.
    """
    now_s = 0
    for _ in range(DAYS * A_DAY):
        now_s += rng.randrange(2 * 86_400 // A_DAY)
        steps = rival.window(now_s)
        slow = rng.random() < people.SLOW_SHARE
        median_s = people.SLOW_MEDIAN_S if slow else people.MEDIAN_S
        step = int(now_s - people.delay_s(rng, median_s)) // _STEP_S
        if rng.random() < attackers:
            step = steps[0]
        if step in steps:
            rival.accepted(now_s, step)
        else:
            rival.refused(now_s, step)
    return rival.moved_s


def on_a_drifting_clock(
    rival: "Literal | Adopting", gains: Sequence[float], rng: Random
) -> tuple[int, float]:
    """(entries refused, error of the clock at the end in s) of honest people on a chip that was
    right at the beginning. gains: seconds gained, at every oscillators.STEP_S.
    """
    refused, now_s = 0, 0
    for _ in range(DAYS * A_DAY):
        now_s += rng.randrange(2 * 86_400 // A_DAY)
        chip_s = now_s + gains[min(now_s // STEP_S, len(gains) - 1)]
        steps = rival.window(int(chip_s))
        step = int(now_s - people.delay_s(rng)) // _STEP_S
        if step in steps:
            rival.accepted(int(chip_s), step)
        else:
            refused += 1
    return refused, chip_s - now_s + rival.moved_s
