# mypy: ignore-errors
"""On the image: the door step of a whole station whose doors hang on expanders, with its own hal.

Its I2C takes the time that it takes on the bus. A mark asks for the next thing to be broken.
"""

import time

import hal
import perf_doors
import perf_parts

from locker.app import compose

_STEPS = 100
_DIES, _HELD = 11, 12
_HEARD_MS = 5


def broken(doors, mark, now):
    """The longest step after this has happened outside."""
    perf_parts.mark(mark)
    time.sleep_ms(_HEARD_MS)
    return perf_doors.steps(doors, now, _STEPS)


def measure():
    """A dictionary of figures, in us."""
    board, config = perf_doors.loaded("board.json"), perf_doors.loaded("station.json")
    reactor = compose.build(hal.make(board), board, config, ".")
    doors = reactor.slots[0].task
    _, now = perf_doors.steps(doors, time.ticks_ms(), _STEPS)
    _, now = perf_doors.steps(doors, now, 9, 1_000)  # until every contact has been quiet for long
    found = {}
    found["idle_us"], found["idle_bytes"] = perf_doors.idle_steps(doors, now)
    found["longest_us"], now = perf_doors.steps(doors, now + 10 * _STEPS, _STEPS)
    found["dead_us"], now = broken(doors, _DIES, now)
    found["held_us"], now = broken(doors, _HELD, now)
    return found
