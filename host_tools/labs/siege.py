"""Guessing without end against the station's own lockout and admission."""

from dataclasses import dataclass
from random import Random

from locker.core import access, faults, ticks
from locker.core.access import Entry, Moment
from locker.core.codes import CLASSES as ALL_CLASSES
from locker.core.codes import PERSON, RETURN
from locker.core.lockout import MASS_LIMIT, Lockout

DAY_MS = 86_400_000
CLASSES = (("3d",), tuple(sorted(ALL_CLASSES)))  # as stations come, and all at once

_SHORT = 10**8
_LONG = 10**12
_THREE_DIGITS = 1000
_BEGIN_S = 215_000_000
_PEOPLE_A_DAY = 50


@dataclass(frozen=True)
class State:
    """What the clock says for the whole siege."""

    name: str
    uncertainty_s: int
    known: bool

    def __str__(self) -> str:
        return f"{self.name} {self.uncertainty_s} s" if self.known else self.name

    def moment(self, now_s: int) -> Moment:
        """At a time since 2020."""
        return Moment(now_s, self.uncertainty_s, self.known)


# The worst of each: a wider U means more candidates to an entry.
STATES = (
    State("synced", 5, True),
    State("holdover", 120, True),
    State("degraded", 3600, True),
    State("unsynced", 0, False),
)


def three_digits(state: State, classes: tuple[str, ...], rng: Random) -> tuple[bool, float]:
    """One siege of one tenancy, every guess another number: whether it hit, and the chance it had
    by the formula 1 - (1 - k/N)^m of k guesses at m codes out of N.
    """
    lockout = Lockout(1)
    moment = state.moment(_BEGIN_S + rng.randrange(DAY_MS // 1000))
    mass = access.candidate_count(Entry(1, 0, False), classes, moment)
    good = {rng.randrange(_THREE_DIGITS) for _ in range(mass)}
    now = 0
    guesses = iter(rng.sample(range(_THREE_DIGITS), MASS_LIMIT))
    hit, tried = False, 0
    while True:
        entry = Entry(1, next(guesses), False)
        now = ticks.add(now, lockout.wait_ms(now))
        if access.admission(entry, mass, None, lockout, moment, now):
            break
        lockout.charge(1, mass, False, now)
        tried += 1
        hit |= entry.code in good
    return hit, 1 - (1 - tried / _THREE_DIGITS) ** mass


class Siege:
    """The best an attacker at the keypad can do: short codes of any door while they are judged,
    then the courier's and return codes, then the rotating codes of persons (as if a code of every
    place opened what it likes), then recovery codes of the first door. odds: sum over all guesses.
    """

    def __init__(self, state: State, classes: tuple[str, ...], doors: int, rng: Random) -> None:
        self._state = state
        self._classes = classes
        self._doors = doors
        self._rng = rng
        self._lockout = Lockout(doors)
        self._ms = 0
        self._open = list(range(1, doors + 1))
        self.odds = 0.0
        self.door_odds = 0.0  # of those, at door 1
        self.entries = 0
        self.waits_ms: list[int] = []
        self._closed = 0

    @property
    def closed_share(self) -> float:
        """How often a person found the short code of a door closed."""
        return self._closed / max(len(self.waits_ms), 1)

    def last(self, days: int, turnover: bool = False) -> None:
        """Go on for so long. turnover: one new tenancy a day for each door, one after another."""
        end_ms = self._ms + days * DAY_MS
        turn_ms = DAY_MS // self._doors
        next_turn_ms, door = turn_ms if turnover else end_ms, 1
        person_ms = self._next_person()
        while self._ms < end_ms:
            if self._ms >= next_turn_ms:
                self._lockout.new_tenancy(door)
                self._open.append(door)
                next_turn_ms, door = next_turn_ms + turn_ms, door % self._doors + 1
            if self._ms >= person_ms:
                self._meet_person()
                person_ms = self._next_person()
            self._pass(max(self._lockout.wait_ms(self._now()), 1))
            self._leak()
            self._guess()

    def _now(self) -> int:
        return self._ms % ticks.PERIOD

    def _pass(self, ms: int) -> None:
        self._ms += ms

    def _leak(self) -> None:
        """The station does it every ten seconds or so."""
        self._lockout.leak(self._now())

    def _guess(self) -> None:
        moment = self._state.moment(_BEGIN_S + self._ms // 1000)
        while self._open and not self._try(Entry(self._open[0], 0, False), moment):
            self._open.pop(0)
        if self._open or self._try(Entry(0, 0, False), moment):
            return
        if self._try(Entry(RETURN, 0, False, 1), moment):
            return
        if self._try(Entry(PERSON, 0, False, 1), moment):
            return
        self._try(Entry(1, 0, True), moment)

    def _try(self, entry: Entry, moment: Moment) -> bool:
        """False when it is not judged."""
        mass = access.candidate_count(entry, self._classes, moment)
        if access.admission(entry, mass, None, self._lockout, moment, self._now()):
            return False
        self._lockout.charge(entry.selector, mass, entry.recovery, self._now())
        odds = mass / (_LONG if entry.recovery else _SHORT)
        self.odds += odds
        if entry.selector == 1:
            self.door_odds += odds
        self.entries += 1
        return True

    def _next_person(self) -> int:
        return self._ms + int(self._rng.expovariate(_PEOPLE_A_DAY / DAY_MS))

    def _meet_person(self) -> None:
        """Somebody with a recovery code comes while the throttle runs; every other is beaten to
        the keypad when it ends. The entry is right, and leaves no trace.
        """
        door = self._rng.randrange(self._doors) + 1
        self._charge_wrong()
        self._pass(self._rng.randrange(max(self._lockout.wait_ms(self._now()), 1)))
        came_ms = self._ms
        if self._rng.random() < 0.5:
            self._pass(self._lockout.wait_ms(self._now()))
            self._charge_wrong()
        self._pass(self._lockout.wait_ms(self._now()))
        entry = Entry(door, 0, True)
        moment = self._state.moment(_BEGIN_S + self._ms // 1000)
        mass = access.candidate_count(entry, self._classes, moment)
        fault = access.admission(entry, mass, None, self._lockout, moment, self._now())
        if fault != faults.NONE:
            raise AssertionError(f"a recovery code is refused: E{fault}")
        self._lockout.charge(door, mass, True, self._now())
        self._lockout.acquit(door, mass, True)
        self.waits_ms.append(self._ms - came_ms)
        short = access.candidate_count(Entry(door, 0, False), self._classes, moment)
        self._closed += self._lockout.codes_closed(door, short)

    def _charge_wrong(self) -> None:
        moment = self._state.moment(_BEGIN_S + self._ms // 1000)
        self._try(Entry(1, 0, True), moment)
