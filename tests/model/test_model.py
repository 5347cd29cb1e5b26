"""The exhaustive search itself: it finds what is wrong, tells the shortest way there, and ends."""

import shutil

import pytest

from locker.core.bank import Bank
from locker.core.door import Timers
from lockerctl.build import FIRMWARE
from model import freeze
from model.__main__ import hunt, search
from model.mutants import MUTANTS
from model.report import rows_reached
from model.search import Search, Violation
from virtual.mutants import Mutant, MutantError, apply

# Quick ones, of each kind of rule.
SAMPLE = ("fail_closed_heals", "forced_open_is_open", "request_sleeps", "inhibits_uncounted")


class Stairs:
    """Steps 0..9, one at a time; a trap behind step 3 when asked for."""

    name = "stairs"

    def __init__(self, trap=None, one_way=False):
        self.trap = trap
        self.one_way = one_way

    def first(self):
        yield b"0"

    def steps(self, state):
        here = int(state)
        yield "stay", state, False
        if here == self.trap:
            yield "fall", Violation("fell"), False
        if here < 9:
            yield "up", b"%d" % (here + 1), True
        if here and not self.one_way:
            yield "down", b"%d" % (here - 1), True

    def is_good(self, state):
        return state == b"0"


def test_a_search_ends_when_nothing_new_turns_up():
    found = Search(Stairs()).run()
    assert (found.states, found.transitions, found.exhausted) == (10, 28, True)
    assert not found.violations and found.furthest == 9


def test_a_violation_comes_with_the_shortest_steps():
    found = Search(Stairs(trap=3)).run()
    assert found.violations == {"fell": ["start", "up", "up", "up", "fall"]}
    assert found.exhausted


def test_a_search_for_the_first_violation_ends_there():
    found = Search(Stairs(trap=3), to_first=True).run()
    assert found.violations and not found.exhausted


def test_what_an_event_leaves_behind_is_found():
    class Worn(Stairs):
        def steps(self, state):
            yield from super().steps(state)
            self.trap = 0

    assert list(Search(Worn()).run().violations) == [
        "0 an event has left something behind outside the state"
    ]


def test_a_state_without_an_honest_way_out_is_a_violation():
    found = Search(Stairs(one_way=True)).run()
    (what, steps), *_ = found.violations.items()
    assert what.startswith("17 ") and steps == ["start", "up"]


def test_a_state_is_the_objects_again():
    bank = Bank(["rotary"], Timers())
    frame = freeze.Frame([bank, bank._window, *bank.doors], bank.doors)
    before = frame.save()
    bank.start(1, [0], freeze.NOW)
    after = frame.save()
    assert before != after and bank.doors[0].granted
    frame.load(before)
    assert frame.save() == before and not bank.doors[0].granted


def test_a_time_that_the_abstraction_does_not_know_ends_the_search():
    bank = Bank(["rotary"], Timers())
    vars(bank)["started_at"] = freeze.NOW
    with pytest.raises(freeze.UnknownField, match="started_at"):
        freeze.Frame([bank]).check()


@pytest.fixture(scope="module")
def baseline():
    return search("rotary")


def test_the_search_of_one_door_ends_and_uses_every_row(baseline):
    assert baseline["exhausted"]
    assert rows_reached([baseline])[0] == rows_reached([baseline])[1]


@pytest.mark.parametrize("name", SAMPLE)
def test_a_mutant_is_caught(name, baseline):
    assert not baseline["violations"] and hunt(name)


def test_a_mutant_that_no_longer_fits_is_an_error(monkeypatch):
    gone = Mutant("locker/core/bank.py", "a line of long ago", "", "nothing")
    monkeypatch.setitem(MUTANTS, "gone", ("rotary", gone))
    with pytest.raises(MutantError, match="0 times"):
        hunt("gone")


def test_every_mutant_fits_the_source(tmp_path):
    for name, (_, mutant) in MUTANTS.items():
        copy = shutil.copytree(FIRMWARE, tmp_path / name)
        apply(mutant, copy)
