"""Breadth-first search until nothing new turns up."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

_LEAK = "0 an event has left something behind outside the state"
_EVERY = 97  # so seldom is a state looked at twice
_DEAD_END = "17 dead end: no honest steps lead from here to a door that serves"


class Violation(Exception):
    """The code did what it must never do; the argument says what."""


# What happened, the state after it (or what was violated), may an honest world do it.
Step = tuple[str, bytes | Violation, bool]


class Scope(Protocol):
    """A small closed world around the real code."""

    name: str

    def first(self) -> Iterable[bytes]:
        """The states to start from."""

    def steps(self, state: bytes) -> Iterator[Step]:
        """Every event that may happen in a state."""

    def is_good(self, state: bytes) -> bool:
        """True where an honest person gets what is theirs: no state may lose the way there."""


@dataclass
class Found:
    """What a search found. violations: what was violated, with the shortest steps to it."""

    name: str
    states: int = 0
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    exhausted: bool = False
    violations: dict[str, list[str]] = field(default_factory=dict)
    furthest: int = 0  # honest steps from the worst state to a good one


class Search:
    """One search. to_first: end with the first state that shows a violation (exhausted then stays
    False). limit: states at which to give up.
    """

    def __init__(self, scope: Scope, to_first: bool = False, limit: int = 5_000_000) -> None:
        self._scope = scope
        self._limit = limit
        self._to_first = to_first
        self._index: dict[bytes, int] = {}
        self._states: list[bytes] = []
        self._parent = array("l")
        self._label: list[str] = []
        self._names: dict[str, str] = {}
        self._from = array("l")  # honest steps only
        self._to = array("l")
        self._first_time: dict[int, int] = {}

    def run(self) -> Found:
        """Search, then look for states without an honest way out."""
        found = Found(self._scope.name)
        began = time.process_time()
        for state in self._scope.first():
            self._add(state, -1, "start")
        self._spread(found)
        if found.exhausted:
            self._look_again(found)
            self._find_dead_end(found)
        found.states = len(self._states)
        found.seconds = time.process_time() - began
        return found

    def _spread(self, found: Found) -> None:
        at, level_ends = 0, len(self._states)
        while at < len(self._states) < self._limit:
            if at == level_ends:
                found.depth += 1
                level_ends = len(self._states)
            for label, state, honest in self._steps(at):
                found.transitions += 1
                if isinstance(state, Violation):
                    found.violations.setdefault(str(state), [*self._trace(at), label])
                    continue
                to = self._index.get(state)
                if to is None:
                    to = self._add(state, at, label)
                if honest and to != at:
                    self._from.append(at)
                    self._to.append(to)
            if self._to_first and found.violations:
                return
            at += 1
        found.exhausted = at == len(self._states)

    def _steps(self, at: int) -> Iterable[Step]:
        if at % _EVERY:
            return self._scope.steps(self._states[at])
        steps = list(self._scope.steps(self._states[at]))
        self._first_time[at] = _digest(steps)
        return steps

    def _look_again(self, found: Found) -> None:
        """The same state must lead to the same states at any time."""
        for at, digest in self._first_time.items():
            if _digest(list(self._scope.steps(self._states[at]))) != digest:
                found.violations[_LEAK] = self._trace(at)
                return

    def _add(self, state: bytes, parent: int, label: str) -> int:
        index = self._index[state] = len(self._states)
        self._states.append(state)
        self._parent.append(parent)
        self._label.append(self._names.setdefault(label, label))
        return index

    def _trace(self, at: int) -> list[str]:
        labels = []
        while at >= 0:
            labels.append(self._label[at])
            at = self._parent[at]
        return labels[::-1]

    def _find_dead_end(self, found: Found) -> None:
        """Backwards from the good states along honest steps: who is not met has no way out."""
        count = len(self._states)
        steps_back = array("l", bytes(array("l").itemsize * count))
        reached = [i for i in range(count) if self._scope.is_good(self._states[i])]
        for i in reached:
            steps_back[i] = 1
        starts, sources = self._incoming(count)
        for to in reached:  # grows while it is walked: a queue
            for source in sources[starts[to] : starts[to + 1]]:
                if not steps_back[source]:
                    steps_back[source] = steps_back[to] + 1
                    reached.append(source)
        found.furthest = max(steps_back, default=1) - 1
        if len(reached) < count:
            lost = steps_back.index(0)
            found.violations[_DEAD_END] = self._trace(lost)

    def _incoming(self, count: int) -> tuple[array[int], array[int]]:
        """Honest steps by their target: sources[starts[t]:starts[t + 1]]."""
        starts = array("l", bytes(array("l").itemsize * (count + 1)))
        for to in self._to:
            starts[to + 1] += 1
        for i in range(count):
            starts[i + 1] += starts[i]
        at = array("l", starts)
        sources = array("l", bytes(array("l").itemsize * len(self._from)))
        for source, to in zip(self._from, self._to, strict=True):
            sources[at[to]] = source
            at[to] += 1
        return starts, sources


def _digest(steps: list[Step]) -> int:
    return hash(tuple((label, str(state), honest) for label, state, honest in steps))
