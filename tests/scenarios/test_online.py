"""The network comes after the doors, and nobody waits for it who need not."""

import sys
from typing import Any

import pytest

from locker.app import online
from locker.core import messages, session
from locker.net import links
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
    monkeypatch.setattr(online, "_PERIOD_MS", 60)  # as long as a board needs for a bundle
    station.power_cut()
    station.pass_time(200)
    assert station.station.session.screen[0] == messages.STARTING
    assert station.station.bank.door(1).edge_seen
    station.pass_time(1000)
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
    poll = links.LinkKeeper.poll

    def fails_once(*_: Any) -> None:
        monkeypatch.setattr(links.LinkKeeper, "poll", poll)
        raise RuntimeError("no radio")

    monkeypatch.setattr(links.LinkKeeper, "poll", fails_once)
    station.power_cut()
    station.pass_time(500)
    assert station.station.session.state == session.IDLE
    assert len(failures) == 1
