"""Persons and revocations on the host: what is kept, sent, said and typed."""

import base64
import json
import sqlite3
import time
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlparse

import pyotp
import pytest
from lockerctl_parts import (
    answering,
    demo_station,
    event,
    publish_retained,
    record,
    run,
    run_json,
)

from locker.core import access, clock, codes, faults, people, records, wire
from locker.core.mac import Mac
from lockerctl import broker, grants, persons, times, watch_view
from lockerctl.errors import Exit, ToolError
from lockerctl.event_log import UNSEALED, EventLog
from lockerctl.events import parse
from lockerctl.station import NO_KEY, from_fields, to_fields
from lockerctl.store import Store

CASES = 500


@pytest.fixture(scope="module")
def mosquitto():
    with broker.running(broker.MOSQUITTO) as running:
        yield running.host, running.port


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Of a station that nobody can reach."""
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    store = Store()
    store.create(demo_station())
    return store


@pytest.fixture
def online(tmp_path, monkeypatch, mosquitto):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    monkeypatch.setattr(grants, "WAIT_S", 0.3)
    store = Store()
    store.create(demo_station(mosquitto))
    return store


def staff(*words):
    return run_json("code", "staff", "-s", "demo", "--name", "ann", *words)


def judged(digits, station, person, at_s):
    """What the station would say."""
    fault, entry = access.parse(digits, 8)
    assert fault == faults.NONE and entry is not None
    moment = access.Moment(at_s - clock.EPOCH, 1, True)
    grant = people.unpack_grant(person.grant())
    return people.judge(entry, station.keys.staff, grant, 0, moment)[::2]


def test_an_authenticator_app_shows_what_the_station_takes(store):
    shown = staff()
    station = store.load("demo")
    person = station.people[1]
    for name, silent in (("otpauth", False), ("alarm_otpauth", True)):
        totp = pyotp.parse_uri(shown[name])
        assert (totp.digits, totp.interval) == (8, 30)
        for ago in (0, 30, 60):
            at_s = int(time.time()) - ago
            digits = f"90{person.place}{totp.at(at_s)}"
            assert judged(digits, station, person, int(time.time())) == (faults.NONE, silent)


def test_the_uri_names_the_station_and_what_to_type_first(store):
    uri = urlparse(staff()["otpauth"])
    options = parse_qs(uri.query)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Latchwork demo:901 ann"
    assert options["issuer"] == ["Latchwork demo"] and options["algorithm"] == ["SHA1"]
    key = base64.b32decode(options["secret"][0])
    assert key == people.key(store.load("demo").keys.staff, 1, 1)


def test_a_grant_is_kept_until_the_station_confirms_it(online):
    first = run("code", "staff", "-s", "demo", "--name", "ann", "--no-qr")
    assert first.exit_code == 0 and "has not confirmed it" in first.stderr
    assert not online.load("demo").people[1].confirmed
    with answering(online.load("demo")) as fake:
        after = run_json("code", "pending", "-s", "demo", "--send")
    assert (after["people"], online.load("demo").people[1].confirmed) == ([], True)
    (order,) = fake.commands
    grant = people.unpack_grant(bytes.fromhex(order.more))
    assert (order.op, order.door, grant.role, grant.generation) == ("grant", 1, people.STAFF, 1)
    assert grant.expires_s + clock.EPOCH == online.load("demo").people[1].expires_s


def test_what_the_station_refuses_is_an_error(online):
    with answering(online.load("demo"), faults.GRANT_INVALID):
        result = run("code", "staff", "-s", "demo", "--name", "ann", "--no-qr")
    assert result.exit_code == Exit.REJECTED and "grant_invalid" in result.stderr


def test_a_place_goes_to_the_next_with_another_key(store):
    first = staff()
    assert staff()["otpauth"] == first["otpauth"], "the same person again: the same entry"
    bob = run_json("code", "grant", "-s", "demo", "--name", "bob", "--role", "courier")
    assert bob["place"] == 2
    run_json("code", "revoke", "-s", "demo", "--name", "ann")
    again = run_json("code", "staff", "-s", "demo", "--name", "eve")
    assert (again["place"], again["generation"]) == (1, 2)
    assert again["otpauth"].split("secret")[1] != first["otpauth"].split("secret")[1]
    assert run("code", "revoke", "-s", "demo", "--name", "ann").exit_code == Exit.NOT_FOUND
    taken = run("code", "grant", "-s", "demo", "--name", "x", "--role", "staff", "--place", "2")
    assert taken.exit_code == Exit.REFUSED


def test_there_are_nine_places(store):
    for number in range(9):
        grants.grant(store, "demo", grants.Wish(f"p{number}", "staff"), "ann")
    with pytest.raises(ToolError) as refused:
        grants.grant(store, "demo", grants.Wish("tenth", "staff"), "ann")
    assert refused.value.code == Exit.REFUSED


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--role", "boss"], Exit.USAGE),
        (["--role", "staff", "--days", "fri-mon"], Exit.USAGE),
        (["--role", "staff", "--days", "someday"], Exit.USAGE),
        (["--role", "staff", "--hours", "18:00-08:00"], Exit.USAGE),
        (["--role", "staff", "--hours", "08:05-18:00"], Exit.USAGE),
        (["--role", "staff", "--hours", "08-18"], Exit.USAGE),
        (["--role", "staff", "--until", "2020-01-01"], Exit.REFUSED),
        (["--role", "staff", "--until", "2052-01-01"], Exit.REFUSED),
        (["--role", "courier", "--until", "2052-01-01"], Exit.REFUSED),
        (["--role", "staff", "--name", "Zoë"], Exit.USAGE),
        (["--role", "staff", "--place", "10"], Exit.USAGE),
        (["--role", "staff", "--by", ""], Exit.USAGE),
    ],
)
def test_wrong_wishes_change_nothing(store, words, code):
    result = run("code", "grant", "-s", "demo", "--name", "ann", *words)
    assert result.exit_code == code, result.output
    assert not store.load("demo").people


def test_days_and_hours_as_people_write_them():
    assert times.days("") == 127 and times.days("mon-fri") == 31
    assert times.days("Mon,wed,sat-sun") == 0b1100101
    assert times.hours("") == (0, 96) and times.hours("08:00-18:30") == (32, 74)
    assert times.hours("00:00-24:00") == (0, 96)
    with pytest.raises(ToolError):
        times.hours("00:00-24:15")


def test_a_code_for_one_visit_is_what_the_station_takes(store):
    words = ("--role", "staff", "--fixed", "--uses", "1", "--days", "mon-fri", "--no-qr")
    shown = run_json("code", "grant", "-s", "demo", "--name", "visitor", *words)
    station = store.load("demo")
    always = replace(station.people[1], days=127)
    now_s = int(time.time())
    assert judged(shown["code"], station, always, now_s) == (faults.NONE, False)
    assert judged(shown["alarm_code"], station, always, now_s) == (faults.NONE, True)
    assert people.unpack_grant(always.grant()).uses == 1
    assert (
        "mon,tue,wed,thu,fri 00:00-24:00" in run("code", "people", "-s", "demo", "--json").stdout
    )


def test_a_revocation_says_sent_confirmed_and_when_it_ends_by_itself(online):
    staff()
    first = run_json("code", "revoke", "-s", "demo", "--name", "ann")
    assert first["sent"] and first["confirmed"] is None
    assert (
        first["expires_by_itself"]
        == run_json("code", "people", "-s", "demo")["people"][0]["until"]
    )
    assert codes.is_entry(first["token"]) and first["token"].startswith("9291")
    listed = run_json("code", "pending", "-s", "demo")["revocations"]
    assert [row["token"] for row in listed] == [first["token"]]
    with answering(online.load("demo")) as fake:
        after = run_json("code", "pending", "-s", "demo", "--send")
    assert after["revocations"] == []
    assert [(c.op, c.door, int(c.more, 16)) for c in fake.commands] == [("revoke", 91, 1)]
    kept = online.load("demo").revocations[0]
    assert kept.confirmed_s >= kept.sent_s > 0


def test_without_a_network_nothing_counts_as_sent(store):
    result = run("code", "revoke", "-s", "demo", "--door", "3")
    assert "not yet: " in result.stdout and "Token" in result.stdout
    token = run_json("code", "pending", "-s", "demo")["revocations"][0]["token"]
    entry = access.parse(token, 8)[1]
    assert entry is not None and (entry.selector, entry.place) == (codes.REVOCATION, 3)
    mac = Mac(store.load("demo").keys.command)
    assert entry.code == codes.revocation(mac, "demo", 3, 1)


def test_a_confirmed_revocation_of_a_parcel_leads_to_its_new_code(online):
    old = run_json("code", "issue", "-s", "demo", "-d", "3")
    with answering(online.load("demo")):
        run_json("code", "revoke", "-s", "demo", "-d", "3")
    new = run_json("code", "issue", "-s", "demo", "-d", "3")
    assert (old["tenancy"], new["tenancy"]) == (1, 4) and old["code"] != new["code"]


def test_revoked_day_codes_are_never_issued_again(store):
    old = run_json("code", "courier", "-s", "demo")["code"]
    run_json("code", "revoke", "-s", "demo", "--couriers")
    new = run("code", "courier", "-s", "demo", "--json")
    assert json.loads(new.stdout)["code"] != old and "takes no new one" in new.stderr
    assert run_json("code", "courier", "-s", "demo", "--alarm")["code"] != old


def test_a_station_that_refuses_a_revocation_keeps_it_waiting(online):
    with answering(online.load("demo"), faults.NOTHING_TO_REVOKE):
        result = run("code", "revoke", "-s", "demo", "-d", "3")
    assert result.exit_code == 0 and "nothing_to_revoke" in result.stdout
    assert len(run_json("code", "pending", "-s", "demo")["revocations"]) == 1


@pytest.mark.parametrize(
    "words", [[], ["--door", "3", "--couriers"], ["--name", "nobody"], ["--door", "19"]]
)
def test_what_to_revoke_must_be_clear(store, words):
    assert run("code", "revoke", "-s", "demo", *words).exit_code in (Exit.USAGE, Exit.NOT_FOUND)
    assert store.load("demo").revocations == ()


def test_a_station_of_before_has_no_persons_and_cannot_get_any(store):
    fields = to_fields(store.load("demo"))
    for name in ("people", "courier_generation", "revocations"):
        del fields[name]
    del fields["keys"]["staff"]
    old = from_fields(fields | {"schema": 1})
    assert (old.keys.staff, old.people, old.courier_generation) == (NO_KEY, {}, 0)
    store.path("demo").write_text(json.dumps(fields | {"schema": 1}))
    assert run("code", "staff", "-s", "demo", "--name", "ann").exit_code == Exit.REFUSED


def test_what_is_kept_comes_back(store):
    staff("--days", "sat", "--hours", "10:00-12:00")
    run_json("code", "revoke", "-s", "demo", "--couriers")
    station = store.load("demo")
    assert from_fields(json.loads(json.dumps(to_fields(station)))) == station
    row = station.people[1].fields()
    for name, wrong in (("role", "boss"), ("place", 10), ("generation", 0), ("fixed", 1)):
        with pytest.raises(ValueError):
            persons.person(row | {name: wrong})


def sealed(seq, alarm, kind=records.STAFF_ACCEPTED):
    """An event as a station publishes it."""
    mac = Mac(demo_station().keys.journal)
    plain = record(seq, kind=kind, trust=alarm << records.ALARM_BIT, actor=records.STAFF, value=3)
    fields = (seq, 1, *list(vars(plain).values())[2:13])
    packed = records.unpack_record(records.pack_record(mac, bytes(16), fields))
    assert packed is not None
    return wire.event(packed)


def test_an_alarm_is_seen_with_the_station_s_key_only():
    mac = Mac(demo_station().keys.journal)
    for alarm in (False, True):
        found = parse(sealed(7, alarm))
        assert found is not None
        assert watch_view.event_line(found, mac).endswith(watch_view.ALARM) == alarm
        assert "place 3" in watch_view.event_line(found)
        assert watch_view.ALARM not in watch_view.event_line(found)
    ordinary = [json.loads(sealed(seq, False))["z"] for seq in range(1, 200)]
    forced = [json.loads(sealed(seq, True))["z"] for seq in range(1, 200)]
    assert len(set(ordinary)) > 50 and len(set(forced)) > 50
    assert all(one != other for one, other in zip(ordinary, forced, strict=True))


def test_watch_and_collect_tell_of_an_alarm(online, mosquitto):
    publish_retained(mosquitto, {wire.topic("demo", "evt"): sealed(1, True)})
    shown = run("station", "watch", "-s", "demo", "--for", "1", "--json").stdout.splitlines()
    assert [json.loads(line)["alarm"] for line in shown if '"evt"' in line] == [True]
    publish_retained(mosquitto, {wire.topic("demo", "evt"): b""})


def test_events_of_before_are_no_alarms(tmp_path):
    path = tmp_path / "events.sqlite3"
    with EventLog(path) as log:
        log.add("demo", [event(1), event(2)])
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE events DROP COLUMN sealed")
        database.execute("PRAGMA user_version = 2")
    with EventLog(path) as log:
        log.add("demo", [event(3)])
        kept = log.events("demo")
    assert [e.seq for e in kept] == [1, 2, 3]
    assert [e.sealed for e in kept] == [UNSEALED, UNSEALED, 0]
    mac = Mac(demo_station().keys.journal)
    assert all(records.alarm_of(mac, e.seq, e.boot, e.sealed) is None for e in kept[:2])
