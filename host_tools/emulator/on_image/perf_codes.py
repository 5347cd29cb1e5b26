# mypy: ignore-errors
"""On the image, with interrupts off: what verifying a code takes, alone and in a full station."""

import gc  # noqa: I001 - boot_guard first, as at every start
import json
import time

from locker.app import boot_guard

import perf_parts

import machine
from locker.core import access, codes
from locker.core.access import Entry, Moment
from locker.core.compartments import Compartment
from locker.core.mac import Mac

_STEPS = 11
_RUNS = 5
_DOOR = 7
_KEY = b"k" * 32
_NOW_S = 215_000_000


def longest_us(work):
    """The longest of some calls."""
    longest = 0
    for _ in range(_RUNS):
        gc.collect()
        before = machine.disable_irq()
        began = time.ticks_us()
        work()
        longest = max(longest, time.ticks_diff(time.ticks_us(), began))
        machine.enable_irq(before)
    return longest


def one_tenancy(key):
    """Its pads, and a code of each step compared."""
    mac = Mac(key)
    found = False
    for slot in range(_STEPS):
        found |= codes.recipient_code(mac, "3d", 3_000 + slot) == -1
    return found


def whole_entry(compartment):
    """As the desk asks: the present tenancy and the next two."""
    entry, moment = Entry(compartment.door, 0, False), Moment(_NOW_S, 5, True)
    return access.judge_recipient(entry, compartment, ("3d",), moment)


def loaded(name):
    """The value in a JSON file."""
    with open(name) as file:
        return json.load(file)


def measure():
    """A dictionary of figures, in us."""
    alone = Compartment(_DOOR, "S", _KEY)
    alone.occupy()
    found = {
        "alone_us": longest_us(lambda: one_tenancy(alone.key)),
        "entry_us": longest_us(lambda: whole_entry(alone)),
    }
    from locker.app import compose, settled

    gc.collect()
    parts = perf_parts.Parts(24)
    reactor = compose.build(parts, loaded("board.json"), loaded("station.json"), ".")
    settled.composed()  # this too, before anybody is served
    boot_guard.room.clear()
    compartment = reactor.slots[0].task._station.vault.compartment(_DOOR)
    found["full_us"] = longest_us(lambda: one_tenancy(compartment.key))
    found["full_entry_us"] = longest_us(lambda: whole_entry(compartment))
    return found
