"""Memory that runs out at any line of a step costs nobody a parcel, and the journal no record."""

from random import Random

import pytest

from locker.app.caretaker import Caretaker
from simulation import cast, episode
from simulation.plan import Event
from simulation.trip import NoMemory, Trip

# A door step at rest has no busy line; a pickup and a deposit have some 2,000 of each task.
LINES = range(30, 1_230, 100)


@pytest.mark.parametrize("task", ["doors", "desk"])
@pytest.mark.parametrize("line", LINES)
def test_a_step_that_breaks_off_costs_nobody_a_parcel(
    monkeypatch: pytest.MonkeyPatch, task: str, line: int
) -> None:
    armed: list[Trip] = []

    def arm(self: cast.Cast, _event: Event, _rng: Random) -> None:
        armed.append(Trip(self._rig.task(task), line, NoMemory("injected"), self._tripped))
        self._trip = armed[0]

    monkeypatch.setitem(cast._ACTS, "no_memory", arm)
    visits = [Event(5_000.0, "pickup", 0, 0.0, 4), Event(25_000.0, "deposit", 0, 0.0, 4)]
    outcome = episode.play("trips", [Event(3_000.0, "no_memory"), *visits], 0.02)
    assert armed[0]._left == 0, "it was to break off"
    assert outcome.violations == []
    assert outcome.resets == (task == "doors"), "doors begin anew, from contacts and flash"


def test_a_courier_whose_shut_door_was_missed_is_asked_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The desk's errand that failed was the one that said so."""
    told = Caretaker.door_changed
    failed = []

    def fails_once(self: Caretaker, door: int, state: int, verdict: int, now: int) -> None:
        if self.station.vault.compartment(door).opened and not failed:
            failed.append(door)
            raise NoMemory("injected")
        told(self, door, state, verdict, now)

    monkeypatch.setattr(Caretaker, "door_changed", fails_once)
    outcome = episode.play("missed", [Event(0.0, "deposit", 0, 0.0, 4)], 0.02)
    assert failed and outcome.violations == [] and outcome.deposits == 1
