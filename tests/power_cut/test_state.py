"""What the judge of `make power-cuts-emulated` sees."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from emulator import flashfs
from emulator.perf_flash import board_json, setup
from emulator.pico_w import FILES
from locker.core import codes
from locker.core.records import Record
from lockerctl import provision
from lockerctl.journal_reader import Reading
from lockerctl.rig import micropython
from power_cut.state import LOST, MIXED, REPLAYED, Promises, State, problems, read


@pytest.fixture
def states(tmp_path: Path) -> Callable[[], State]:
    """Readings of one provisioned flash, each with objects of its own."""
    board = board_json()
    station = provision.new_station("cut", board, provision.demo_keys(1), ("127.0.0.1", 1))
    provision.write_flash(tmp_path / "flash", station, board, setup(2))
    image = flashfs.make(tmp_path / "flash", FILES, micropython())
    return lambda: read(image, station.sizes, station.keys.journal)


def kinds(before: State, after: State, owed: Promises) -> list[str]:
    return [kind for kind, _ in problems(before, after, owed)]


def booted(state: State) -> State:
    state.counters.boot += 1
    return state


def test_a_good_start_has_no_problems(states: Callable[[], State]) -> None:
    assert kinds(states(), booted(states()), Promises()) == []


def test_a_boot_that_is_counted_twice(states: Callable[[], State]) -> None:
    assert kinds(states(), states(), Promises()) == [REPLAYED]


def test_a_pulse_without_its_claim_and_record(states: Callable[[], State]) -> None:
    after = booted(states())
    assert kinds(states(), after, Promises(pulses=[(2, 1)])) == [LOST, REPLAYED]
    after.doors[2].releases = 1
    assert kinds(states(), after, Promises(pulses=[(2, 1)])) == [LOST]


def test_a_collected_parcel_that_is_there_again(states: Callable[[], State]) -> None:
    assert kinds(states(), booted(states()), Promises(taken={2: 1})) == [REPLAYED]
    after = booted(states())
    after.doors[2].claim = 1
    after.doors[2].collect()
    assert kinds(states(), after, Promises(taken={2: 1})) == []


def test_a_receipt_without_a_parcel(states: Callable[[], State]) -> None:
    assert kinds(states(), booted(states()), Promises(receipts={3: 1})) == [LOST]
    assert kinds(states(), booted(states()), Promises(receipts={2: 1})) == []


def test_a_guess_that_is_forgotten(states: Callable[[], State]) -> None:
    assert kinds(states(), booted(states()), Promises(level=1)) == [LOST]


def test_another_tenancys_key(states: Callable[[], State]) -> None:
    after = booted(states())
    after.doors[2].key = codes.next_key(after.doors[2].key)
    assert kinds(states(), after, Promises()) == [MIXED]


def test_a_journal_that_lost_its_end_or_does_not_check(states: Callable[[], State]) -> None:
    record = Record((1,) + (0,) * 11 + (b"",), b"tag")
    before = replace(states(), journal=Reading((record,), ()))
    assert kinds(before, booted(states()), Promises()) == [LOST]
    after = replace(booted(states()), journal=Reading((), ("record 1 is damaged",)))
    assert kinds(states(), after, Promises()) == [MIXED]
