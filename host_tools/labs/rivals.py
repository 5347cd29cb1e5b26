"""What others do with typed codes, to stand beside the station's own clock and window."""

from random import Random

from labs import people
from locker.core import window

DAYS, A_DAY = 90, 20
_STEP_S = window.STEP_S
_USUAL_S = 12.0


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


def under_attack(rival: "Literal | Adopting", attackers: float, rng: Random) -> float:
    """Seconds by which the clock was moved after 90 days of 20 entries a day. attackers: their
    share; each types the oldest code that is taken.
    """
    now_s = 0
    for _ in range(DAYS * A_DAY):
        now_s += rng.randrange(2 * 86_400 // A_DAY)
        steps = rival.window(now_s)
        step = int(now_s - people.delay_s(rng)) // _STEP_S
        if rng.random() < attackers:
            step = steps[0]
        if step in steps:
            rival.accepted(now_s, step)
    return rival.moved_s
