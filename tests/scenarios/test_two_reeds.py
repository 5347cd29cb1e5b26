"""A door with two reeds in the whole firmware."""

import pytest

from locker.core import doors, faults
from virtual.journeys import picks_up
from whole_station import WholeStation


@pytest.fixture
def paired(station: WholeStation) -> WholeStation:
    """The station started anew with a second reed at door 3."""
    station.board["doors"][2]["reed2"] = 9
    station.power_cut()
    station.pass_time(2000)
    return station


def test_a_pickup_is_as_it_was(paired: WholeStation) -> None:
    paired.play(picks_up(paired.person, 3, paired.code(3)))
    paired.pass_time(2000)
    assert paired.openings() == [3]
    assert paired.station.bank.door(3).state == doors.SECURED


def test_a_second_reed_that_contradicts_takes_the_door_out_of_service(
    paired: WholeStation,
) -> None:
    paired.hal.split = 1 << 2
    paired.pass_time(2000)
    assert paired.station.bank.door(3).verdict == faults.CONFLICT
    paired.play(paired.person.types(paired.code(3) + "#"))
    paired.pass_time(3000)
    assert paired.openings() == []
    paired.play(picks_up(paired.person, 2, paired.code(2)))
    assert paired.openings() == [2]
