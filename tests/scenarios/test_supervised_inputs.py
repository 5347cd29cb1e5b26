"""Cabinet tamper and mains seen by the whole firmware: told, journalled, and a cut wire is never
taken for a hatch that was shut again.
"""

import pytest

from locker.core import faults
from locker.core.records import Record
from virtual.journeys import picks_up
from whole_station import WholeStation

REST, ACTIVE, CUT, SHORT = 1031, 1571, 3300, 0
LOOP = {"rest_mv": REST, "active_mv": ACTIVE, "band_mv": 60}


@pytest.fixture
def watched(station: WholeStation) -> WholeStation:
    """The station started anew with both inputs at rest."""
    station.board["supervised"] = {"tamper": LOOP, "mains": LOOP}
    station.hal.levels_mv.update(tamper=REST, mains=REST)
    station.power_cut()
    station.pass_time(2000)
    return station


def lasting(station: WholeStation) -> list[int]:
    """What the inputs say is wrong now."""
    return [fault for fault in station.station.health.faults if 71 <= fault <= 74]


def text(record: Record) -> str:
    return record.note.rstrip(b"\0").decode()


def told(station: WholeStation) -> list[tuple[int, int, str]]:
    """What the journal says of the inputs: fault, came or went, by."""
    return [(r.fault, r.value, text(r)) for r in station.journal() if 71 <= r.fault <= 74]


def test_at_rest_there_is_nothing_to_tell(watched: WholeStation) -> None:
    watched.pass_time(5000)
    assert told(watched) == [] and lasting(watched) == []


def test_an_open_hatch_is_told_and_recorded_and_pickups_go_on(watched: WholeStation) -> None:
    watched.hal.levels_mv["tamper"] = ACTIVE
    watched.pass_time(1000)
    assert lasting(watched) == [faults.TAMPERED]
    watched.play(picks_up(watched.person, 3, watched.code(3)))
    assert watched.openings() == [3]
    watched.hal.levels_mv["tamper"] = REST
    watched.pass_time(5000)
    assert lasting(watched) == []
    assert [row[:2] for row in told(watched)] == [(faults.TAMPERED, 1), (faults.TAMPERED, 0)]


def test_a_wire_cut_at_an_open_hatch_ends_nothing(watched: WholeStation) -> None:
    watched.hal.levels_mv["tamper"] = ACTIVE
    watched.pass_time(1000)
    watched.hal.levels_mv["tamper"] = CUT
    watched.pass_time(5000)
    assert lasting(watched) == [faults.TAMPERED, faults.TAMPER_UNTOLD]
    watched.play(picks_up(watched.person, 3, watched.code(3)))
    assert (faults.TAMPER_UNTOLD, 1, "cut") in told(watched)


def test_mains_and_hatch_do_not_speak_for_each_other(watched: WholeStation) -> None:
    watched.hal.levels_mv.update(tamper=SHORT, mains=ACTIVE)
    watched.pass_time(1000)
    assert lasting(watched) == [faults.TAMPER_UNTOLD, faults.MAINS_FAILED]
    watched.hal.levels_mv["tamper"] = REST
    watched.pass_time(1000)
    assert lasting(watched) == [faults.MAINS_FAILED]


def test_a_wire_that_is_cut_before_the_start_is_told(watched: WholeStation) -> None:
    watched.hal.levels_mv["mains"] = CUT
    watched.power_cut()
    watched.pass_time(2000)
    assert faults.MAINS_UNTOLD in lasting(watched)
