"""A station that must not run says why and releases nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from locker.app import compose
from locker.app.locked import LockedTask
from locker.app.reactor import Reactor
from locker.core import faults
from whole_station import WholeStation


def refusal(station: WholeStation) -> compose.Refused:
    with pytest.raises(compose.Refused) as refused:
        station.start()
    return refused.value


def test_demo_keys_are_refused_by_a_real_board(station: WholeStation) -> None:
    station.hal.accepts_demo_keys = False
    assert refusal(station).number == faults.DEMO_KEYS


@pytest.mark.parametrize("cell", ["keys", "door03", "lockout", "counters"])
def test_a_lost_cell_is_named(station: WholeStation, cell: str) -> None:
    for copy in "ab":
        (station.flash / "cells" / f"{cell}.{copy}").write_bytes(b"rot")
    refused = refusal(station)
    assert refused.number == faults.STATE_LOST
    assert cell in refused.problems[0]


def test_one_rotten_copy_is_no_loss(station: WholeStation) -> None:
    for path in (station.flash / "cells").glob("*.a"):
        path.write_bytes(path.read_bytes()[:-1])
    station.start()


@pytest.mark.parametrize(
    ("key", "value"),
    [("station", "No Such Id!"), ("classes", []), ("broker", {"host": "broker.local"}), ("x", 1)],
)
def test_bad_settings_name_the_key(station: WholeStation, key: str, value: object) -> None:
    path = station.flash / "station.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(compose.Refused) as refused:
        compose.checked_settings(str(path))
    assert refused.value.number == faults.SETTINGS_INVALID
    assert refused.value.problems[0].startswith(key + ":")


def test_settings_that_are_no_json_or_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"schema": 1, "stat')
    for name in ("torn.json", "missing.json"):
        with pytest.raises(compose.Refused):
            compose.checked_settings(str(tmp_path / name))


def test_a_locked_station_shows_its_number_and_takes_no_key(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=(3,))
    code = station.code(3)
    task = LockedTask(station.hal, station.board["display"], faults.STATE_LOST, "see console")
    station.reactor = Reactor(station.hal.ticks_ms, lambda *_: None)
    station.reactor.add("locked", task)
    station.pass_time(3000)
    assert "out of order e43" in station.shown().lower()
    station.play(station.person.types(code + "#"))
    station.pass_time(2000)
    assert station.bench.cabinet.pulses == []
    assert any(change.what == "red" and change.on for change in station.bench.signals.log)
