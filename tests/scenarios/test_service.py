"""Service release: it frees a parcel whatever the sensors say, leaves the door out of service, and
is on record.
"""

import json
from typing import Any

import pytest

from locker.core import compartments, doors, faults, records, wire
from ordering import Operator
from whole_station import WholeStation


@pytest.fixture
def operator(station: WholeStation) -> Operator:
    return Operator(station)


def state(station: WholeStation, door: int) -> int:
    return station.station.bank.door(door).state


def json_door(station: WholeStation, door: int) -> dict[str, Any]:
    """What the host is told of a door."""
    report = next(s.task for s in station.reactor.slots if s.name == "report")
    fields: dict[str, Any] = json.loads(report._door(door))
    return fields


def released(station: WholeStation) -> list[tuple[int, str, bool]]:
    """(door, reason, present) of each service release in the journal."""
    return [
        (r.door, wire.REASONS[r.reason], bool(r.value))
        for r in station.journal()
        if r.kind == records.AUTHORISED and r.actor == records.OPERATOR
    ]


@pytest.mark.parametrize(
    ("broken", "verdict"),
    [
        ("reed_stuck_off", faults.CONFLICT),
        ("latch_stuck_on", faults.NONE),
        ("latch_stuck_off", faults.NOT_LATCHED),
    ],
)
def test_pain_8_a_broken_sensor_cable_does_not_trap_the_parcel(
    station: WholeStation, operator: Operator, broken: str, verdict: int
) -> None:
    station.bench.fault(3, broken)
    station.pass_time(2000)
    assert station.station.bank.door(3).verdict == verdict
    assert operator.order(1, "release", 3, present=True)["st"] == "done"
    station.pass_time(1000)
    assert station.openings() == [3]
    assert state(station, 3) == doors.FAIL_CLOSED
    assert released(station) == [(3, "sensor", True)]
    station.power_cut()
    station.pass_time(2000)
    assert state(station, 3) == doors.FAIL_CLOSED, "out of service across a power cut"


def test_the_first_cause_is_kept(station: WholeStation, operator: Operator) -> None:
    station.bench.fault(3, "reed_stuck_off")
    station.pass_time(2000)
    operator.order(1, "release", 3)
    operator.order(2, "release", 2)
    station.pass_time(1500)
    assert station.station.bank.door(3).verdict == faults.CONFLICT
    assert station.station.bank.door(2).verdict == faults.SERVICE_RELEASED
    assert station.station.vault.compartment(3).fault == faults.CONFLICT


def test_a_released_door_takes_no_code_until_it_is_cleared(
    station: WholeStation, operator: Operator
) -> None:
    operator.order(1, "release", 3)
    station.pass_time(1000)
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("out of service e37"))
    station.bench.push(3)
    station.pass_time(1000)
    assert operator.order(2, "clear", 3)["st"] == "done"
    station.pass_time(9000)
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))


def test_a_door_in_use_or_locked_down_is_not_released_for_service(
    station: WholeStation, operator: Operator
) -> None:
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    assert operator.order(1, "release", 3)["err"] == faults.COMMAND_NOT_NOW
    assert operator.order(2, "lockdown", 2)["st"] == "done"
    assert operator.order(3, "release", 2)["err"] == faults.COMMAND_NOT_NOW
    assert operator.order(4, "lift", 2)["st"] == "done"
    assert operator.order(5, "release", 2)["st"] == "done"


def test_a_lockdown_outlives_a_power_cut_and_refuses_a_right_code(
    station: WholeStation, operator: Operator
) -> None:
    operator.order(1, "lockdown", 3)
    station.power_cut()
    station.pass_time(2000)
    assert json_door(station, 3)["mode"] == "locked_down"
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("out of service"))
    assert station.bench.cabinet.pulses == []


def test_with_swapped_wires_service_still_gets_in_and_people_do_not(
    station: WholeStation, operator: Operator
) -> None:
    station.bench.swap_coils(3, 5)
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(2000)
    assert station.station.bank.halted
    assert operator.order(1, "release", 2)["st"] == "done"
    station.pass_time(1000)
    assert station.openings() == [5, 2]


def test_drivers_that_are_not_trusted_get_no_service_release(
    station: WholeStation, operator: Operator
) -> None:
    station.station.bank.stop(4, faults.PULSE_OVERRUN, station.hal.system.ticks_ms())
    station.pass_time(100)
    assert operator.order(1, "release", 3)["err"] == faults.COMMAND_NOT_NOW
    assert station.bench.cabinet.pulses == []


def test_without_flash_a_service_release_works_is_told_and_recorded_later(
    station: WholeStation, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 15 of design.md."""

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28)

    vault, journal = station.station.vault, station.station.book.journal
    with monkeypatch.context() as broken:
        for part, name in ((vault, "save_door"), (vault, "save_counters"), (journal, "flush")):
            broken.setattr(part, name, full)
        station.play(station.person.types(station.code(2) + "#"))
        station.pass_time(2000)
        assert station.bench.cabinet.pulses == []
        answer = operator.order(1, "release", 3)
        station.pass_time(2000)
        assert (answer["st"], station.openings()) == ("unjournalled", [3])
        assert operator.order(1, "release", 2)["err"] == faults.COMMAND_OUT_OF_ORDER
        assert state(station, 3) == doors.FAIL_CLOSED
    station.pass_time(5000)
    assert released(station) == [(3, "sensor", False)]
    assert vault.compartment(3).fault == faults.SERVICE_RELEASED


def test_a_parcel_taken_out_for_service_frees_the_compartment_and_ends_its_codes(
    station: WholeStation, operator: Operator
) -> None:
    code = station.code(3)
    assert operator.order(1, "empty", 3)["st"] == "done"
    assert operator.order(2, "empty", 3)["err"] == faults.COMMAND_NOT_NOW
    compartment = station.station.vault.compartment(3)
    assert (compartment.occupancy, compartment.tenancy) == (compartments.FREE, 2)
    station.play(station.person.types(code + "#"))
    station.play(station.person.reads("not accepted"))
    collected = [r for r in station.journal() if r.kind == records.COLLECTED]
    assert [(r.door, r.actor) for r in collected] == [(3, records.OPERATOR)]


def test_pain_2_a_reset_in_a_pulse_is_attributed_to_its_door(station: WholeStation) -> None:
    station.stage.add(station.person.types(station.code(3) + "#"))
    for _ in range(2000):
        if station.station.solenoid.busy():
            break
        station.pass_time(5)
    assert station.station.solenoid.busy()
    station.power_cut()
    station.pass_time(1000)
    blamed = [r.door for r in station.journal() if r.fault == faults.RESET_IN_PULSE]
    assert blamed == [3]
    station.power_cut()
    station.pass_time(1000)
    assert [r.door for r in station.journal() if r.fault == faults.RESET_IN_PULSE] == [3]


def test_a_reset_after_the_pulse_blames_nobody(station: WholeStation) -> None:
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    station.pass_time(500)
    station.power_cut()
    station.pass_time(1000)
    assert faults.RESET_IN_PULSE not in [r.fault for r in station.journal()]
