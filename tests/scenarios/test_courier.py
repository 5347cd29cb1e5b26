"""A courier stores a parcel: sizes, jams, slips of the finger, and answers that never come."""

from collections.abc import Callable

from locker.core import compartments, faults
from talking import types
from virtual.journeys import picks_up
from whole_station import WholeStation


def opens_and_shuts(station: WholeStation) -> None:
    """A courier at door 1 who has not answered yet whether the parcel is in."""
    bench = station.bench
    types(station, station.courier() + "#", "parcel size")
    types(station, "1", "put parcel")
    bench.pull(1)
    station.pass_time(1000)
    bench.push(1)


def test_a_jammed_deposit_door_is_free_again_when_the_courier_has_gone(
    station: WholeStation,
) -> None:
    station.bench.fault(1, "jam")
    types(station, station.courier() + "#", "parcel size")
    station.play(station.person.types("1"))
    station.play(station.person.reads("is stuck", timeout_ms=15_000))
    station.play(station.person.types("*"))
    station.pass_time(3000)
    assert station.station.vault.compartment(1).occupancy == compartments.FREE
    station.bench.force(1)  # the grant of a door that jammed would last a minute more
    station.pass_time(3000)
    assert station.station.bank.door(1).verdict == faults.FORCED_OPEN
    assert not station.station.vault.compartment(1).usable


def test_wrong_size_frees_the_door_and_asks_again(station: WholeStation) -> None:
    person = station.person
    opens_and_shuts(station)
    station.play(person.reads("parcel inside"))
    types(station, "2#", "door 1 empty?")
    types(station, "01#", "parcel size")
    assert station.station.vault.compartment(1).occupancy == compartments.FREE


def test_a_slip_of_the_courier_s_finger_gives_no_parcel_away(station: WholeStation) -> None:
    person = station.person
    opens_and_shuts(station)
    station.play(person.reads("parcel inside"))
    types(station, "3#", "door 1 empty?")
    types(station, "*", "parcel inside")
    types(station, "1#", "receipt")
    assert station.station.vault.compartment(1).occupancy == compartments.OCCUPIED


def test_a_courier_who_leaves_without_an_answer_leaves_the_door_taken(
    station: WholeStation,
) -> None:
    opens_and_shuts(station)
    station.pass_time(130_000)
    assert station.station.vault.compartment(1).occupancy == compartments.OCCUPIED


def test_no_free_door_of_that_size_asks_for_another(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=(1, 2, 3))
    types(station, station.courier() + "#", "parcel size")
    types(station, "1", "no free door")
    types(station, "2", "put parcel")


def test_a_courier_code_never_opens_an_occupied_door(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=tuple(range(1, 9)))
    types(station, station.courier() + "#", "all doors are taken e18")
    for size in "123":
        station.play(station.person.types(size))
        station.pass_time(1500)
    assert station.bench.cabinet.pulses == []


def test_a_courier_s_door_is_not_given_away_by_a_second_look(station: WholeStation) -> None:
    """Reopening an emptied compartment and a deposit into it exclude each other."""
    station.play(picks_up(station.person, 3, station.code(3)))
    types(station, "03#", "take your")
    station.station.vault.compartment(1).blocked = True
    types(station, station.courier() + "#", "parcel size")
    types(station, "1", "no free door")


def test_a_courier_who_left_unanswered_keeps_the_parcel_and_the_next_person_is_served(
    station: WholeStation,
) -> None:
    person, code = station.person, station.code(3)
    opens_and_shuts(station)
    station.play(person.reads("parcel inside"))
    station.play(picks_up(person, 3, code))
    assert station.station.vault.compartment(1).occupancy == compartments.OCCUPIED
    assert station.openings() == [1, 3]
