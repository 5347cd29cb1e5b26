"""Expanders that die, return, forget or stutter under a whole station: its doors are unknown and
stay shut, and nothing that a chip does looks like a door that moves.
"""

from pathlib import Path

import pytest

from expander_station import ExpanderStation
from locker.core import doors, faults, records
from virtual.journeys import picks_up

SECURED, INHIBITED = doors.SECURED, doors.INHIBITED
ON_FIRST = range(1, 8)


@pytest.fixture
def station(tmp_path: Path) -> ExpanderStation:
    """Eight doors; parcels of tenancy 1 behind doors 2, 3 and 8."""
    return ExpanderStation(tmp_path, occupied=(2, 3, 8))


def states(station: ExpanderStation) -> list[int]:
    return [door.state for door in station.station.bank.doors]


def told(station: ExpanderStation) -> list[tuple[int, int, int]]:
    """(door, fault, value) of each fault in the journal."""
    return [(r.door, r.fault, r.value) for r in station.journal() if r.kind == records.FAULT]


def test_a_parcel_is_collected(station: ExpanderStation) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(1000)
    assert station.openings() == [3]
    assert states(station) == [SECURED] * 8 and told(station) == []


def test_the_doors_of_a_dead_expander_release_nothing_until_it_is_back(
    station: ExpanderStation,
) -> None:
    station.unplug(0)
    station.pass_time(1500)
    assert states(station) == [INHIBITED] * 7 + [SECURED]
    assert {d.verdict for d in station.station.bank.doors[:7]} == {faults.SENSOR_LOST}
    assert faults.CONTACTS_UNREAD in station.station.health.faults
    code = station.code(3)
    station.play(station.person.types(code + "#"))
    station.play(station.person.reads(f"e{faults.SENSOR_LOST}"))
    station.play(picks_up(station.person, 8, station.code(8)))
    assert station.openings() == [8]
    station.plug(0)
    station.pass_time(8000)
    assert states(station) == [SECURED] * 8
    station.play(picks_up(station.person, 3, code))
    station.pass_time(1000)
    assert station.openings() == [8, 3]
    unread = [row for row in told(station) if row[1] == faults.CONTACTS_UNREAD]
    assert unread == [(0, faults.CONTACTS_UNREAD, 1), (0, faults.CONTACTS_UNREAD, 0)]
    assert not any(
        fault in (faults.WRONG_DOOR, faults.FORCED_OPEN) for _, fault, _ in told(station)
    )


def test_an_expander_that_dies_in_a_pulse_of_its_own_door(station: ExpanderStation) -> None:
    def dies_at_the_coil() -> None:
        while not station.bench.cabinet.pulses:
            station.pass_time(1)
        station.unplug(0)

    part = station.stage.add(station.person.types(station.code(3) + "#"))
    dies_at_the_coil()
    station.pass_time(8000)
    assert part.done and len(station.bench.cabinet.pulses) == 1
    assert states(station) == [INHIBITED] * 7 + [SECURED]
    station.plug(0)
    station.pass_time(8000)
    others = states(station)[:2] + states(station)[3:]
    assert others == [SECURED] * 7 and states(station)[2] == INHIBITED  # it stands open
    station.play(station.person.pushes(3))
    station.pass_time(8000)
    assert states(station) == [SECURED] * 8
    assert len(station.bench.cabinet.pulses) == 1


def test_an_expander_that_dies_in_a_pulse_of_another_door(station: ExpanderStation) -> None:
    station.stage.add(station.person.types(station.code(8) + "#"))
    while not station.bench.cabinet.pulses:
        station.pass_time(1)
    station.unplug(0)
    station.pass_time(3000)
    assert not station.station.bank.halted
    assert states(station) == [INHIBITED] * 7 + [doors.OPEN]


def test_an_expander_that_forgets_its_settings_moves_no_door(station: ExpanderStation) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(1000)
    station.bench.fault(5, "reed_stuck_off")
    station.pass_time(2000)
    before = len(station.journal())
    for _ in range(20):
        station.wires.chips[0].power_up()  # door 5's open reed would now read closed
        station.pass_time(700)
    assert len(station.journal()) == before
    assert states(station) == [SECURED] * 4 + [doors.FAIL_CLOSED] + [SECURED] * 3


def test_single_answers_that_are_missed_are_no_fault(station: ExpanderStation) -> None:
    before = len(station.journal())
    for _ in range(200):
        station.wires.missed = 1
        station.pass_time(130)
    assert len(station.journal()) == before
    assert states(station) == [SECURED] * 8


def test_an_expander_that_is_dead_at_the_start(station: ExpanderStation) -> None:
    station.unplug(0)
    station.power_cut()
    station.pass_time(7000)
    assert states(station) == [INHIBITED] * 7 + [SECURED]
    station.plug(0)
    station.pass_time(8000)
    assert states(station) == [SECURED] * 8
    assert station.openings() == []
