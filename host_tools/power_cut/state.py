"""What lies on a station's flash, read by the host's own decoders, and what must hold of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulator import flashfs
from emulator.pico_w import FILES
from locker.core import codes, compartments, counters, lockout, records
from locker.core.compartments import Compartment
from lockerctl import provision
from lockerctl.journal_reader import Reading, read_journal
from lockerctl.rig import micropython

LOST, REPLAYED, MIXED = "lost", "replayed", "mixed"
Problem = tuple[str, str]


class Unreadable(Exception):
    """A cell of which no copy is good; the argument names it."""


@dataclass(frozen=True)
class State:
    """doors: by number."""

    doors: Mapping[int, Compartment]
    counters: counters.Counters
    lockout: lockout.Lockout
    journal: Reading


@dataclass
class Promises:
    """What people have seen of one station so far. pulses: of a door, with the tenancy of the code
    that they were given for (0: a courier's); receipts, taken: door -> tenancy; level: wrong
    entries that were shown as refused.
    """

    pulses: list[tuple[int, int]] = field(default_factory=list)
    receipts: dict[int, int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)
    level: int = 0


def read(files: bytes, sizes: Mapping[int, str], journal_key: bytes) -> State:
    """Raises EmulatorError when it does not mount, Unreadable when a cell is lost."""
    with tempfile.TemporaryDirectory(prefix="latchwork-cuts-") as place:
        folder = Path(place)
        flashfs.read(files, FILES, micropython(), folder)
        cells = folder / provision.CELLS_FOLDER
        doors = {}
        for door, size in sizes.items():
            doors[door] = Compartment(door, size, b"")
            doors[door].unpack(_payload(cells, compartments.cell(door)))
        numbers, counts = counters.Counters(), lockout.Lockout(len(sizes))
        numbers.unpack(_payload(cells, counters.CELL))
        counts.unpack(_payload(cells, lockout.CELL))
        journal = read_journal(folder / provision.JOURNAL_FOLDER, journal_key)
        return State(doors, numbers, counts, journal)


def _payload(cells: Path, cell: tuple[str, int, int]) -> bytes:
    """Of the younger good copy, as the station takes it."""
    name, kind, schema = cell
    found = []
    for copy in "ab":
        path = cells / f"{name}.{copy}"
        good = records.unpack_cell(kind, path.read_bytes()) if path.exists() else None
        if good is not None and good[0] == schema:
            found.append((good[1], good[3]))
    if not found:
        raise Unreadable(name)
    return max(found)[-1]


def problems(before: State, after: State, owed: Promises) -> Iterator[Problem]:
    """What a cut at ``before`` and the start after it broke."""
    yield from _journal(before, after, owed)
    if after.counters.boot <= before.counters.boot:
        yield REPLAYED, f"boot {after.counters.boot} after boot {before.counters.boot}"
    if after.lockout.level < owed.level:
        yield LOST, f"{owed.level} wrong entries were shown, {after.lockout.level} are counted"
    for door, new in after.doors.items():
        yield from _door(before.doors[door], new, owed)


def _journal(before: State, after: State, owed: Promises) -> Iterator[Problem]:
    old, new = before.journal.records, after.journal.records
    for text in after.journal.problems:
        yield MIXED, f"journal: {text}"
    if [r.tag for r in new[: len(old)]] != [r.tag for r in old]:
        yield LOST, f"the journal's first {len(old)} records are not what they were"
    for door in {door for door, _ in owed.pulses}:
        allowed = sum(r.kind == records.AUTHORISED and r.door == door for r in new)
        fired = sum(door == fired for fired, _ in owed.pulses)
        if allowed < fired:
            yield LOST, f"door {door} was fired {fired} times, the journal allows {allowed}"


def _door(old: Compartment, new: Compartment, owed: Promises) -> Iterator[Problem]:
    door = new.door
    fired = owed.pulses.count((door, new.tenancy))
    if new.releases < fired:
        yield (
            REPLAYED,
            f"door {door}: {fired} pulses, {new.releases} releases of its claim counted",
        )
    if new.tenancy <= owed.taken.get(door, 0) and not (new.claim and new.opened):
        yield REPLAYED, f"door {door}: tenancy {new.tenancy} was collected"
    if new.tenancy == owed.receipts.get(door) and new.occupancy < compartments.OCCUPIED:
        yield LOST, f"door {door}: a parcel with a receipt is forgotten"
    keys = {old.tenancy: old.key, old.tenancy + 1: codes.next_key(old.key)}
    if keys.get(new.tenancy) != new.key:
        yield MIXED, f"door {door}: tenancy {new.tenancy} after {old.tenancy}, with another's key"
