"""The coils' current seen by the whole firmware: a welded driver cuts the bank off for good, an
open or shorted coil is named.
"""

import pytest

from locker.core import doors, faults
from locker.core.feedback import Feedback
from ordering import Operator
from virtual.journeys import picks_up
from whole_station import WholeStation


@pytest.fixture
def flows(station: WholeStation) -> list[bool]:
    """Set the one entry: current that no command explains."""
    stray = [False]
    task = next(s.task for s in station.reactor.slots if s.name == "doors")
    task.watch_current(lambda: stray[0] or station.hal.coils.busy(), Feedback())
    return stray


def test_a_sound_driver_is_not_suspected(station: WholeStation, flows: list[bool]) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    assert not {faults.DRIVER_WELDED, faults.COIL_OPEN} & {r.fault for r in station.journal()}


def test_a_welded_driver_cuts_off_people_and_service_until_it_is_repaired(
    station: WholeStation, flows: list[bool]
) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(65_000)
    flows[0] = True
    station.pass_time(1000)
    bank = station.station.bank
    assert bank.door(3).verdict == faults.DRIVER_WELDED and bank.cut_off
    operator = Operator(station)
    assert operator.order(1, "release", 2)["err"] == faults.COMMAND_NOT_NOW
    station.play(station.person.types(station.code(2) + "#"))
    station.pass_time(2000)
    station.power_cut()
    station.pass_time(2000)
    bank = station.station.bank
    assert bank.cut_off, "a restart repairs nothing"
    assert station.openings() == [3]
    assert Operator(station).order(2, "clear", 3)["st"] == "done"
    assert bank.door(3).state == doors.SECURED and not bank.halted


@pytest.mark.parametrize(
    ("fault", "number"),
    [("coil_cut", faults.COIL_OPEN), ("coil_short", faults.COIL_SHORT), ("jam", faults.NONE)],
)
def test_what_is_wrong_with_a_coil_is_named_and_nothing_else(
    station: WholeStation, fault: str, number: int
) -> None:
    task = next(s.task for s in station.reactor.slots if s.name == "doors")
    task.watch_current(station.hal.coil_current, Feedback())
    station.bench.fault(3, fault)
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(8000)
    named = (faults.COIL_OPEN, faults.COIL_SHORT, faults.DRIVER_WELDED)
    told = [(r.door, r.fault) for r in station.journal() if r.fault in named]
    assert told == ([(3, number)] * 2 if number else []), "a pulse and its retry"
    assert faults.JAMMED in {r.fault for r in station.journal()}
