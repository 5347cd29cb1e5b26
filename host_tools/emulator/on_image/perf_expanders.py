# mypy: ignore-errors
"""On the image: the door step of a whole station whose doors hang on expanders, with the board's
own hal, and what looking at the contacts takes.

Its I2C takes the time that it takes on the bus. A mark asks for the next thing to be broken.
"""

import gc
import time

import perf_doors
import perf_parts

import hal
from locker.app import compose

_STEPS = 100
_DIES, _HELD = 11, 12
_HEARD_MS = 5


def sampled(contacts, mark=0):
    """The longest look at the contacts after this has happened outside, in us."""
    perf_parts.mark(mark)
    time.sleep_ms(_HEARD_MS)
    gc.collect()
    longest = 0
    for _ in range(_STEPS):
        began = time.ticks_us()
        contacts.reeds()
        longest = max(longest, time.ticks_diff(time.ticks_us(), began))
    return longest


def measure():
    """A dictionary of figures, in us."""
    board, config = perf_doors.loaded("board.json"), perf_doors.loaded("station.json")
    parts = hal.make(board)
    reactor = compose.build(parts, board, config, ".")
    doors = reactor.slots[0].task
    _, now = perf_doors.steps(doors, time.ticks_ms(), _STEPS)
    _, now = perf_doors.steps(doors, now, 9, 1_000)  # until every contact has been quiet for long
    found = {}
    found["idle_us"], found["idle_bytes"] = perf_doors.idle_steps(doors, now)
    found["sample_us"] = sampled(parts.contacts)
    parts.contacts.wake()
    found["awake_us"] = sampled(parts.contacts)
    found["dead_us"] = sampled(parts.contacts, _DIES)
    found["held_us"] = sampled(parts.contacts, _HELD)
    return found
