"""Return codes on the host, against the station's own judge."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lockerctl_parts import demo_station, run, run_json

from locker.core import access, clock, codes, faults, tickets
from locker.core.mac import Mac
from lockerctl import issue, returns
from lockerctl.errors import Exit, ToolError
from lockerctl.store import Store

STATION = demo_station()
NOON = 1_800_000_000
numbers = st.integers(1 << 16, 1 << 18)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    kept = Store()
    kept.create(demo_station())
    return kept


def judge(digits: str, unix_s: int) -> int:
    """The number that a station reads in it, 0: it refuses."""
    fault, entry = access.parse(digits, 8)
    assert fault == faults.NONE and entry is not None
    moment = access.Moment(unix_s - clock.EPOCH, 0, True)
    return tickets.matching(entry, Mac(STATION.keys.courier), moment)


@given(numbers, st.booleans())
def test_host_and_station_agree_on_the_code_and_on_its_window(number, long):
    issued = returns.code(STATION, number, long)
    assert issued.until_s - issued.since_s == codes.CLASSES[codes.RETURN_CLASS]
    for moment in (issued.since_s, issued.until_s - 1):
        assert judge(issued.digits, moment) == number
    for moment in (issued.since_s - 1, issued.until_s):
        assert judge(issued.digits, moment) == 0
    assert returns.number_of(STATION, issued.spoken, issued.since_s) == number


def test_each_serial_is_given_out_once_and_a_new_slot_begins_anew(store):
    given_out = [returns.give_out(store, "demo", NOON) for _ in range(tickets.SERIALS)]
    assert len(set(given_out)) == tickets.SERIALS
    assert {number // tickets.SERIALS for number in given_out} == {
        (NOON - clock.EPOCH) // codes.slot_seconds(codes.RETURN_CLASS)
    }
    with pytest.raises(ToolError) as refused:
        returns.give_out(store, "demo", NOON)
    assert refused.value.code == Exit.REFUSED
    later = NOON + codes.slot_seconds(codes.RETURN_CLASS)
    assert returns.give_out(store, "demo", later) == given_out[0] + tickets.SERIALS
    for slot in range(2, 12):
        returns.give_out(store, "demo", NOON + slot * codes.slot_seconds(codes.RETURN_CLASS))
    assert len(store.load("demo").returns) < 10, "what has expired is forgotten"


def test_the_command_issues_shows_again_and_revokes(store):
    first = run_json("code", "return", "-s", "demo")
    second = run_json("code", "return", "-s", "demo")
    assert first["code"][:4] == "9300" and second["code"][:4] == "9301"
    assert second["number"] == first["number"] + 1 and first["class"] == "return"
    long = run_json("code", "return", "-s", "demo", "--of", first["spoken"], "--long")
    assert long["number"] == first["number"] and len(long["code"]) == 17
    shown = run("code", "return", "-s", "demo", "--of", first["code"], "--no-qr").stdout
    assert first["spoken"] in shown and f"return number {first['number']}, good once" in shown
    ended = run_json("code", "revoke", "-s", "demo", "--return", long["spoken"])
    assert ended["target"] == codes.RETURNS and str(first["number"]) in ended["what"]
    entry = access.parse(ended["token"], 8)[1]
    mac = Mac(store.load("demo").keys.command)
    assert entry is not None and entry.place == codes.RETURNS
    assert entry.code == codes.revocation(mac, "demo", codes.RETURNS, first["number"])
    assert ended["expires_by_itself"] == first["valid_until"]


def test_what_is_no_return_code_of_this_station_is_said_so(store):
    other = returns.code(demo_station(keys=STATION.keys.__class__(*[b"o" * 32] * 5)), 1 << 17)
    for text in (other.spoken, issue.courier(STATION, NOON).spoken, "93", "hello"):
        result = run("code", "return", "-s", "demo", "--of", text)
        assert result.exit_code == Exit.NOT_FOUND
    result = run("code", "return", "-s", "demo", "--of", "93", "--at", "2027-01-01")
    assert result.exit_code == Exit.USAGE
    result = run("code", "revoke", "-s", "demo", "--couriers", "--return", "93")
    assert result.exit_code == Exit.USAGE


def test_a_station_file_of_before_there_were_any_is_read(store):
    path = store.path("demo")
    old = json.loads(path.read_text()) | {"schema": 2}
    del old["returns"]
    path.write_text(json.dumps(old))
    assert store.load("demo").returns == {}
    returns.give_out(store, "demo", NOON)
    assert list(store.load("demo").returns.values()) == [1]
