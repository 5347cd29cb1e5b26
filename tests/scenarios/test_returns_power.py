"""A parcel comes back, and the power goes at any write or moment in between."""

from collections.abc import Callable

import pytest
from test_jam_cuts import Cut, PowerCut

from locker.core import records
from ordering import Operator
from returning import filled, number_of, opens_again, parcels, sticks
from talking import types
from virtual.journeys import deposits
from virtual.people import Person, Story
from whole_station import WholeStation

EVERY_MS = 610  # no multiple of any of the station's periods


def returns_it(p: Person, code: str) -> Story[int]:
    """To the receipt, whatever door it is."""
    return (yield from deposits(p, code, "1"))


def goes_on(station: WholeStation, code: str) -> None:
    """The light is back: whoever still has the parcel in hand types the code again, at most three
    times, and does what the display says. Whoever has put it in shuts the door.
    """
    bench = station.bench
    station.stage.end_all()
    station.power_cut()
    station.pass_time(3000)
    for number, door in bench.cabinet.doors.items():
        if door.position(bench.now_ms) > 0:
            if not parcels(station):
                door.parcel = "parcel"  # the person was about to
            bench.push(number)
    station.pass_time(9000)
    if parcels(station):
        return
    station.play(once_more(station.person, code))
    station.pass_time(9000)


def once_more(p: Person, code: str) -> Story[None]:
    """The parcel is in hand: the same code must find it a place."""
    yield from p.types(code + "#")
    seen = yield from p.reads("parcel size", "put parcel")
    if seen == "parcel size":
        yield from p.presses("1")
        yield from p.reads("put parcel")
    door = yield from p.finds_open_door()
    yield from p.pulls(door)
    p.puts(door, "return")
    yield from p.pushes(door)
    yield from p.reads("parcel inside")
    yield from p.presses("1#")
    yield from p.reads("return received")


def ends_well(station: WholeStation, code: str) -> None:
    """One compartment holds it, the station knows which, and the code is dead."""
    station.skip(620_000)
    station.pass_time(12_000)
    inside = parcels(station)
    assert len(inside) == 1 and filled(station) == inside
    opened = station.openings()
    assert len(set(opened)) <= 2 and opened[-1] == inside[0]
    types(station, code + "#", "not accepted e11")
    assert station.openings() == opened
    stored = [r for r in station.journal() if r.kind == records.DEPOSITED]
    assert stored and {(r.door, r.value) for r in stored} == {
        (inside[0], number_of(station, code))
    }
    station.power_cut()
    station.pass_time(2000)
    assert filled(station) == inside


def test_at_every_write_to_the_flash(
    make_station: Callable[..., WholeStation], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, done = 0, False
    while not done:
        number += 1
        station = make_station()
        code = station.give_back()
        cut = Cut(monkeypatch, number)
        try:
            station.play(returns_it(station.person, code))
            station.pass_time(3000)
            done = True  # so many writes a return has not
            cut.at_write = 0
        except PowerCut:
            goes_on(station, code)
        ends_well(station, code)
        station.forget()
    assert number > 10, "lockout, code, door, authorisation, opening, end, deposit"


def test_at_every_moment(make_station: Callable[..., WholeStation]) -> None:
    after_ms, done = 0, False
    while not done:
        after_ms += EVERY_MS
        station = make_station()
        code = station.give_back()
        giving = station.stage.add(returns_it(station.person, code))
        station.pass_time(after_ms)
        done = giving.done
        goes_on(station, code)
        ends_well(station, code)
        station.forget()
    assert after_ms > 6_000, "typing, size, a pulse, the door, the answer"


def test_a_failing_write_opens_nothing_and_keeps_the_code(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 15 of design.md."""
    code = station.give_back()
    types(station, code + "#", "parcel size")
    with monkeypatch.context() as broken:
        station.fail_write(broken, 1)
        types(station, "1", "out of order e42")
        assert station.openings() == []
    station.pass_time(9000)
    door = station.play(deposits(station.person, code, "1"))
    assert filled(station) == [door]


def test_after_a_cut_a_jammed_door_is_asked_about_and_the_code_finds_another(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station()
    code = station.give_back()
    stuck = sticks(station, code)
    for _ in range(2):  # the releases that its grant has left
        station.power_cut()
        station.pass_time(3000)
        types(station, code + "#", "opens now", "press door")
        station.play(station.person.reads("parcel inside", timeout_ms=15_000))
    station.power_cut()
    station.pass_time(3000)
    types(station, code + "#", "parcel inside")
    types(station, "3#", f"door {stuck} empty?")
    types(station, f"{stuck:02d}#", "your code still")
    station.pass_time(9000)
    door = station.play(deposits(station.person, code, "1"))
    assert door != stuck and filled(station) == [door]


def test_the_same_code_opens_the_same_door_again_after_a_cut(station: WholeStation) -> None:
    code = station.give_back()
    types(station, code + "#", "parcel size")
    types(station, "1", "put parcel")
    door = station.play(station.person.finds_open_door())
    station.play(station.person.pulls(door))
    station.power_cut()
    station.pass_time(2000)
    types(station, code + "#", "put parcel")
    assert station.openings() == [door], "it stands open: no pulse is needed"
    station.play(station.person.pushes(door))
    station.play(station.person.reads("parcel inside"))
    station.power_cut()
    station.pass_time(2000)
    assert Operator(station).order(1, "empty", door)["st"] == "rejected"
    opens_again(station, code, door)
