# mypy: ignore-errors
"""On the image: what the station writes for an opening, beside a JSON file rewritten each time."""

import gc
import json
import time

import perf_parts

from locker.app import compose

_TIMES = 20
_DOOR = 7
_PULSED = 8  # of locker.core.records: the build leaves no names of constants
_JOURNAL, _CLAIM, _JSON = 10, 12, 14  # each begins a round of writes, and one more ends it


def us_each(mark, work):
    """Mean time of one call, in us."""
    gc.collect()
    perf_parts.mark(mark)
    began = time.ticks_us()
    for index in range(_TIMES):
        work(index)
    us = time.ticks_diff(time.ticks_us(), began)
    perf_parts.mark(mark + 1)
    return us / _TIMES


def state_of(vault):
    """What the cells hold, as a script with one JSON file would keep it."""
    return {
        str(c.door): {
            "occupancy": c.occupancy,
            "tenancy": c.tenancy,
            "claim": c.claim,
            "releases": c.releases,
            "wear": c.wear,
            "key": c.key.hex(),
        }
        for c in vault.compartments
    }


def measure():
    """A dictionary of figures, in us."""
    with open("board.json") as file:
        board = json.load(file)
    with open("station.json") as file:
        config = json.load(file)
    reactor = compose.build(perf_parts.Parts(len(board["doors"])), board, config, ".")
    station = reactor.slots[0].task._station
    compartment = station.vault.compartment(_DOOR)

    def append(_index):
        station.book.note(_PULSED, time.ticks_ms(), _DOOR, value=60)
        station.book.commit()

    def claim(index):
        compartment.claim, compartment.releases = index + 1, 1
        station.vault.save_door(compartment)

    state = state_of(station.vault)

    def rewrite(index):
        state[str(_DOOR)]["claim"] = index + 1
        with open("state.json", "w") as file:
            json.dump(state, file)

    station.book.commit()
    return {
        "times": _TIMES,
        "journal": us_each(_JOURNAL, append),
        "claim": us_each(_CLAIM, claim),
        "json": us_each(_JSON, rewrite),
    }
