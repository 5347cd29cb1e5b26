"""Any sequence of people, answers, readings, failing writes and power cuts, on the real desk and
cells: claims, ratchets and counters never fall. `make model` looks at every state of one door;
here two doors of different kinds walk on for long.
"""

import random
import struct
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vendored import use_umqtt

use_umqtt()

from locker.app.vault import Vault  # noqa: E402 - needs umqtt
from locker.core import codes, counters, lockout, records  # noqa: E402
from locker.core.compartments import Compartment  # noqa: E402
from locker.storage.cells import Cells  # noqa: E402
from model import parcel_scope  # noqa: E402
from model.coverage import Coverage  # noqa: E402
from model.search import Step, Violation  # noqa: E402

PROFILES = ("rotary", "slam_bolt")
CHOICES = ("shut", "unlatched", "opened", "odd")
LAYOUT = ">BBBBBBIII32s"  # of a door on flash, read here without the code that is looked at


class Row(NamedTuple):
    door: int
    occupancy: int
    releases: int
    opened: int
    fault: int
    shut: int
    tenancy: int
    claim: int
    wear: int
    key: bytes


class Walk:
    """Both doors from their first start, one step after the other."""

    def __init__(self) -> None:
        self.scope = parcel_scope.ParcelScope("walk", PROFILES, Coverage(), CHOICES)
        (self.start,) = self.scope.first()

    def stored(self) -> list[Row]:
        """What is on flash."""
        return [Row(*struct.unpack(LAYOUT, cell)) for cell in self.scope.flash.cells]

    def go(self, choices: Iterable[int]) -> int:
        """Take steps; how many left a claim on flash. AssertionError for what must not be."""
        state, said, claims = self.start, [], 0
        self.scope._frame.load(state)
        before = self.stored()
        for choice in choices:
            label, outcome, _ = pick(list(self.scope.steps(state)), choice)
            said.append(label)
            assert not isinstance(outcome, Violation), (outcome, said)
            state = outcome
            self.scope._frame.load(state)
            after = self.stored()
            for old, new in zip(before, after, strict=True):
                check(old, new, said)
            claims += any(row.claim for row in after)
            before = after
        return claims


def pick(steps: list[Step], choice: int) -> Step:
    """Every other one is of honest people and sound parts: else walks seldom get anywhere."""
    honest = [step for step in steps if step[2]]
    pool = honest if choice % 2 and honest else steps
    return pool[choice // 2 % len(pool)]


def check(old: Row, new: Row, said: list[str]) -> None:
    assert new.tenancy >= old.tenancy, said
    if new.tenancy == old.tenancy:
        assert new.claim >= old.claim, said
    assert new.claim == 0 or new.claim >= new.tenancy, said
    assert new.key == codes.key_of_tenancy(parcel_scope._ROOT, new.door, new.tenancy), said


WALK = Walk()


@given(st.lists(st.integers(0, 10_000), min_size=30, max_size=150))
@settings(max_examples=40)
def test_tenancies_hold_for_any_events_and_cuts(choices: list[int]) -> None:
    WALK.go(choices)


def forgets_at_boot(self: Compartment, payload: bytes) -> None:
    UNPACK(self, payload)
    self.claim = 0


def forgets_on_flash(self: Compartment) -> bytes:
    row = Row(*struct.unpack(LAYOUT, PACK(self)))
    return struct.pack(LAYOUT, *row._replace(claim=0))


UNPACK, PACK = Compartment.unpack, Compartment.pack


@pytest.mark.parametrize("name, change", [("unpack", forgets_at_boot), ("pack", forgets_on_flash)])
def test_a_forgotten_claim_is_found_by_such_walks(
    monkeypatch: pytest.MonkeyPatch, name: str, change: Any
) -> None:
    """The first walk alone has claims enough; without the change it is sound."""
    rng = random.Random(6)
    walks = [[rng.randrange(10_000) for _ in range(60)] for _ in range(6)]
    assert Walk().go(walks[0]) > 0
    monkeypatch.setattr(Compartment, name, change)
    with pytest.raises(AssertionError):
        for choices in walks:
            Walk().go(choices)


NUMBERS = st.one_of(
    st.tuples(st.just("command"), st.integers(1, 5)),
    st.tuples(st.just("floor"), st.integers(1, 100_000)),
    st.tuples(st.just("acknowledged"), st.integers(1, 40)),
    st.tuples(st.just("erases"), st.integers(1, 90)),
    st.tuples(st.just("guess"), st.integers(0, 2)),
    st.tuples(st.just("cut"), st.integers(0, 200)),
    st.tuples(st.just("torn"), st.integers(0, 200)),
)


class Memory:
    """A vault on cells in a folder. effects: what somebody has seen, each after its write."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.vault = Vault(Cells(folder), ["S", "M"])
        self.vault.save_counters()
        self.vault.save_lockout()
        self.acknowledged = 0
        self.seen = self.numbers()

    def numbers(self) -> tuple[int, ...]:
        """None of these may fall, but acknowledged and erases by less than their step."""
        kept = self.vault.counters
        counts = self.vault.lockout
        return (kept.boot, kept.command, kept.floor_s, counts.level, *counts._mass)

    def play(self, kind: str, value: int) -> None:
        kept = self.vault.counters
        if kind in ("cut", "torn"):
            if kind == "torn":
                self.tear(counters.CELL if value % 2 else lockout.CELL, value)
            self.boot()
            return
        if kind == "guess":
            self.vault.lockout.charge(value, 5, False, 0)
            self.vault.save_lockout()
        elif kind == "acknowledged":
            self.acknowledged += value
            self.vault.save_progress(self.acknowledged)
        elif kind == "erases":
            kept.erases += value
            self.vault.save_progress(self.acknowledged)
        else:
            name = "floor_s" if kind == "floor" else kind
            setattr(kept, name, getattr(kept, name) + value)
            self.vault.save_counters()
        self.seen = self.numbers()

    def tear(self, cell: tuple[str, int, int], length: int) -> None:
        """The power goes in the write of the next copy: any part of it is there."""
        name, kind, _ = cell
        age = self.vault.cells.ages[kind] + 1
        path = Path(self.folder) / f"{name}.{records.copy_of(age)}"
        whole = path.read_bytes() if path.exists() else b""
        path.write_bytes(whole[: length % (len(whole) or 1)])

    def boot(self) -> None:
        """A start: what was stored, and one boot more, before anybody sees anything."""
        self.vault = Vault(Cells(self.folder), ["S", "M"])
        self.vault.counters.unpack(self.vault.cells.load(counters.CELL) or b"")
        self.vault.lockout.unpack(self.vault.cells.load(lockout.CELL) or b"")
        assert self.acknowledged - self.vault.counters.acknowledged < 16
        self.acknowledged = self.vault.counters.acknowledged
        self.vault.counters.boot += 1
        self.vault.save_counters()


@given(st.lists(NUMBERS, max_size=60))
@settings(max_examples=100)
def test_counters_and_failures_never_fall_across_cuts(events: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory(prefix="latchwork-numbers-") as folder:
        memory = Memory(folder)
        for event in events:
            before = memory.seen
            memory.play(*event)
            now = memory.numbers()
            assert all(new >= old for new, old in zip(now, before, strict=True)), event
            memory.seen = now
