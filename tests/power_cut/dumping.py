# mypy: ignore-errors
"""micropython dumping.py ORDER.json: days of deposits and pickups on the real littlefs of
power_cut.on_unix, and what the flash chip then holds.

With ``cut``, the last day's power goes in each flash operation, and the next start comes to rest.
"""

import json
import random
import sys

import breaks
import hooks
import life as lives
import people
from flash import ERASE, PROGRAM, torn
from ledger import WORLD
from power import Run, Surprise

from locker.core import codes

_DOORS = 4
_REST_MS = 30_000
_SESSIONS = 4
_SAVED_OF = 40


def day(run):
    """Every parcel is collected, new ones come."""
    yield from people.settles(run)
    collected = run.collected
    vault = run.watch.station.vault
    for compartment in vault.compartments:
        if compartment.occupancy == 2:
            digits = people.code_of(run, compartment.door)
            collected.append((compartment.door, compartment.tenancy, digits))
            yield from people.collects(run, compartment.door)
            yield from people.leaves(run)
    for size in "112"[: random.randrange(1, 4)]:
        yield from people.deposits(run, size)
        yield from people.leaves(run)
    yield _REST_MS


def rests(run):
    """A start with nobody there."""
    yield from people.settles(run)
    yield _REST_MS


def session(watch, data, cabinet, story, collected):
    run = Run(watch, data, cabinet)
    run.collected = collected
    try:
        run.play(story)
    finally:
        run.close()
    if run.problem:
        raise Surprise(run.problem)
    return run


def main():
    with open(sys.argv[1]) as file:
        order = json.load(file)
    breaks.apply(order["break"])
    watch = hooks.Watch()
    hooks.install(watch)
    random.seed(order["seed"])
    data = lives.new_flash(order["folder"])
    cabinet = lives.new_cabinet(_DOORS, order["occupied"])
    collected = []
    for _ in range(_SESSIONS):
        before = bytes(data), cabinet.copy()
        run = session(watch, data, cabinet, day, collected)
    answer = {"collected": collected, "images": [order["out"]], "cuts": 0, "survivors": []}
    save(data, order["out"])
    if order["cut"]:
        cut_everywhere(watch, run.events, before, bytes.fromhex(order["root"]), answer)
    with open(order["out"] + ".json", "w") as file:
        json.dump(answer, file)


def cut_everywhere(watch, events, before, root, answer):
    """The last day once more, cut at each operation; ``before``: the chip and the cabinet then."""
    operations = [index for index, event in enumerate(events) if event[0] in (ERASE, PROGRAM)]
    for number, index in enumerate(operations):
        data = bytearray(before[0])
        cabinet = cut_at(events[:index], events[index], data, before[1])
        run = session(watch, data, cabinet, rests, [])
        answer["cuts"] += 1
        vault = run.watch.station.vault
        answer["survivors"] += [(events[index][3],) + one for one in survivors(data, vault, root)]
        if number % _SAVED_OF == 0:
            name = f"{answer['images'][0]}.{number}"
            answer["images"].append(name)
            save(data, name)


def survivors(data, vault, root):
    """(door, tenancy) of the retired keys that lie in the chip."""
    for compartment in vault.compartments:
        key = codes.first_door_key(root, compartment.door)
        for tenancy in range(1, compartment.tenancy):
            if key in data:
                yield compartment.door, tenancy
            key = codes.next_key(key)


def cut_at(events, operation, data, cabinet):
    """Make the flash what a cut after these events, in the operation, leaves; the cabinet then."""
    for event in events:
        if event[0] == WORLD:
            cabinet = event[1]
        elif event[0] in (ERASE, PROGRAM):
            data[event[1] : event[1] + len(event[2])] = event[2]
    _, at, after = torn(data, operation)
    data[at : at + len(after)] = after
    return cabinet.copy()


def save(data, path):
    with open(path, "wb") as file:
        file.write(data)


main()
