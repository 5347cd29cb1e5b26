"""Persons with codes of their own: what they open, what ends them, and what nobody can see."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from granting import PLACE, Host
from locker.app import compose
from locker.core import clock, codes, compartments, doors, faults, people, records, wire
from locker.core.lockout import MASS_LIMIT
from locker.core.mac import Mac
from lockerctl import issue
from talking import enters, reasons, types
from whole_station import WholeStation

DAY = 86_400


def test_staff_release_a_door_for_service_and_it_is_on_record(
    station: WholeStation, host: Host
) -> None:
    assert host.grant()["st"] == "done"
    types(station, host.code() + "#", "door number")
    types(station, "3#", "door 3 full")
    types(station, "12", "door 3: done")
    station.pass_time(1000)
    assert station.openings() == [3]
    assert station.station.bank.door(3).state == doors.FAIL_CLOSED
    types(station, "#*", "type your code")
    said = [(r.kind, r.door, r.tenancy) for r in station.journal() if r.actor == records.STAFF]
    assert said == [
        (records.STAFF_ACCEPTED, 0, 1),
        (records.COMMAND, 3, 0),
        (records.AUTHORISED, 3, 1),
    ]
    grants = [r for r in station.journal() if r.kind == records.AUTHORISED]
    assert wire.REASONS[grants[-1].reason] == "jam" and grants[-1].value == 1
    assert wire.printable(grants[-1].note) == "place 3"


@pytest.mark.parametrize(
    ("keys", "text", "check"),
    [
        ("2", "door 2: done", lambda c: c.occupancy == compartments.FREE),
        ("3", "door 2: done", lambda c: c.blocked),
        ("34", "door 2: done", lambda c: not c.blocked),
        ("6", "02-", lambda c: (c.tenancy, c.occupancy) == (4, compartments.OCCUPIED)),
    ],
)
def test_what_staff_may_do_at_a_door(
    station: WholeStation,
    host: Host,
    keys: str,
    text: str,
    check: Callable[[compartments.Compartment], bool],
) -> None:
    host.grant()
    types(station, host.code() + "#", "door number")
    for key in keys:
        types(station, "2#", "door 2")
        types(station, key, text)
    assert check(station.station.vault.compartment(2))


def test_staff_clear_a_fault_with_good_readings_only(station: WholeStation, host: Host) -> None:
    host.grant()
    station.bench.fault(3, "reed_stuck_off")
    station.pass_time(2000)
    types(station, host.code() + "#", "door number")
    types(station, "3#", "door 3 e29")
    types(station, "5", "not now e67")
    station.bench.fault(3, "reed_stuck_off", False)
    station.pass_time(2000)
    types(station, "3#5", "door 3: done")
    station.pass_time(1000)
    assert station.station.bank.door(3).state == doors.SECURED


def test_the_menu_ends_by_itself_and_takes_no_nonsense(station: WholeStation, host: Host) -> None:
    host.grant()
    types(station, host.code() + "#", "door number")
    types(station, "19#", "door number")
    types(station, "3#790#", "1 open")
    types(station, "1", "1 sensor")
    types(station, "790#", "1 sensor")
    types(station, "*", "door number")
    station.pass_time(95_000)
    assert "Still there" in station.shown()
    station.pass_time(40_000)
    assert "Type your code" in station.shown()
    assert station.openings() == [] and station.station.session.menu is None


def test_a_code_is_taken_once_across_a_power_cut(station: WholeStation, host: Host) -> None:
    host.grant()
    code = host.code()
    types(station, code + "#", "door number")
    station.power_cut()
    station.pass_time(2000)
    types(station, code + "#", "not accepted e11")
    assert reasons(station) == [faults.CODE_REPLAYED]


def test_a_courier_of_one_s_own_stores_a_parcel_and_opens_nothing_else(
    station: WholeStation, host: Host
) -> None:
    assert host.grant(people.COURIER)["st"] == "done"
    types(station, host.code() + "#", "parcel size")
    types(station, "1", "put parcel into")
    used = station.openings()
    assert len(used) == 1 and used[0] not in (2, 3, 5)
    accepted = [r for r in station.journal() if r.kind == records.COURIER_ACCEPTED]
    assert [(r.actor, r.value) for r in accepted] == [(records.COURIER, PLACE)]


def test_a_fixed_code_for_one_visit_is_good_once(station: WholeStation, host: Host) -> None:
    host.grant(fixed=1, uses=1, lasts=3600)
    code = issue.person_entry(PLACE, people.fixed_code(host.secret()))
    types(station, code + "#", "door number")
    types(station, "*", "type your code")
    types(station, code + "#", "not accepted e11")
    assert reasons(station) == [faults.SPENT]


def test_hours_and_the_end_of_a_grant_are_kept(station: WholeStation, host: Host) -> None:
    quarter = (station.now_s() % DAY) // 900
    host.grant(hours=(quarter + 4, quarter + 8))
    enters(station, host.code(), "not accepted e11")
    station.skip(3_600_000)
    enters(station, host.code(), "door number")
    host.grant(place=4, lasts=600)
    station.skip(600_000)
    enters(station, host.code(4), "not accepted e11")
    assert reasons(station) == [faults.OUTSIDE_HOURS, faults.CODE_EXPIRED]


def test_nobody_is_granted_more_than_the_longest_life_or_a_dead_generation(
    station: WholeStation, host: Host
) -> None:
    for more in (
        {"lasts": 31 * DAY},
        {"role": people.COURIER, "lasts": 2 * DAY},
        {"place": 10},
        {"place": 0},
        {"days": 0},
        {"generation": 0},
    ):
        assert host.grant(**more)["err"] == faults.GRANT_INVALID, more
    assert host.grant(generation=2)["st"] == "done"
    assert host.grant(generation=1)["err"] == faults.GRANT_INVALID
    assert host.revoke(codes.PERSON + PLACE, 2)["st"] == "done"
    assert host.grant(generation=2)["err"] == faults.GRANT_INVALID
    assert host.grant(generation=3)["st"] == "done"


def test_too_many_wrong_codes_or_a_vague_clock_ask_for_two_in_a_row(
    station: WholeStation, host: Host
) -> None:
    host.grant()
    lockout = station.station.vault.lockout
    lockout.charge(codes.PERSON, MASS_LIMIT, False, station.hal.system.ticks_ms())
    enters(station, host.code(), "two codes in a")
    enters(station, host.code() + host.shown(30), "door number")
    assert lockout.codes_closed(codes.PERSON, 6), "a long one is not counted, nor does it acquit"


def test_without_the_time_no_person_is_let_in(station: WholeStation, host: Host) -> None:
    host.grant()
    station.bench.bus.unplugged.add(0x68)
    station.power_cut()
    station.pass_time(1000)
    types(station, host.code() + "#", "recovery code")
    assert station.station.clock.trust(station.hal.system.ticks_ms()) == clock.UNSYNCED


def test_a_late_and_an_early_code_are_told_apart(station: WholeStation, host: Host) -> None:
    host.grant()
    enters(station, host.code(later_s=-600), "not accepted e11")
    enters(station, host.code(later_s=600), "not accepted e11")
    twice = host.code(later_s=-1200) + host.shown(-1170)
    enters(station, twice, "not accepted e11")
    station.pass_time(40_000)
    wrong, expired = faults.WRONG_CODE, faults.CODE_EXPIRED
    told = [wrong, expired, wrong, faults.CODE_EARLY, wrong, expired]
    assert reasons(station) == told, "why, by the search that follows"


def everything_seen(station: WholeStation) -> list[dict[str, Any]]:
    """What an eavesdropper reads: every event, as published."""
    return [json.loads(wire.event(record)) for record in station.journal()]


@pytest.mark.parametrize("role", [people.STAFF, people.COURIER, 0])
def test_a_code_under_duress_differs_in_one_sealed_field_only(
    make_station: Callable[..., WholeStation], tmp_path: Any, role: int
) -> None:
    seen = []
    for silent in (False, True):
        station = make_station(occupied=(2,))
        host = Host(station)
        if role:
            host.grant(role)
            code = host.code(silent=silent)
        else:
            slot = (station.now_s() - clock.EPOCH) // codes.slot_seconds(codes.COURIER_CLASS)
            mac = Mac(station.record.keys.courier)
            code = codes.entry(0, codes.courier_code(mac, slot, silent=silent))
        writes = station.station.vault.cells.writes
        types(station, code + "#", "door number" if role == people.STAFF else "parcel size")
        shown = station.shown(), station.bench.now_ms, station.station.vault.cells.writes - writes
        types(station, "*", "code" if role == people.STAFF else "goodbye")
        events = everything_seen(station)
        mac = Mac(station.record.keys.journal)
        alarms = [records.alarm_of(mac, e["q"], e["b"], e["z"]) for e in events]
        assert alarms.count(True) == silent and None not in alarms
        assert len({e["z"] for e in events}) > len(events) // 3, "ordinary ones differ too"
        seen.append((events, shown, alarms))
        station.forget()
    ordinary, forced = seen
    assert ordinary[1] == forced[1], "display, time and flash writes"
    at = forced[2].index(True)
    for number, (one, other) in enumerate(zip(ordinary[0], forced[0], strict=True)):
        differing = {key for key in one if one[key] != other[key]}
        chained = {"tag"} if number >= at else set()
        assert differing == chained | ({"z"} if number == at else set())
    other_key = Mac(b"x" * 32)
    guesses = [records.alarm_of(other_key, e["q"], e["b"], e["z"]) for e in forced[0]]
    assert None in guesses


def test_lost_memory_of_persons_lets_nobody_in_until_the_operator_speaks(
    station: WholeStation, host: Host
) -> None:
    host.grant()
    for copy in "ab":
        (station.flash / "cells" / f"people.{copy}").write_bytes(b"rot")
    station.power_cut()
    station.pass_time(2000)
    assert station.station.damaged == ["people"]
    enters(station, host.code(), "not accepted e11")
    enters(station, station.courier(), "not accepted e11")
    again = Host(station)
    again._number = host._number
    assert again.revoke(0, 0)["st"] == "done"
    key = people.courier_key(station.record.keys.courier, 1)
    slot = (station.now_s() - clock.EPOCH) // codes.slot_seconds(codes.COURIER_CLASS)
    enters(station, codes.entry(0, codes.courier_code(Mac(key), slot)), "parcel size")


def test_why_a_parcel_s_code_was_wrong_is_in_the_journal_only(station: WholeStation) -> None:
    now_s = station.now_s() - clock.EPOCH
    slot = now_s // codes.slot_seconds("3d")
    mac = Mac(station.station.vault.compartment(3).key)
    typed = (
        codes.entry(3, codes.recipient_code(mac, "3d", slot - 5)),
        codes.entry(3, codes.recipient_code(mac, "3d", slot + 1)),
        codes.entry(2, int(station.code(3)[2:-1])),
        codes.entry(2, int(station.recovery(3)[2:-1]), recovery=True),
        codes.entry(0, codes.courier_code(station.station.courier, now_s // 21_600 - 5)),
    )
    for entry in typed:
        enters(station, entry, "not accepted e11")
    station.pass_time(40_000)
    told = [(r.reason, r.fault) for r in station.journal() if r.kind == records.REFUSED]
    assert told[::2] == [(faults.WRONG_CODE, 0)] * 5
    found = (faults.CODE_EXPIRED, faults.CODE_EARLY, *[faults.CODE_OF_OTHER_DOOR] * 2)
    assert told[1::2] == [(r, faults.NEAR_MISS) for r in (*found, faults.CODE_EXPIRED)]
    assert station.openings() == []


def test_nothing_rare_stays_in_memory(station: WholeStation, host: Host) -> None:
    import sys

    host.grant()
    types(station, host.code() + "#", "door number")
    types(station, "2#3*", "code")
    rare = ("app.credentials", "app.service", "core.people", "core.near_miss", "core.service_menu")
    assert not [name for name in rare if f"locker.{name}" in sys.modules]


def test_a_typed_code_is_never_in_the_journal(station: WholeStation, host: Host) -> None:
    host.grant()
    code = host.code()
    enters(station, code, "door number")
    enters(station, code, "door number")
    raw = b"".join(p.read_bytes() for p in sorted((station.flash / "journal").iterdir()))
    assert code.encode() not in raw and code[3:].encode() not in raw
    assert int(code[3:]).to_bytes(4, "big") not in raw


def test_a_write_that_fails_anywhere_never_lets_a_code_in_twice(
    make_station: Callable[..., WholeStation], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, failed = 0, True
    while failed:
        number += 1
        station = make_station(occupied=(2,))
        host = Host(station)
        host.grant(uses=1)
        code = host.code()
        with monkeypatch.context() as broken:
            count = station.fail_write(broken, number)
            station.play(station.person.types(code + "#"))
            station.pass_time(300)
            failed = count[0] >= number
        station.power_cut()
        station.pass_time(2000)
        station.play(station.person.types(code + "#"))
        station.pass_time(3000)
        accepted = [r for r in station.journal() if r.kind == records.STAFF_ACCEPTED]
        assert len(accepted) <= 1, number
        station.forget()
    assert number > 4


def test_persons_memory_older_than_the_journal_locks_the_station(
    station: WholeStation, host: Host
) -> None:
    host.grant()
    old = {p.name: p.read_bytes() for p in (station.flash / "cells").glob("people.*")}
    host.revoke(codes.PERSON + PLACE, 1)
    for name, data in old.items():
        (station.flash / "cells" / name).write_bytes(data)
    with pytest.raises(compose.Refused) as refused:
        station.power_cut()
    assert refused.value.problems == ["cell people: older than the journal"]
