"""A technician who calls the operator: what a used-up claim has locked in comes out."""

from __future__ import annotations

from simulation.crowd import Errand
from simulation.host import Host
from virtual.people import Person, Story

_TRIES = 3
_PULSE_MS = 3_000.0  # until a command that has been sent has had its pulse
_AGAIN_MS = 35_000.0  # the coil cools, and the host may ask again
_TOLD_MS = 60_000.0


def frees(person: Person, host: Host, errand: Errand) -> Story[None]:
    """Have the door released, take the parcel out, shut the door, and have the claim ended."""
    for _ in range(_TRIES):
        host.order("release", errand.door, "jam")
        yield _PULSE_MS
        gave = yield from person.tries(errand.door)
        if gave:
            break
        yield from person.pushes(errand.door)
        yield _AGAIN_MS
    else:
        errand.outcome = "a service release does not free the door"
        return
    if person.bench.door(errand.door).parcel:
        person.takes(errand.door)
    yield from person.pushes(errand.door)
    yield 1_000.0
    errand.outcome = "the station does not learn that the compartment is empty"
    by = person.bench.now_ms + _TOLD_MS
    while person.bench.now_ms < by:
        host.order("empty", errand.door)
        yield 2_000.0
        if host.doors[errand.door]["occ"] == "free":
            errand.outcome = "done"
            return
