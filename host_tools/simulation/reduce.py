"""From an episode that ends in a violation to the few events that it takes.

Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from simulation import episode
from simulation.plan import Event, from_json, to_json
from simulation.witness import Violation

_HOUR_MS = 3_600_000.0
_LIMIT_S = 90.0


def shrink(seed: str, events: list[Event], hours: float, seen: Violation) -> list[Event]:
    """A small part of the events that still ends in a violation of that name. Bounded in time:
    what is found by then is good enough.
    """
    deadline = time.monotonic() + _LIMIT_S

    def fails(part: list[Event]) -> bool:
        outcome = episode.play(seed, part, hours)
        return any(violation.name == seen.name for violation in outcome.violations)

    kept = [event for event in events if event.at_ms <= seen.at_ms]
    kept = kept if fails(kept) else events
    pieces = 2
    while len(kept) > 1 and time.monotonic() < deadline:
        size = max(1, len(kept) // pieces)
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            if time.monotonic() < deadline and rest and fails(rest):
                kept, pieces = rest, max(2, pieces - 1)
                break
        else:
            if size == 1:
                break
            pieces = min(len(kept), 2 * pieces)
    return kept


def write(path: Path, seed: str, events: list[Event], seen: Violation) -> None:
    """A scenario file: it plays the same again (make simulate SCENARIO=...)."""
    hours = (max(event.at_ms + event.for_ms for event in events) // _HOUR_MS) + 1
    fields = {
        "about": str(seen),
        "seed": seed,
        "hours": hours,
        "events": to_json(events),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(fields, indent=1) + "\n")


def play_file(path: Path) -> episode.Outcome:
    """Play a scenario file. ValueError, TypeError or KeyError when it is none."""
    fields: dict[str, Any] = json.loads(path.read_text())
    return episode.play(fields["seed"], from_json(fields["events"]), fields["hours"])
