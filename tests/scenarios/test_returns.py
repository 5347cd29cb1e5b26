"""A customer brings a parcel back: what a return code opens, and what it does not."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from locker.core import clock, codes, compartments, faults, lockout, records, wire
from lockerctl import issue, tenancy
from lockerctl.mqtt import Message
from returning import filled, number_of, opens_again, parcels, sticks, told
from talking import enters, reasons, types
from virtual.journeys import deposits, picks_up
from virtual.people import Person, Story
from whole_station import WholeStation


def test_a_parcel_comes_back_the_host_is_told_and_a_courier_fetches_it(
    station: WholeStation,
) -> None:
    code = station.give_back(serial=12)
    number = number_of(station, code)
    door = station.play(deposits(station.person, code, "2"))
    assert station.openings() == [door] and door not in (2, 3, 5) and filled(station) == [door]
    said = [(r.kind, r.value) for r in station.journal() if r.actor == records.SENDER]
    assert [kind for kind, _ in said] == [
        records.RETURN_ACCEPTED,
        records.DEPOSIT_STARTED,
        records.AUTHORISED,
        records.DEPOSITED,
    ]
    assert {value for kind, value in said if kind != records.AUTHORISED} == {number}
    stored = next(r for r in station.journal() if r.kind == records.DEPOSITED)
    event = json.loads(wire.event(stored))
    assert (event["k"], event["a"], event["n"], event["x"]) == (
        "deposited",
        "sender",
        door,
        number,
    )
    fields = told(station, door)
    assert fields["occ"] == "occupied" and fields["ret"] is True
    known = tenancy.from_door_topic(Message("any", json.dumps(fields).encode(), True))
    assert known and known.occupied
    pickup = issue.recipient(station.record, door, known.tenancy, "3d", station.now_s())
    station.pass_time(9000)
    station.play(picks_up(station.person, door, pickup.digits))
    station.pass_time(9000)
    assert not station.bench.door(door).parcel and told(station, door)["ret"] is False
    assert told(station, door)["occ"] == "free"


def test_the_receipt_lets_the_host_make_the_fetching_code_while_the_station_is_offline(
    station: WholeStation,
) -> None:
    station.stage.add(deposits(station.person, station.give_back(), "1"))
    while "Return received" not in station.shown():
        station.pass_time(50)
    station.pass_time(300)  # the lines are drawn one after the other
    receipt = next(word for word in station.shown().split() if word[2:3] == "-")
    door = issue.receipt_door(receipt)
    assert filled(station) == [door]
    assert issue.tenancies_of_receipt(station.record, receipt, 1) == [1]


def test_no_trace_of_the_code_is_kept(station: WholeStation) -> None:
    code = station.give_back(serial=5)
    station.play(deposits(station.person, code, "1"))
    secret = code[4:-1].encode()
    packed = int(secret).to_bytes(4, "big")
    files = [p.read_bytes() for p in station.flash.rglob("*") if p.is_file()]
    assert not any(secret in data or packed in data for data in files)


def test_a_code_is_good_once_for_its_long_form_too_and_across_a_power_cut(
    station: WholeStation,
) -> None:
    code = station.give_back()
    station.play(deposits(station.person, code, "1"))
    opened = station.openings()
    enters(station, code, "not accepted e11")
    enters(station, station.give_back(long=True), "not accepted e11")
    station.power_cut()
    station.pass_time(2000)
    enters(station, code, "not accepted e11")
    assert station.openings() == opened
    assert reasons(station) == [faults.CODE_REPLAYED] * 3
    refused = [r for r in station.journal() if r.kind == records.REFUSED]
    assert {r.value for r in refused} == {number_of(station, code)}


def test_several_codes_of_one_time_are_good_side_by_side(
    make_station: Callable[..., WholeStation],
) -> None:
    station, doors = make_station(), []
    for serial in (0, 1, 99):
        station.pass_time(9000)
        doors.append(station.play(deposits(station.person, station.give_back(serial), "1")))
    assert len(set(doors)) == 3 and filled(station) == sorted(doors)


def changes_mind(p: Person, code: str, answer: str) -> Story[int]:
    """Opens the compartment, puts nothing in, shuts it and says so."""
    yield from p.types(code + "#")
    yield from p.reads("parcel size")
    return (yield from regrets(p, answer))


def regrets(p: Person, answer: str) -> Story[int]:
    """The same from the question for the size on."""
    yield from p.presses("1")
    yield from p.reads("put parcel")
    door = yield from p.finds_open_door()
    yield from p.pulls(door)
    yield from p.pushes(door)
    yield from p.reads("parcel inside")
    yield from p.presses(answer + "#")
    yield from says_it_is_empty(p, door)
    return door


def says_it_is_empty(p: Person, door: int) -> Story[None]:
    """The second question, after an answer that nothing is in."""
    yield from p.reads(f"door {door} empty?")
    yield from p.presses(f"{door:02d}#")


def test_nothing_stored_gives_the_code_back_three_times_in_all(station: WholeStation) -> None:
    code = station.give_back()
    for text in ("your code still", "your code still", "nothing stored goodbye"):
        station.play(changes_mind(station.person, code, "3"))
        station.play(station.person.reads(text))
        station.pass_time(9000)
    assert filled(station) == []
    enters(station, code, "not accepted e11")
    assert reasons(station) == [faults.CODE_REPLAYED]


def test_a_parcel_too_large_goes_into_another_size(station: WholeStation) -> None:
    first = station.play(changes_mind(station.person, station.give_back(), "2"))
    types(station, "3", "put parcel")
    second = station.play(station.person.finds_open_door())
    station.play(station.person.pulls(second))
    station.person.puts(second)
    station.play(station.person.pushes(second))
    station.play(station.person.reads("parcel inside"))
    types(station, "1#", "return received")
    assert first != second and filled(station) == [second]
    assert station.station.vault.compartment(first).occupancy == compartments.FREE


def test_the_third_wrong_size_is_the_last_and_no_size_is_asked_in_vain(
    station: WholeStation,
) -> None:
    code = station.give_back()
    station.play(changes_mind(station.person, code, "2"))
    for text in ("parcel size", "not accepted e11"):
        station.play(station.person.reads("parcel size"))
        station.play(regrets(station.person, "2"))
        station.play(station.person.reads(text))
    assert len(station.openings()) == 3 and filled(station) == []
    assert reasons(station) == [faults.CODE_REPLAYED]
    refused = next(r for r in station.journal() if r.kind == records.REFUSED)
    assert refused.value == number_of(station, code)


def test_a_door_that_jams_gives_the_code_back_and_another_one_opens(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station()
    code = station.give_back()
    compartment = sticks(station, code)
    station.play(station.person.presses("*"))
    station.pass_time(2000)
    door = station.play(deposits(station.person, code, "1"))
    assert door != compartment and filled(station) == [door] and parcels(station).count(door) == 1


def test_who_types_the_code_in_the_place_of_an_answer_has_not_answered(
    station: WholeStation,
) -> None:
    code = station.give_back()
    types(station, code + "#", "parcel size")
    types(station, "1", "put parcel")
    door = station.play(station.person.finds_open_door())
    station.play(station.person.pulls(door))
    station.play(station.person.pushes(door))
    station.play(station.person.reads("parcel inside"))
    opens_again(station, code, door)


def test_who_does_not_come_back_has_left_it_after_ten_minutes(station: WholeStation) -> None:
    code = station.give_back()
    types(station, code + "#", "parcel size")
    types(station, "1", "put parcel")
    door = station.play(station.person.finds_open_door())
    station.play(station.person.pulls(door))
    station.person.puts(door)
    station.pass_time(400_000)  # the talk ends with the door open
    station.play(station.person.pushes(door))
    station.pass_time(12_000)
    assert filled(station) == [] and "Type your code" in station.shown()
    station.skip(620_000)
    station.pass_time(12_000)
    assert filled(station) == [door]
    types(station, code + "#", "not accepted e11")


def test_a_full_station_keeps_the_code_good(station: WholeStation) -> None:
    code = station.give_back()
    vault = station.station.vault
    for compartment in vault.compartments:
        compartment.blocked = True
    types(station, code + "#", "all doors are taken")
    vault.compartment(1).blocked = False
    station.pass_time(9000)
    types(station, code + "#", "parcel size")
    types(station, "3", "no free door")
    size = compartments.SIZES.index(vault.compartment(1).size) + 1
    types(station, str(size), "put parcel")
    assert station.openings() == [1]


def test_an_occupied_door_never_opens(station: WholeStation) -> None:
    free = [c.door for c in station.station.vault.compartments if c.door not in (2, 3, 5)]
    for serial, _ in enumerate(free):
        station.pass_time(9000)
        size = next(s for s in "123" if station.desk.deposits._free_door("SML"[int(s) - 1]))
        station.play(deposits(station.person, station.give_back(serial), size))
    assert sorted(station.openings()) == free == filled(station)
    station.pass_time(9000)
    types(station, station.give_back(50) + "#", "all doors are taken")


@pytest.mark.parametrize(
    ("later_s", "reason"), [(-7 * 86_400 - 1, faults.CODE_EXPIRED), (200_000, faults.CODE_EARLY)]
)
def test_a_code_of_another_time_is_refused_neutrally(
    station: WholeStation, later_s: int, reason: int
) -> None:
    types(station, station.give_back(later_s=later_s) + "#", "not accepted e11")
    assert reasons(station) == [faults.WRONG_CODE], "what the journal may say while it is shown"
    station.pass_time(20_000)
    refused = [r for r in station.journal() if r.kind == records.REFUSED]
    assert [(r.reason, r.fault) for r in refused] == [
        (faults.WRONG_CODE, faults.NONE),
        (reason, faults.NEAR_MISS),
    ]
    assert refused[1].door == codes.RETURN and station.openings() == []
    rare = ("app.near_search", "app.returns", "core.near_miss", "core.tickets", "core.keys")
    assert not [name for name in rare if f"locker.{name}" in sys.modules]


def test_a_code_of_another_station_is_refused_and_counted(
    station: WholeStation, tmp_path: Any
) -> None:
    other = WholeStation(tmp_path / "other", seed=2)
    types(station, other.give_back() + "#", "not accepted e11")
    assert reasons(station) == [faults.WRONG_CODE]
    counts = station.station.vault.lockout
    assert counts.level == 1 and counts._mass[codes.COURIER_SELECTOR] in (4, 5)


def test_guesses_close_the_short_code_and_the_long_one_is_taken(station: WholeStation) -> None:
    counts = station.station.vault.lockout
    counts.charge(codes.RETURN, lockout.MASS_LIMIT - 2, False, 0)
    counts.level = 0
    types(station, station.give_back() + "#", "e15")
    enters(station, station.give_back(long=True), "parcel size")


def test_a_vague_clock_still_takes_it_and_a_lost_one_does_not(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    clk = station.station.clock
    with monkeypatch.context() as vague:
        vague.setattr(clk, "uncertainty_s", lambda _now: 60_000)
        types(station, station.give_back() + "#", "parcel size")
        types(station, "*", "nothing stored")
        vague.setattr(clk, "uncertainty_s", lambda _now: 60_500)
        enters(station, station.give_back(), "e16")
    monkeypatch.setattr(clk, "trust", lambda _now: clock.UNSYNCED)
    enters(station, station.give_back(long=True), "e16")
    assert station.openings() == []
