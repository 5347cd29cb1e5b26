"""One station's clock over months: a modelled oscillator, the device's own Clock, and a server."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from types import ModuleType

from labs.oscillators import DAY_S, STEP_S, Kind, gains
from locker.core import discipline, ticks, time_token

SYNCED_DAYS = 28
OFFLINE_DAYS = (1, 3, 7, 14, 30, 60, 90)
MISSED = 0.1
_TOKEN_AGE_S = (20.0, 120.0)  # from the challenge to the first digit


@dataclass(frozen=True)
class Pattern:
    """How often trusted time comes. every_days: what divides SYNCED_DAYS; typed: as time tokens
    at the keypad, not from the server.
    """

    name: str
    every_days: float
    typed: bool = False


DAILY = Pattern("once a day", 1)
PATTERNS = (  # the first is what a station with a network asks for
    Pattern("every six hours", 0.25),
    Pattern("once a week", 7),
    Pattern("a token a fortnight", 14, typed=True),
)
STATED = (
    f"noise: one sync a day for {SYNCED_DAYS} days, {MISSED:.0%} of them missed; round trip "
    "lognormal, median 0.15 s, p95 0.5 s, split at random; server +-20 ms (1 sigma); chip "
    "readings in whole seconds; controller's ticks 15 ppm (1 sigma)"
)

_BEGIN_S = 215_000_000
_READ_EVERY_S = 9.9  # app/time_task.py
_READINGS = 11


@dataclass(frozen=True)
class Sample:
    """day: offline, 0 while synced. In seconds: the clock's error (+: fast), the error of a chip
    that was only set at the last sync, and the bound the station claims.
    """

    day: int
    error_s: float
    chip_error_s: float
    uncertainty_s: int
    trust: int


class Modelled:
    """kind: of the chip. make: module ``clock`` in the arithmetic to be used."""

    def __init__(
        self, kind: Kind, climate: str, clock: ModuleType, rng: Random, pattern: Pattern = DAILY
    ) -> None:
        self._rng = rng
        self._pattern = pattern
        days = SYNCED_DAYS + OFFLINE_DAYS[-1] + math.ceil(pattern.every_days / 2) + 1
        self._trace = gains(kind, climate, days, rng)
        self._is_crystal = kind.oscillator is discipline.CRYSTAL
        self._ticks_ppm = rng.gauss(0, 15)
        self._set_wrong_s = rng.uniform(-1, 1)
        self._clock = clock.Clock(0, oscillator=kind.oscillator)
        self._source = clock.TOKEN if pattern.typed else clock.SERVER
        begin_s = self._chip_s(0.0)
        self._clock.take(begin_s, begin_s, self._ticks(0.0))
        self._now_s = 0.0
        self._synced_gain_s = 0.0

    def life(self) -> Iterator[Sample]:
        """Samples before each sync, then on OFFLINE_DAYS."""
        syncs = int(SYNCED_DAYS / self._pattern.every_days)
        for number in range(1, syncs + 1):
            at_s = (number + self._rng.random() / 2) * self._pattern.every_days * DAY_S
            yield self._sample(0, at_s)
            if self._rng.random() >= MISSED or number == syncs:
                self._sync(at_s)
        last_s = self._now_s
        for day in OFFLINE_DAYS:
            yield self._sample(day, last_s + day * DAY_S)

    def _gained_s(self, true_s: float) -> float:
        place = true_s / STEP_S
        before = int(place)
        a, b = self._trace[before], self._trace[before + 1]
        return a + (b - a) * (place - before) + self._set_wrong_s

    def _chip_s(self, true_s: float) -> int:
        return int(_BEGIN_S + true_s + self._gained_s(true_s))

    def _ticks(self, true_s: float) -> int:
        gained_s = true_s * self._ticks_ppm * 1e-6
        if self._is_crystal:
            gained_s = self._gained_s(true_s)
        return int((true_s + gained_s) * 1000) % ticks.PERIOD

    def _read_chip(self, true_s: float) -> int:
        now = self._ticks(true_s)
        self._clock.advance(now)
        if not self._clock.take(self._chip_s(true_s), 0, now):
            raise AssertionError("the station refuses its own chip")
        return now

    def _wait(self, until_s: float) -> int:
        """Let time pass; the ticks at its end. Of all readings only the last, and one a day, are
        made: the others change nothing.
        """
        first_s = until_s - _READ_EVERY_S * (_READINGS - 1)
        while self._now_s + DAY_S < first_s:
            self._now_s += DAY_S
            self._read_chip(self._now_s)
        now = 0
        for reading in range(_READINGS):
            now = self._read_chip(first_s + reading * _READ_EVERY_S)
        self._now_s = until_s
        return now

    def _sample(self, day: int, at_s: float) -> Sample:
        now = self._wait(at_s)
        seconds, ms = self._clock.time(now)
        error_s = seconds - _BEGIN_S + ms / 1000 - at_s
        bound_s = self._clock.uncertainty_s(now)
        chip_s = self._gained_s(at_s) - self._synced_gain_s
        return Sample(day, error_s, chip_s, bound_s, self._clock.trust(now))

    def _sync(self, at_s: float) -> None:
        told, error_ms = self._token(at_s) if self._pattern.typed else self._answer(at_s)
        fault = self._clock.sync(self._source, told, error_ms, self._ticks(at_s))
        self._synced_gain_s = self._gained_s(at_s)
        if fault:
            raise AssertionError(f"honest time is refused: E{fault}")

    def _token(self, at_s: float) -> tuple[tuple[int, int], int]:
        """Time and its bound, of a token whose first digit is typed now."""
        age_s = self._rng.uniform(*_TOKEN_AGE_S)
        minutes = int(_BEGIN_S + at_s - self._rng.random() * age_s) // 60
        seconds, ms, error_ms = time_token.moment(minutes, int(age_s * 1000))
        return (seconds, ms), error_ms

    def _answer(self, at_s: float) -> tuple[tuple[int, int], int]:
        """The same of the server's answer."""
        rng = self._rng
        trip_s = min(0.15 * math.exp(rng.gauss(0, 0.73)), 2.0)
        told_s = _BEGIN_S + at_s + trip_s * (rng.random() - 0.5) + rng.gauss(0, 0.02)
        told = (int(told_s), int(told_s % 1 * 1000))
        return told, int(trip_s * 500) + 500
