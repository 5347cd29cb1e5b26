"""The network comes after the doors, and nobody waits for it who need not."""

import sys
from typing import Any

import pytest

from locker.app import online
from locker.core import compartments, doors, messages, session
from locker.net import links
from virtual.journeys import picks_up
from whole_station import WholeStation


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What tasks raised; elsewhere that fails the test at once."""
    raised: list[Exception] = []
    monkeypatch.setattr(sys, "print_exception", raised.append)
    return raised


def report_task(station: WholeStation) -> str:
    """Who stands in the place of the report task."""
    return {slot.name: type(slot.task).__name__ for slot in station.reactor.slots}["report"]


def test_the_doors_work_before_people_are_let_in(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, online.__name__, online)  # the start before has let it go
    monkeypatch.setattr(online, "_PERIOD_MS", 200)  # as long as a board's first rounds take
    seen = []

    def join() -> None:
        shown = station.bench.display.lines()[0].strip()
        seen.append((shown, station.station.bank.door(1).edge_seen))

    monkeypatch.setattr(station.hal, "join", join)
    station.power_cut()
    station.pass_time(150)
    assert station.station.session.screen[0] == messages.STARTING
    station.pass_time(350)
    assert seen == [("Starting ...", True)], "when the radio starts"
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
    assert report_task(station) == "ReportTask"


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


def test_a_radio_that_shares_the_heap_and_fails_at_its_start_keeps_nobody_out(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch, failures: list[Exception]
) -> None:
    monkeypatch.setitem(sys.modules, online.__name__, online)
    monkeypatch.setattr(station.hal, "radio_shares_heap", True)
    poll = links.LinkKeeper.poll

    def fails_once(*_: Any) -> None:
        monkeypatch.setattr(links.LinkKeeper, "poll", poll)
        raise RuntimeError("no radio")

    monkeypatch.setattr(links.LinkKeeper, "poll", fails_once)
    station.power_cut()
    station.pass_time(1000)
    assert station.station.session.state == session.IDLE
    assert len(failures) == 1 and report_task(station) == "ReportTask"


def test_people_type_while_the_network_comes_in(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, online.__name__, online)
    monkeypatch.setattr(online, "_PERIOD_MS", 200)
    station.power_cut()
    station.pass_time(600)
    assert station.station.session.state == session.IDLE
    assert report_task(station) == "OnlineTask"
    station.play(picks_up(station.person, 3, station.code(3)))
    assert report_task(station) == "ReportTask"
    assert station.station.bank.door(3).state == doors.SECURED
    assert station.station.vault.compartment(3).occupancy == compartments.FREE
