"""A door that was just shut opens again for the one who shut it, and for nobody else."""

from locker.core import compartments, doors, records
from talking import types
from virtual.journeys import picks_up
from whole_station import WholeStation


def test_a_door_shut_by_mistake_opens_again_for_the_one_who_shut_it(
    station: WholeStation,
) -> None:
    code = station.code(3)
    station.play(picks_up(station.person, 3, code))
    station.play(station.person.reads("03# opens again"))
    types(station, "03#", "take your")
    station.bench.push(3)
    station.play(station.person.reads("03# opens again"))
    station.pass_time(65_000)
    assert station.openings() == [3, 3]
    compartment = station.station.vault.compartment(3)
    assert (compartment.occupancy, compartment.releases) == (compartments.FREE, 0)
    assert station.kinds().count("collected") == 1
    grants = [(r.actor, r.tenancy) for r in station.journal() if r.kind == records.AUTHORISED]
    assert grants == [(records.RECIPIENT, 1), (records.STATION, 0)]
    station.play(station.person.types("03#"))
    station.pass_time(2000)
    assert station.openings() == [3, 3], "the offer is over"


def test_the_offer_to_open_again_ends_with_the_next_person_s_first_key(
    station: WholeStation,
) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.play(station.person.types("5*03#"))
    station.pass_time(2000)
    assert station.openings() == [3]


def test_a_chance_key_opens_no_door_that_was_just_emptied(station: WholeStation) -> None:
    """The next courier would take it for the door that was opened for the parcel."""
    station.play(picks_up(station.person, 3, station.code(3)))
    station.play(station.person.types("#3###*#"))
    station.pass_time(2000)
    assert station.openings() == [3]


def test_an_open_door_gives_more_time_for_a_key(station: WholeStation) -> None:
    types(station, station.code(3) + "#", "# for more time")
    station.bench.pull(3)
    for _ in range(3):
        station.pass_time(110_000)
        station.play(station.person.types("#"))
    station.pass_time(100_000)
    assert station.station.bank.door(3).state == doors.OPEN
    station.pass_time(60_000)
    assert station.station.bank.door(3).state == doors.OPEN_ALARM
