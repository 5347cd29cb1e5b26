"""What happens in an episode: a list of events, made from a seed, or read from a scenario file.

Every event carries its own random number, so that an event taken out of the list changes no other.
Faults come in clusters around visits: what is spread evenly hardly ever meets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import ceil
from random import Random
from typing import Any

VISITS = ("deposit", "pickup")
# How likely, and how long it lasts (seconds; 0: over at once).
FAULTS: dict[str, tuple[int, tuple[float, float]]] = {
    "reed_stuck_on": (2, (20, 200)), "reed_stuck_off": (2, (1, 120)), "reed_cut": (2, (1, 120)),
    "reed_flapping": (3, (2, 90)), "latch_stuck_on": (2, (20, 200)), "latch_cut": (2, (1, 120)),
    "latch_flapping": (2, (2, 90)), "latch_stuck_off": (1, (1, 120)), "jam": (3, (5, 120)),
    "tight": (3, (5, 300)), "coil_cut": (2, (30, 200)), "coil_short": (2, (30, 120)),
    "force": (1, (0, 0)), "held_open": (2, (30, 400)), "swap_coils": (1, (60, 200)),
    "power_cut": (6, (0.1, 20)), "brown_out": (5, (0.1, 5)), "cut_at_write": (6, (0.1, 8)),
    "hang": (3, (0, 0)), "no_memory": (8, (0, 0)), "clock_jump": (3, (0, 0)),
    "clock_gone": (2, (20, 400)), "link_down": (3, (5, 300)), "partition": (3, (5, 200)),
    "refuse": (2, (5, 200)), "lost_pubacks": (2, (5, 60)), "duplicate": (2, (30, 300)),
    "reorder": (2, (30, 300)), "reset_connection": (2, (0, 0)), "nonsense": (3, (0, 0)),
    "flash_full": (4, (2, 120)), "flash_slow": (3, (10, 200)), "bit_flip": (3, (0, 0)),
    "display_gone": (2, (5, 120)), "stuck_key": (1, (40, 90)),
    "stale_code": (2, (0, 0)), "lockdown": (2, (10, 200)),
    "wrong_codes": (3, (0, 0)), "mashed_keys": (3, (0, 0)), "second_code": (4, (0, 0)),
    "used_return": (2, (0, 0)), "revoke": (2, (0, 0)),
}  # fmt: skip

_HOUR_MS = 3_600_000.0
_VISITS_AN_HOUR = 30  # of each kind: some meet a fault and fail
_FAULTS_AN_HOUR = 14
_CLUSTER = (1, 1, 1, 2, 3)
_NEAR_MS = (-2_000.0, 25_000.0)


@dataclass(frozen=True, slots=True)
class Event:
    """at_ms: bench time; door: 1..n or 0; for_ms: how long a fault lasts; n: random number."""

    at_ms: float
    do: str
    door: int = 0
    for_ms: float = 0.0
    n: int = 0


def episode(seed: str, hours: float, doors: int, rot: bool = False) -> list[Event]:
    """The events of so many hours, in order of time. rot: bits flip on flash, too."""
    rng = Random(seed)
    found: list[Event] = []
    for hour in range(ceil(hours)):
        visits = _visits(rng, hour * _HOUR_MS, doors)
        found += visits + _faults(rng, visits, doors)
    wanted = [event for event in found if rot or event.do != "bit_flip"]
    return sorted(wanted, key=lambda event: event.at_ms)


def _visits(rng: Random, start_ms: float, doors: int) -> list[Event]:
    slot_ms = _HOUR_MS / (2 * _VISITS_AN_HOUR)
    found = []
    for i in range(2 * _VISITS_AN_HOUR):
        at_ms = start_ms + i * slot_ms + rng.uniform(0, slot_ms / 2)
        found.append(_event(rng, at_ms, VISITS[i % 2], rng.randint(1, doors)))
    return found


def _faults(rng: Random, visits: list[Event], doors: int) -> list[Event]:
    found: list[Event] = []
    names = list(FAULTS)
    weights = [FAULTS[name][0] for name in names]
    while len(found) < _FAULTS_AN_HOUR:
        visit = rng.choice(visits)
        for _ in range(rng.choice(_CLUSTER)):
            name = rng.choices(names, weights)[0]
            at_ms = max(0.0, visit.at_ms + rng.uniform(*_NEAR_MS))
            found.append(_event(rng, at_ms, name, rng.randint(1, doors)))
    return found


def _event(rng: Random, at_ms: float, do: str, door: int) -> Event:
    for_s = FAULTS[do][1] if do in FAULTS else (0.0, 0.0)
    for_ms = round(1000 * rng.uniform(*for_s), 1)
    return Event(round(at_ms, 1), do, door, for_ms, rng.randrange(1 << 30))


def to_json(events: Iterable[Event]) -> list[dict[str, Any]]:
    """One object an event."""
    return [asdict(event) for event in events]


def from_json(rows: Iterable[dict[str, Any]]) -> list[Event]:
    """Raises TypeError for a row with other fields, ValueError for an unknown event."""
    found = [Event(**row) for row in rows]
    for event in found:
        if event.do not in VISITS and event.do not in FAULTS:
            raise ValueError(f"no event {event.do!r}")
    return found
