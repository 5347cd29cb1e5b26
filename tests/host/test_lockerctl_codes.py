"""Codes made by the host against the station's own judge, and the command that issues them."""

import json
import stat
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lockerctl_parts import demo_station, run, run_json

from locker.core import access, clock, codes, faults
from locker.core.compartments import OCCUPIED, Compartment
from locker.core.mac import Mac
from lockerctl import issue, tenancy
from lockerctl.errors import Exit, ToolError
from lockerctl.station import Known
from lockerctl.store import Store

STATION = demo_station(classes=tuple(codes.CLASSES))
NOON = 1_800_000_000

doors = st.sampled_from(sorted(STATION.sizes))
tenancies = st.integers(1, 30)
times = st.integers(clock.EPOCH + (1 << 20), clock.EPOCH + (1 << 30) - 1)
classes = st.sampled_from(sorted(codes.CLASSES))


def judge(digits: str, door: int, present: int, unix_s: int) -> tuple[int, int]:
    """What a station says whose door holds the parcel of tenancy ``present``."""
    compartment = Compartment(
        door, "S", codes.key_of_tenancy(STATION.keys.door_root, door, present)
    )
    compartment.tenancy, compartment.occupancy = present, OCCUPIED
    fault, entry = access.parse(digits, len(STATION.sizes))
    assert entry is not None, fault
    assert entry.selector == door
    moment = access.Moment(unix_s - clock.EPOCH, 0, True)
    return access.judge_recipient(entry, compartment, STATION.classes, moment)


@given(doors, tenancies, st.integers(0, 2), classes, times, st.data())
def test_an_issued_code_is_good_in_its_window_and_only_there(door, present, ahead, name, at, data):
    issued = issue.recipient(STATION, door, present + ahead, name, at)
    assert issued.since_s <= at < issued.until_s
    inside = data.draw(st.integers(issued.since_s, issued.until_s - 1))
    for moment in (at, inside, issued.since_s, issued.until_s - 1):
        assert judge(issued.digits, door, present, moment) == (faults.NONE, present + ahead)
    for moment in (issued.since_s - 1, issued.until_s):
        assert judge(issued.digits, door, present, moment) == (faults.WRONG_CODE, 0)


@given(doors, tenancies, st.integers(0, 2), times)
def test_a_recovery_code_is_good_at_any_time(door, present, ahead, moment):
    issued = issue.recovery(STATION, door, present + ahead)
    assert judge(issued.digits, door, present, moment) == (faults.NONE, present + ahead)


@given(doors, st.integers(2, 30), st.integers(1, 3), classes, times)
def test_the_code_of_a_past_or_far_tenancy_opens_nothing(door, present, distance, name, at):
    for other in (present - 1, present + codes.NEXT_TENANCIES + distance):
        issued = issue.recipient(STATION, door, other, name, at)
        assert judge(issued.digits, door, present, at) == (faults.WRONG_CODE, 0)


@given(times)
def test_a_courier_code_is_good_on_its_day(at):
    issued = issue.courier(STATION, at)
    fault, entry = access.parse(issued.digits, len(STATION.sizes))
    assert fault == faults.NONE and entry is not None
    mac = Mac(STATION.keys.courier)
    for moment, verdict in (
        (at, faults.NONE),
        (issued.until_s - 1, faults.NONE),
        (issued.until_s, faults.WRONG_CODE),
        (issued.since_s - 1, faults.WRONG_CODE),
    ):
        now = access.Moment(moment - clock.EPOCH, 0, True)
        assert access.judge_courier(entry, mac, now) == (verdict, False)


@given(doors, tenancies, st.booleans(), st.integers(0, 2))
def test_ahead_counts_parcels_and_stays_within_what_the_station_looks_at(
    door, number, occupied, ahead
):
    sighting = tenancy.Sighting(Known(number, occupied), "memory")
    if not occupied and not ahead:
        with pytest.raises(ToolError) as refused:
            tenancy.chosen(sighting, door, ahead)
        assert refused.value.code == Exit.REFUSED
        return
    chosen = tenancy.chosen(sighting, door, ahead)
    assert number <= chosen <= number + codes.NEXT_TENANCIES
    assert chosen == number + ahead - (0 if occupied else 1)


@given(doors, tenancies, st.integers(0, issue.RECEIPT_SEARCH - 1))
def test_a_receipt_leads_to_its_tenancy(door, first, steps):
    mac = Mac(codes.key_of_tenancy(STATION.keys.door_root, door, first + steps))
    found = issue.tenancies_of_receipt(STATION, codes.receipt(mac, door), first)
    assert first + steps in found


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path / "home"))
    store = Store()
    store.create(demo_station(classes=("24h", "3d", "7d")))
    return store


def test_issue_from_memory_says_so_and_prints_code_validity_and_qr(store):
    result = run("code", "issue", "--station", "demo", "--door", "3", "--at", "2027-01-15T08:00Z")
    expected = issue.recipient(store.load("demo"), 3, 1, "3d", NOON)
    assert result.exit_code == 0
    assert expected.spoken in result.stdout
    assert "2027-01-15T00:00:00Z to 2027-01-18T00:00:00Z" in result.stdout
    assert "█" in result.stdout
    assert "last known (from provisioning)" in result.stderr


def test_issue_as_json(store):
    when = datetime.fromtimestamp(NOON).isoformat()
    found = run_json("code", "issue", "-s", "demo", "-d", "3", "--class", "7d", "--at", when)
    assert found["code"] == issue.recipient(store.load("demo"), 3, 1, "7d", NOON).digits
    assert found["spoken"].replace("-", "") == found["code"]
    assert (found["tenancy"], found["tenancy_source"]) == (1, "memory")


def test_a_recovery_code_has_no_end(store):
    found = run_json("code", "issue", "-s", "demo", "-d", "3", "--recovery")
    assert len(found["code"]) == codes.RECOVERY_ENTRY
    assert found["valid_until"] is None


def test_an_empty_compartment_gets_a_code_only_ahead(store):
    result = run("code", "issue", "-s", "demo", "-d", "4")
    assert result.exit_code == Exit.REFUSED
    assert "--ahead 1" in result.stderr
    assert run_json("code", "issue", "-s", "demo", "-d", "4", "--ahead", "1")["tenancy"] == 1
    assert run_json("code", "issue", "-s", "demo", "-d", "4", "--ahead", "2")["tenancy"] == 2


def test_a_receipt_names_the_door_and_is_remembered(store):
    station = store.load("demo")
    receipt = codes.receipt(Mac(codes.key_of_tenancy(station.keys.door_root, 7, 9)), 7)
    found = run_json("code", "issue", "-s", "demo", "--receipt", receipt)
    assert (found["door"], found["tenancy"], found["tenancy_source"]) == (7, 9, "receipt")
    known = store.load("demo").known[7]
    assert (known.tenancy, known.occupied) == (9, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--door", "9"], Exit.NOT_FOUND),
        ([], Exit.USAGE),
        (["--receipt", "7-4821"], Exit.USAGE),
        (["--receipt", "07-4821", "--door", "3"], Exit.USAGE),
        (["--door", "3", "--class", "4h"], Exit.REFUSED),
        (["--door", "3", "--class", "9y"], Exit.REFUSED),
        (["--door", "3", "--at", "yesterday"], Exit.USAGE),
        (["--door", "3", "--at", "1999-01-01"], Exit.USAGE),
        (["--door", "3", "--recovery", "--class", "3d"], Exit.USAGE),
        (["--door", "25"], Exit.USAGE),
        (["--door", "3", "--ahead", "3"], Exit.USAGE),
        (["--door", "3", "--qr", "code.gif"], Exit.USAGE),
    ],
)
def test_wrong_wishes_are_refused(store, words, code):
    assert run("code", "issue", "-s", "demo", *words).exit_code == code


def test_a_receipt_of_nobody_is_not_found(store):
    station = store.load("demo")
    key = codes.first_door_key(station.keys.door_root, 7)
    fitting = set()
    for _ in range(issue.RECEIPT_SEARCH):
        fitting.add(codes.receipt(Mac(key), 7))
        key = codes.next_key(key)
    foreign = next(r for n in range(10_000) if (r := f"07-{n:04d}") not in fitting)
    assert run("code", "issue", "-s", "demo", "--receipt", foreign).exit_code == Exit.NOT_FOUND


@pytest.mark.parametrize(("name", "head"), [("code.svg", b"<?xml"), ("code.png", b"\x89PNG")])
def test_the_qr_picture_is_for_the_owner_only(store, tmp_path, name, head):
    path = tmp_path / name
    run_json("code", "courier", "-s", "demo", "--qr", str(path))
    assert path.read_bytes().startswith(head)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_errors_come_as_json_too(store):
    result = run("code", "issue", "-s", "demo", "-d", "4", "--json")
    assert result.exit_code == Exit.REFUSED
    assert json.loads(result.stdout)["error"]["code"] == Exit.REFUSED


def test_no_output_holds_a_key(store):
    station = store.load("demo")
    shown = run("code", "issue", "-s", "demo", "-d", "3").output + repr(station)
    shown += run("station", "list", "--json").output
    for key in (station.keys.door_root, station.keys.courier, station.keys.command):
        assert key.hex() not in shown and repr(key) not in shown
