"""The store: what is written is read again, damage is reported and kept, counters never fall."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lockerctl_parts import demo_station, run

from locker.core import codes
from lockerctl import store as store_module
from lockerctl.errors import Exit, ToolError
from lockerctl.station import Keys, Known, Station, from_fields, to_fields
from lockerctl.store import Store

keys = st.builds(Keys, *[st.binary(min_size=32, max_size=32)] * 4)
sizes = st.dictionaries(st.integers(1, 24), st.sampled_from("SML"), min_size=1)
numbers = st.integers(1, (1 << 32) - 1)
values = st.none() | st.booleans() | st.integers() | st.text()
documents = st.recursive(
    values, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
).map(lambda value: json.dumps(value).encode())
known = st.builds(Known, numbers, st.booleans(), st.integers(0, (1 << 32) - 1))


@st.composite
def stations(draw: st.DrawFn) -> Station:
    doors = draw(sizes)
    used = draw(st.lists(st.sampled_from(sorted(codes.CLASSES)), min_size=1, unique=True))
    return Station(
        name=draw(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)),
        demo=draw(st.booleans()),
        keys=draw(keys),
        sizes=doors,
        classes=tuple(used),
        default_class=draw(st.sampled_from(used)),
        known={door: draw(known) for door in doors if draw(st.booleans())},
        counter=draw(st.integers(0, (1 << 32) - 1)),
        broker_host=draw(st.sampled_from(["127.0.0.1", "broker.example"])),
        broker_port=draw(st.integers(1, 65535)),
        heartbeat_s=draw(st.integers(1, 3600)),
    )


@given(stations())
def test_a_station_survives_its_file(station):
    assert from_fields(json.loads(json.dumps(to_fields(station)))) == station


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home" / "stations")


def test_files_are_for_the_owner_only(store):
    store.create(demo_station())
    assert stat.S_IMODE(store.path("demo").stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.folder.parent.stat().st_mode) == 0o700


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | documents)
def test_a_foreign_file_is_reported_and_kept(store, data):
    store.folder.mkdir(parents=True, exist_ok=True)
    path = store.path("odd")
    path.write_bytes(data)
    for attempt in (lambda: store.load("odd"), lambda: store.next_command("odd")):
        with pytest.raises(ToolError) as refused:
            attempt()
        assert refused.value.code == Exit.DAMAGED
    assert path.read_bytes() == data


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_with_one_wrong_value_is_refused_without_showing_it(store, data):
    fields = to_fields(demo_station())
    key = data.draw(st.sampled_from(sorted(fields)))
    wrong = data.draw(st.sampled_from([None, "SECRET", -1, [], {}, [{}], 1.5]))
    assume(wrong != fields[key])
    fields[key] = wrong
    with pytest.raises(ValueError) as refused:
        from_fields(fields)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("change", [{"schema": 4}, {"schema": 4, "vault": {}}, {"vault": {}}])
def test_a_file_of_the_future_is_left_alone(store, change):
    store.create(demo_station())
    path = store.path("demo")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    before = path.read_bytes()
    with pytest.raises(ToolError) as refused:
        store.next_command("demo")
    assert refused.value.code == Exit.DAMAGED
    assert "newer" in refused.value.text or "does not know" in refused.value.text
    assert path.read_bytes() == before


def test_a_file_under_another_name_is_refused(store):
    store.create(demo_station())
    os.rename(store.path("demo"), store.path("other"))
    with pytest.raises(ToolError, match="of station 'demo'"):
        store.load("other")


def test_a_failed_write_leaves_the_old_file(store, monkeypatch):
    store.create(demo_station())
    before = store.path("demo").read_bytes()
    monkeypatch.setattr(
        store_module.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("cut"))
    )
    with pytest.raises(OSError, match="cut"):
        store.next_command("demo")
    assert store.path("demo").read_bytes() == before
    assert [p.name for p in store.folder.iterdir() if p.name.endswith(".new")] == []


def test_command_numbers_are_never_given_twice(store):
    store.create(demo_station())
    with ThreadPoolExecutor(4) as pool:
        given_out = list(pool.map(lambda _: store.next_command("demo")[1], range(40)))
    assert sorted(given_out) == list(range(1, 41))
    assert store.load("demo").counter == 40


def test_the_counter_never_falls(store):
    store.create(demo_station(counter=7))
    with pytest.raises(ValueError, match="counter"):
        store.update("demo", lambda s: replace(s, counter=6))
    with pytest.raises(ToolError):
        store.create(demo_station())
    assert store.create(demo_station(counter=3), again=True).counter == 7
    assert store.load("demo").counter == 7


def test_old_news_of_a_door_changes_nothing(store):
    store.create(demo_station())
    store.learn("demo", 2, Known(5, True, 100))
    store.learn("demo", 2, Known(9, False, 99))
    assert store.load("demo").known[2] == Known(5, True, 100)
    store.learn("demo", 2, Known(4, False, 300))  # a chance hit of a receipt must not stick
    assert store.load("demo").known[2] == Known(4, False, 300)


@pytest.mark.parametrize("name", ["", "../x", "Demo", "a/b", "a" * 21])
def test_names_that_are_no_station_ids_reach_no_file(store, name):
    with pytest.raises(ToolError) as refused:
        store.load(name)
    assert refused.value.code == Exit.USAGE


def test_list_shows_the_good_beside_the_damaged(tmp_path, monkeypatch):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    store = Store()
    store.create(demo_station())
    (store.folder / "broken.json").write_text("{")
    result = run("station", "list", "--json")
    broken, demo = json.loads(result.stdout)["stations"]
    assert result.exit_code == 0
    assert "cannot be used" in broken["error"]
    assert (demo["station"], demo["doors"], demo["demo"]) == ("demo", 8, True)
