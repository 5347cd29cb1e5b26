"""Parcels that nobody collects, and doors that nobody shuts."""

import json

from locker.app.report_task import ReportTask
from locker.core import compartments, faults
from lockerctl import tenancy
from lockerctl.mqtt import Message
from ordering import Operator
from virtual.journeys import deposits
from whole_station import WholeStation

DAY_MS = 86_400_000


def told(station: WholeStation, door: int) -> str:
    """The occupancy of a door as the host hears it."""
    report = ReportTask(station.station, station.desk, b"k" * 32, 60)
    return str(json.loads(report._door(door))["occ"])


def overdue_records(station: WholeStation) -> list[int]:
    return [record.door for record in station.journal() if record.fault == faults.OVERDUE]


def days_pass(station: WholeStation, days: float) -> None:
    """In one leap, with one look at its end."""
    station.skip(days * DAY_MS)
    station.pass_time(1_500)


def test_a_parcel_becomes_overdue_after_its_class_and_grace_and_can_still_be_had(
    station: WholeStation,
) -> None:
    station.skip(700_000)
    station.pass_time(1_500)
    days_pass(station, 3.9)  # class 3d, grace 24 h
    assert told(station, 3) == "occupied" and overdue_records(station) == []
    days_pass(station, 0.1)
    assert [told(station, door) for door in (1, 2, 3)] == ["free", "overdue", "overdue"]
    assert overdue_records(station) == [2, 3, 5]
    message = Message(
        "lockers/test/door/3", json.dumps({"tn": 1, "occ": "overdue"}).encode(), True
    )
    known = tenancy.from_door_topic(message)
    assert known and (known.tenancy, known.occupied) == (1, True)
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    station.play(station.person.pulls(3))
    assert told(station, 3) == "collected_unconfirmed"
    station.play(station.person.pushes(3))
    station.pass_time(2000)
    assert told(station, 3) == "free"


def test_the_next_parcel_is_not_overdue_and_the_count_outlives_the_power(
    station: WholeStation,
) -> None:
    station.skip(700_000)
    station.pass_time(1_500)
    days_pass(station, 3)
    station.power_cut()
    station.skip(700_000)
    station.pass_time(1_500)
    days_pass(station, 1)
    assert told(station, 2) == "overdue"
    operator = Operator(station)
    operator.order(1, "empty", 2)
    station.bench.door(2).parcel = ""
    assert told(station, 2) == "free"
    station.station.vault.compartment(1).blocked = True
    door = station.play(deposits(station.person, station.courier(), "1"))
    assert door == 2 and told(station, 2) == "occupied"


def test_a_collected_parcel_is_unconfirmed_until_the_door_is_shut_even_across_a_cut(
    station: WholeStation,
) -> None:
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    station.play(station.person.pulls(3))
    station.pass_time(20_000)
    assert told(station, 3) == "collected_unconfirmed"
    station.power_cut()
    station.pass_time(3_000)
    assert told(station, 3) == "collected_unconfirmed"
    station.play(station.person.types(station.recovery(3) + "#"))
    station.play(station.person.reads("not accepted e11"))
    station.play(station.person.pushes(3))
    station.pass_time(3_000)
    assert station.station.vault.compartment(3).occupancy == compartments.FREE
    assert station.kinds().count("collected") == 1
