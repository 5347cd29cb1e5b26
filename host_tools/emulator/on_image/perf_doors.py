# mypy: ignore-errors
"""On the image: the whole station with 24 doors, its door step and its way from key to coil."""

import gc
import json
import time

import perf_parts

from locker.app import compose

_IDLE_STEPS = 100
_START_MS = 2_000  # until people are let in: the network's modules come first
_SETTLE_MS = 700
_LIMIT_MS = 3_000
_MOVE_STEPS = 60


class Idle:
    """How long nothing was due, in us."""

    us = 0


def rounds(reactor, until):
    """As main.py runs it."""
    limit = time.ticks_add(time.ticks_ms(), _LIMIT_MS)
    while not until():
        if time.ticks_diff(limit, time.ticks_ms()) < 0:
            raise OSError("this did not come")
        ms = reactor.round()
        began = time.ticks_us()
        time.sleep_ms(ms)
        Idle.us += time.ticks_diff(time.ticks_us(), began)


def last_key(parts, reactor, station, code):
    """'#' pressed behind a whole code, to the coil: (us, of them idle)."""
    start = time.ticks_ms()
    rounds(reactor, lambda: time.ticks_diff(time.ticks_ms(), start) > _START_MS)
    for digit in code:
        station.session.key(digit, time.ticks_ms())
    start = time.ticks_ms()
    rounds(reactor, lambda: time.ticks_diff(time.ticks_ms(), start) > _SETTLE_MS)
    gc.collect()
    Idle.us = 0
    perf_parts.mark(1)
    pressed = time.ticks_us()
    parts.pressed = 11
    rounds(reactor, lambda: parts.fired_us)
    us = time.ticks_diff(parts.fired_us, pressed)
    parts.pressed = -1
    return us, Idle.us


def steps(task, now, count, apart_ms=10):
    """The longest of so many door steps, in us."""
    longest = 0
    for _ in range(count):
        now += apart_ms
        began = time.ticks_us()
        task.step(now)
        longest = max(longest, time.ticks_diff(time.ticks_us(), began))
    return longest, now


def idle_steps(task, now):
    """(us a step, bytes taken by all of them)."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    began = time.ticks_us()
    for _ in range(_IDLE_STEPS):
        now += 10
        task.step(now)
    us = time.ticks_diff(time.ticks_us(), began)
    taken = gc.mem_alloc() - before
    gc.enable()
    return us / _IDLE_STEPS, taken


def loaded(name):
    """The value in a JSON file."""
    with open(name) as file:
        return json.load(file)


def measure():
    """A dictionary of figures."""
    gc.collect()
    parts = perf_parts.Parts(24)
    board, config, code = (loaded(name) for name in ("board.json", "station.json", "code.json"))
    reactor = compose.build(parts, board, config, ".")
    doors = reactor.slots[0].task
    found = {"heap": [gc.mem_free()]}
    gc.collect()
    found["heap"].append(gc.mem_free())
    found["key_us"], found["key_idle_us"] = last_key(parts, reactor, doors._station, code)
    now = time.ticks_ms()
    parts.closed = parts.locked = 0
    gc.collect()
    opened, now = steps(doors, now, _MOVE_STEPS)
    parts.closed = parts.locked = parts.all
    gc.collect()
    shut, now = steps(doors, now, _MOVE_STEPS)
    found["opened_us"], found["shut_us"] = opened, shut
    _, now = steps(doors, now, 9, 1_000)  # until every contact has been quiet for long
    found["idle_us"], found["idle_bytes"] = idle_steps(doors, now)
    return found
