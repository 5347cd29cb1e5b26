"""The coils' supply as a converter sees it: too low and nothing fires, too soft and it is told."""

import pytest

from locker.core import faults, records
from virtual.journeys import picks_up
from whole_station import WholeStation

SUPPLY = {"ratio_percent": 555, "least_mv": 10_500, "sag_mv": 1_500}
FULL_MV = 2163  # 12.0 V


@pytest.fixture
def supplied(station: WholeStation) -> WholeStation:
    """The station started anew at 12 V."""
    station.board["supply"] = SUPPLY
    station.hal.levels_mv["supply"] = FULL_MV
    station.power_cut()
    station.pass_time(2000)
    return station


def of_fault(station: WholeStation, number: int) -> list[tuple[int, int]]:
    return [(r.door, r.value) for r in station.journal() if r.fault == number]


def test_a_good_supply_is_not_spoken_of(supplied: WholeStation) -> None:
    supplied.play(picks_up(supplied.person, 3, supplied.code(3)))
    assert supplied.openings() == [3]
    assert not of_fault(supplied, faults.SUPPLY_LOW) + of_fault(supplied, faults.SUPPLY_SAGS)


def test_below_the_threshold_nothing_fires_until_it_is_well_back(supplied: WholeStation) -> None:
    supplied.hal.levels_mv["supply"] = 1890  # 10.49 V
    supplied.play(supplied.person.types(supplied.code(3) + "#"))
    supplied.pass_time(2000)
    assert supplied.openings() == [] and (3, 0) in of_fault(supplied, faults.SUPPLY_LOW)
    assert not [r for r in supplied.journal() if r.kind == records.PULSED]
    assert faults.SUPPLY_LOW in supplied.station.health.faults
    supplied.hal.levels_mv["supply"] = 1910  # 10.6 V: it was too low
    supplied.pass_time(1000)
    assert faults.SUPPLY_LOW in supplied.station.health.faults
    supplied.hal.levels_mv["supply"] = FULL_MV
    supplied.pass_time(20_000)
    assert faults.SUPPLY_LOW not in supplied.station.health.faults
    assert supplied.openings() == [], "a request that was refused is gone"
    supplied.play(picks_up(supplied.person, 3, supplied.code(3)))
    assert supplied.openings() == [3]


def test_a_supply_that_falls_between_two_looks_is_seen_before_the_pulse(
    supplied: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The door step measures for itself."""
    task = next(s for s in supplied.reactor.slots if s.name == "supply")
    monkeypatch.setattr(task.task, "step", lambda _: 500)
    supplied.hal.levels_mv["supply"] = 1000
    supplied.play(supplied.person.types(supplied.code(3) + "#"))
    supplied.pass_time(2000)
    assert supplied.openings() == []


@pytest.mark.parametrize(("fall_mv", "recorded"), [(270, []), (400, [(3, 2220)])])
def test_a_dip_in_the_pulse_is_recorded_with_its_depth(
    supplied: WholeStation,
    monkeypatch: pytest.MonkeyPatch,
    fall_mv: int,
    recorded: list[tuple[int, int]],
) -> None:
    hal = supplied.hal
    monkeypatch.setattr(hal, "millivolts", lambda _: FULL_MV - fall_mv * hal.busy())
    supplied.play(picks_up(supplied.person, 3, supplied.code(3)))
    supplied.pass_time(5000)
    assert supplied.openings() == [3]
    assert of_fault(supplied, faults.SUPPLY_SAGS) == recorded
    assert faults.SUPPLY_LOW not in supplied.station.health.faults
