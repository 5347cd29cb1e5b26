"""The state of real objects as one hashable value, and back.

Every ``int``, ``bool``, ``str``, ``bytes``, list and reference to a door in an object's
``__dict__`` is part of the state; whatever refers to other objects is wiring and stays. Times are
kept relative to ``NOW``: the clock of a search stands still (bank, parcel) or is set back after
each event (timed), so that equal situations are equal states.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from locker.core import faults, ticks
from locker.core.doors import (
    BANK_FAULTS,
    COOLING,
    FAIL_CLOSED,
    INHIBITED,
    RELEASING,
    SERVING,
    SHUT,
)

NOW = 500_000_000
_TIME_FROM = NOW // 4  # no other number of the core comes near
_PLAIN_DATA = (bool, int, str, bytes)
_DATA = (*_PLAIN_DATA, list, type(None))

# The fields that hold ticks: class name -> field -> whether it is alive. A dead field is poisoned
# with a time that is due, so that code which reads it all the same goes wrong.
TIMES: dict[str, dict[str, Callable[[Any], bool]]] = {
    "Door": {
        "deadline": lambda door: door.timed or door.state == COOLING,
        "_doubt_until": lambda door: door.doubted,
        "_inhibits_from": lambda door: door._inhibits > 0,
    },
    "Window": {"ends_at": lambda window: window.busy},
    "Desk": {
        "_rounds_at": lambda desk: False,  # always due: its rounds may come at any time
        "_look_at": lambda desk: True,  # never due while the clock stands still
        "_anchor_at": lambda desk: False,  # always due, and without effect: nothing rots here
    },
    "Bank": {
        "_next_due": lambda bank: bank._timed,
    },
}

_EDGE_COUNTS = (RELEASING, COOLING, FAIL_CLOSED, SERVING)
_HELD = (INHIBITED, FAIL_CLOSED)

# Fields that mean something in some states only, with the worst value they may have in the others.
IDLE: dict[str, dict[str, tuple[Callable[[Any], bool], Any]]] = {
    "Door": {
        "edge_seen": (lambda door: door.state in _EDGE_COUNTS, True),
        "tries_left": (lambda door: door.state in (RELEASING, COOLING), 9),
        "_doubt": (lambda door: door.doubted, SHUT),
        # A doubt ends with a new reading; until then only a good one could do harm.
        "reading": (lambda door: not (door.doubted and door.state in _HELD), SHUT),
    },
}

UNCOUNTED = 255  # inhibits a day, for a search that leaves them uncounted

# What is told and never asked again, and counters that count on for ever: field -> canonical
# value.
PLAIN: dict[str, dict[str, Callable[[Any], int]]] = {
    "Door": {
        "verdict": lambda door: canonical_verdict(door),
        "_inhibits": lambda door: (
            min(door._inhibits, door.INHIBITS_A_DAY) if door.INHIBITS_A_DAY != UNCOUNTED else 0
        ),
    },
}
# The only verdicts that the core asks for again: what halts the bank, what found an open door.
_ASKED = {
    FAIL_CLOSED: BANK_FAULTS,
    SERVING: BANK_FAULTS,
    INHIBITED: (faults.FOUND_OPEN,),
}


def canonical_verdict(door: Any) -> int:
    """One number for all verdicts of a state that make no difference."""
    if door.state not in _ASKED:
        return faults.NONE
    return int(door.verdict) if door.verdict in _ASKED[door.state] else faults.CONFLICT


# The fields of an object, what they shall be, and the lists among them: each gets its own.
Prepared = tuple[dict[str, Any], dict[str, Any], list[tuple[str, tuple[Any, ...]]]]


class UnknownField(Exception):
    """A field of the core that this abstraction does not know: it must learn it first."""


class Part:
    """One object of the searched code."""

    def __init__(self, thing: Any, owned: Iterable[Any]) -> None:
        """owned: objects that a field may refer to, by position, as part of the state."""
        self._thing = thing
        self._owned = tuple(owned)
        name = type(thing).__name__
        fields = [
            field
            for field, value in sorted(vars(thing).items())
            if _is_data(value) or value in self._owned
        ]
        # Most fields are plain values for good; the others may hold a list, a door or nothing.
        self._mixed = tuple(f for f in fields if not isinstance(getattr(thing, f), _PLAIN_DATA))
        self._names = tuple(f for f in fields if f not in self._mixed)
        self._values = attrgetter(*self._names, "__class__", "__class__")  # always a tuple
        self._times = tuple(TIMES.get(name, {}).items())
        self._idle = tuple(IDLE.get(name, {}).items())
        self._plain = tuple(PLAIN.get(name, {}).items())

    def tidy(self) -> None:
        """Poison what is dead."""
        thing = self._thing
        for field, alive in self._times:
            if not alive(thing) or ticks.due(NOW, getattr(thing, field)):
                setattr(thing, field, NOW)
        for field, (means, worst) in self._idle:
            if not means(thing):
                setattr(thing, field, worst)
        for field, canonical in self._plain:
            setattr(thing, field, canonical(thing))

    def check(self) -> None:
        """Raises UnknownField when a field that is no time looks like one."""
        times = dict(self._times)
        for field in self._names:
            value = getattr(self._thing, field)
            if isinstance(value, int) and value >= _TIME_FROM and field not in times:
                raise UnknownField(f"{type(self._thing).__name__}.{field} looks like a time")

    def read(self) -> tuple[Any, ...]:
        """The values of all fields."""
        thing = self._thing
        fields = thing.__dict__
        mixed = [self._frozen(fields[name]) for name in self._mixed]
        return self._values(thing)[:-2], mixed

    def prepare(self, values: tuple[Any, ...]) -> Prepared:
        """What write() needs, from what read() gave."""
        plain, mixed = values
        fields = dict(zip(self._names, plain, strict=True))
        lists = []
        for name, value in zip(self._mixed, mixed, strict=True):
            if type(value) is not tuple:
                fields[name] = value
            elif value[0] == "owned":
                fields[name] = self._owned[value[1]]
            else:
                lists.append((name, value[1:]))
        return self._thing.__dict__, fields, lists

    def _frozen(self, value: Any) -> Any:
        if type(value) is list:
            return ("list", *value)
        if value in self._owned:
            return ("owned", self._owned.index(value))
        return value


def _is_data(value: Any) -> bool:
    """A list of objects is wiring."""
    if isinstance(value, list):
        return all(isinstance(item, (*_PLAIN_DATA, tuple)) for item in value)
    return isinstance(value, _DATA)


class Frame:
    """Several objects as one state."""

    def __init__(self, things: Iterable[Any], owned: Iterable[Any] = ()) -> None:
        owned = tuple(owned)
        self._parts = [Part(thing, owned) for thing in things]
        self._loaded = b""
        self._prepared: list[Prepared] = []

    def save(self) -> bytes:
        """The state now."""
        for part in self._parts:
            part.tidy()
        # Version 2: later ones write the same value in more than one way.
        return marshal.dumps([part.read() for part in self._parts], 2)

    def load(self, state: bytes) -> None:
        """Back to a state that save() gave."""
        if state is not self._loaded:  # most states are loaded once for each event
            values = marshal.loads(state)  # noqa: S302 - our own bytes
            parts = zip(self._parts, values, strict=True)
            self._prepared = [part.prepare(value) for part, value in parts]
            self._loaded = state
        for target, fields, lists in self._prepared:
            target.update(fields)
            for name, value in lists:
                target[name] = list(value)

    def check(self) -> None:
        """Raises UnknownField."""
        for part in self._parts:
            part.check()
