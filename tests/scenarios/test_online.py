"""The network comes after the doors, and nobody waits for it who need not."""

import sys

import pytest

from locker.app import online
from locker.core import compartments, doors, messages, session
from virtual.journeys import picks_up
from whole_station import WholeStation


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What tasks raised; elsewhere that fails the test at once."""
    raised: list[Exception] = []
    monkeypatch.setattr(sys, "print_exception", raised.append)
    return raised


def test_the_doors_work_before_people_are_let_in(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, online.__name__, online)  # the start before has let it go
    station.power_cut()
    seen = []
    while station.station.session.screen[0] == messages.STARTING:
        station.pass_time(10)
        seen.append(station.bench.display.lines()[0].strip())
    assert "Starting ..." in seen and len(seen) < 50
    assert station.station.bank.door(1).edge_seen
    assert station.station.session.screen[0] == messages.IDLE


def test_a_network_that_cannot_be_brought_in_keeps_nobody_out(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch, failures: list[Exception]
) -> None:
    monkeypatch.setitem(sys.modules, online.__name__, online)  # the start before has let it go
    monkeypatch.setattr(online, "_MODULES", ("locker.net.backoff", "locker.net.nowhere"))
    station.power_cut()
    station.pass_time(1000)
    assert station.station.session.state == session.IDLE
    assert [type(error) for error in failures] == [ModuleNotFoundError]
    monkeypatch.setattr(online, "_MODULES", ("locker.net.backoff",))
    station.skip(301_000)
    station.pass_time(2000)
    assert {slot.name: type(slot.task).__name__ for slot in station.reactor.slots}[
        "report"
    ] == "ReportTask"


def test_a_radio_that_fails_at_its_start_keeps_nobody_out(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch, failures: list[Exception]
) -> None:
    monkeypatch.setitem(sys.modules, online.__name__, online)

    def fails() -> None:
        raise RuntimeError("no radio")

    monkeypatch.setattr(station.hal, "join", fails)
    station.power_cut()
    station.pass_time(500)
    assert station.station.session.state == session.IDLE
    assert len(failures) == 1


def test_people_type_while_the_network_comes_in(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, online.__name__, online)
    monkeypatch.setattr(online, "_PERIOD_MS", 200)
    station.power_cut()
    station.pass_time(600)
    station.play(picks_up(station.person, 3, station.code(3)))
    assert station.station.bank.door(3).state == doors.SECURED
    assert station.station.vault.compartment(3).occupancy == compartments.FREE
