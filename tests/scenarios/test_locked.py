"""A station that must not run says why and releases nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from test_commands import Operator

from locker.app import compose
from locker.app.locked import LockedTask
from locker.app.memory import number_of
from locker.app.reactor import Reactor
from locker.app.refusal import journalled
from locker.core import codes, compartments, faults, records, wire
from lockerctl import tenancy
from lockerctl.mqtt import Message
from lockerctl.presence import Verdict, verdict_of
from lockerctl.sealing import sealed
from lockerctl.story import other_code
from virtual.journeys import picks_up, tries_code
from whole_station import ROOT, WholeStation


def refusal(station: WholeStation) -> compose.Refused:
    with pytest.raises(compose.Refused) as refused:
        station.start()
    return refused.value


def test_demo_keys_are_refused_by_a_real_board(station: WholeStation) -> None:
    station.hal.accepts_demo_keys = False
    assert refusal(station).number == faults.DEMO_KEYS


def rot(station: WholeStation, cell: str, copies: str = "ab") -> None:
    for copy in copies:
        (station.flash / "cells" / f"{cell}.{copy}").write_bytes(b"rot")


def reported(station: WholeStation) -> list[tuple[int, int, str]]:
    """(fault, door, cell) of the faults in the journal."""
    return [
        (r.fault, r.door, wire.printable(r.note))
        for r in station.journal()
        if r.kind == records.FAULT
    ]


def test_lost_keys_are_in_the_journal_as_soon_as_there_is_one_again(station: WholeStation) -> None:
    folder = station.flash / "cells"
    before = {copy: (folder / f"keys.{copy}").read_bytes() for copy in "ab"}
    rot(station, "keys")
    for _ in range(2):
        refused = refusal(station)
        assert journalled(str(station.flash), refused.number, refused.name) is None
    for copy, content in before.items():
        (folder / f"keys.{copy}").write_bytes(content)
    for _ in range(2):
        station.start()
        assert reported(station) == [(faults.STATE_LOST, 0, "keys")], "once"


def test_a_refusal_that_a_power_cut_left_empty_is_written_again_and_is_no_record(
    station: WholeStation,
) -> None:
    waiting = station.flash / "refused"
    waiting.write_bytes(b"")
    for copy in "ab":
        (station.flash / "cells" / f"keys.{copy}").rename(station.flash / f"keys.{copy}")
    assert journalled(str(station.flash), faults.STATE_LOST, "keys") is None
    assert waiting.read_text() == f"{faults.STATE_LOST} keys"
    for copy in "ab":
        (station.flash / f"keys.{copy}").rename(station.flash / "cells" / f"keys.{copy}")
    for torn in (b"", b"4", b"x keys"):
        waiting.write_bytes(torn)
        station.start()
        assert not waiting.exists() and reported(station) == []


def test_a_board_that_is_no_station_keeps_no_refusal(tmp_path: Path) -> None:
    assert journalled(str(tmp_path), faults.SETTINGS_INVALID, "station.json") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cell", ["keys", "counters"])
def test_without_keys_or_counters_the_station_stays_locked(
    station: WholeStation, cell: str
) -> None:
    rot(station, cell)
    refused = refusal(station)
    assert refused.number == faults.STATE_LOST
    assert cell in refused.problems[0]
    copies = [(station.flash / "cells" / f"{cell}.{copy}").read_bytes() for copy in "ab"]
    assert copies == [b"rot", b"rot"], "nothing was made anew"


def test_a_lost_door_is_out_of_service_and_the_others_are_not(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=(3, 5))
    code, other = station.code(3), station.code(5)
    rot(station, "door03")
    station.power_cut()
    station.pass_time(2000)
    assert (faults.STATE_LOST, 3, "door03") in reported(station)
    assert station.station.damaged == ["door03"]
    assert faults.STATE_LOST in station.station.health.faults
    station.play(station.person.types(code + "#"))
    station.play(station.person.reads("E13"))
    assert station.openings() == []
    station.pass_time(9000)
    station.play(picks_up(station.person, 5, other))
    assert station.openings() == [5]
    assert (station.flash / "cells" / "door03.a").read_bytes() == b"rot", "left as it was found"


def test_nobody_can_put_a_lost_door_back_into_service(station: WholeStation) -> None:
    rot(station, "door03")
    station.power_cut()
    station.pass_time(2000)
    operator = Operator(station)
    assert operator.order(1, "clear", 3)["err"] == faults.COMMAND_NOT_NOW
    assert operator.order(2, "block", 3)["st"] == operator.order(3, "unblock", 3)["st"] == "done"
    assert station.station.vault.compartment(3).fault == faults.STATE_LOST


def test_of_a_lost_door_the_host_learns_no_tenancy(station: WholeStation) -> None:
    rot(station, "door03")
    station.power_cut()
    station.pass_time(2000)
    report = next(s.task for s in station.reactor.slots if s.name == "report")
    told = Message(wire.topic("test", "door/3"), report._door(3), True)
    assert tenancy.from_door_topic(told) is None
    assert verdict_of(told.fields()) is Verdict.OUT_OF_SERVICE


def test_a_lost_lockout_is_rebuilt_at_its_strictest(station: WholeStation) -> None:
    rot(station, "lockout")
    station.power_cut()
    station.pass_time(2000)
    assert (faults.STATE_LOST, 0, "lockout") in reported(station)
    lockout = station.station.vault.lockout
    assert lockout.level == 60
    assert all(lockout.codes_closed(selector, 1) for selector in (*range(9), codes.PERSON))
    station.pass_time(31_000)
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("recovery"))
    station.pass_time(31_000)
    station.play(picks_up(station.person, 3, station.recovery(3)))
    assert station.openings() == [3]
    station.power_cut()
    assert station.station.vault.lockout.level >= 59, "and it stays so"


@pytest.mark.parametrize("copy", ["a", "b"])
@pytest.mark.parametrize("cell", ["keys", "counters", "lockout", "door03"])
def test_one_rotten_copy_is_repaired_and_journalled(
    station: WholeStation, cell: str, copy: str
) -> None:
    rot(station, cell, copy)
    station.power_cut()
    station.pass_time(1000)
    assert [(fault, name) for fault, _, name in reported(station)] == [
        (faults.STATE_REPAIRED, cell)
    ]
    station.power_cut()
    station.pass_time(1000)
    assert len(reported(station)) == 1, "both copies are good again"


ANCHOR_MS = 32_000  # until the journal's folder has heard how old the cells are


def fall_back(station: WholeStation, cell: str) -> None:
    """Both copies of a cell become what they were before people came."""
    paths = [station.flash / "cells" / f"{cell}.{copy}" for copy in "ab"]
    before = [path.read_bytes() for path in paths]
    station.play(tries_code(station.person, other_code(station.code(2)), "not accepted"))
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(ANCHOR_MS)
    for path, data in zip(paths, before, strict=True):
        assert path.read_bytes() != data
        path.write_bytes(data)
    station.power_cut()


def test_a_lockout_that_fell_back_is_as_good_as_lost(station: WholeStation) -> None:
    station.pass_time(ANCHOR_MS)
    fall_back(station, "lockout")
    station.pass_time(1000)
    assert (faults.STATE_LOST, 0, "lockout") in reported(station)
    assert station.station.vault.lockout.level == 60


def test_a_door_that_fell_back_is_as_good_as_lost_and_stays_so(station: WholeStation) -> None:
    station.pass_time(ANCHOR_MS)
    fall_back(station, "door03")
    for _ in range(2):
        station.pass_time(ANCHOR_MS)
        assert (faults.STATE_LOST, 3, "door03") in reported(station)[-1:]
        assert station.station.vault.is_lost(3)
        station.power_cut()


def test_without_the_ages_a_cell_is_taken_as_it_is(station: WholeStation) -> None:
    station.pass_time(ANCHOR_MS)
    rot(station, "../journal/ages")
    station.power_cut()
    station.pass_time(ANCHOR_MS)
    assert (faults.STATE_REPAIRED, 0, "ages") in reported(station)
    station.power_cut()
    station.pass_time(1000)
    assert len(reported(station)) == 1, "and they are told anew"


@pytest.mark.parametrize("cell", ["keys", "counters", "lockout", "door03"])
def test_a_cell_of_the_future_locks_the_station_and_is_not_overwritten(
    station: WholeStation, cell: str
) -> None:
    path = station.flash / "cells" / f"{cell}.a"
    kind, owner = path.read_bytes()[2], int.from_bytes(path.read_bytes()[8:12], "big")
    newer = records.pack_cell(kind, 9, 99, owner, b"who knows")
    path.write_bytes(newer)
    refused = refusal(station)
    assert (refused.number, cell in refused.problems[0]) == (faults.STATE_NEWER, True)
    assert path.read_bytes() == newer


@pytest.mark.parametrize("cell", ["keys", "counters"])
def test_cells_of_another_station_are_named(
    station: WholeStation, tmp_path: Path, cell: str
) -> None:
    other = WholeStation(tmp_path / "other", seed=9)
    for copy in "ab":
        name = f"cells/{cell}.{copy}"
        (station.flash / name).write_bytes((other.flash / name).read_bytes())
    assert refusal(station).number == faults.STATE_FOREIGN


def test_a_foreign_door_cell_costs_that_door(station: WholeStation, tmp_path: Path) -> None:
    other = WholeStation(tmp_path / "other", seed=9)
    for copy in "ab":
        name = f"cells/door03.{copy}"
        (station.flash / name).write_bytes((other.flash / name).read_bytes())
    station.power_cut()
    station.pass_time(1000)
    assert reported(station) == [(faults.STATE_FOREIGN, 3, "door03")]


def changed(station: WholeStation, fields: dict[str, object]) -> Path:
    """Other settings, as the host would make them; their path."""
    path = station.flash / "station.json"
    config = json.loads(path.read_text())
    del config["crc"]
    path.write_bytes(sealed(config | fields))
    return path


def test_the_settings_of_another_station_are_noticed(station: WholeStation) -> None:
    changed(station, {"station": "elsewhere"})
    assert refusal(station).number == faults.STATE_FOREIGN


def test_the_clock_module_of_another_station_is_named_and_marked_anew(
    station: WholeStation, tmp_path: Path
) -> None:
    other = WholeStation(tmp_path / "other", seed=9)
    station.bench.rtc._file[7:14] = other.bench.rtc._file[7:14]
    station.power_cut()
    station.pass_time(1000)
    assert reported(station) == [(faults.STATE_FOREIGN, 0, "marker")]
    station.power_cut()
    station.pass_time(1000)
    assert len(reported(station)) == 1


def test_a_memory_of_version_0_1_is_migrated(station: WholeStation) -> None:
    golden = json.loads((ROOT / "tests" / "golden" / "cells_0_1.json").read_text())
    for name, data in golden.items():
        (station.flash / "cells" / name).write_bytes(bytes.fromhex(data))
    station.power_cut()
    station.pass_time(1000)
    vault = station.station.vault
    assert (vault.counters.boot, vault.counters.command) == (8, 12)
    assert vault.counters.acknowledged == 1
    assert (vault.compartment(5).wear, vault.compartment(5).fault) == (9, faults.CONFLICT)
    assert vault.compartment(3).occupancy == compartments.OCCUPIED
    assert vault.lockout.level == 1
    assert station.station.damaged == []
    for path in (station.flash / "cells").iterdir():
        assert path.read_bytes()[:2] == b"L3", "nothing old is left"


@pytest.mark.parametrize(
    ("key", "value"),
    [("station", "No Such Id!"), ("classes", []), ("broker", {"host": "broker.local"}), ("x", 1)],
)
def test_bad_settings_name_the_key(station: WholeStation, key: str, value: object) -> None:
    path = changed(station, {key: value})
    with pytest.raises(compose.Refused) as refused:
        compose.checked_settings(str(path))
    assert refused.value.number == faults.SETTINGS_INVALID
    assert refused.value.problems[0].startswith(key + ":")


def settings_fault(station: WholeStation, folder: Path) -> int:
    with pytest.raises(compose.Refused) as refused:
        compose.checked_settings(str(folder / "station.json"))
    return number_of(refused.value.number, station.hal, station.board, str(folder))


def test_a_board_nobody_provisioned_is_told_from_one_that_lost_its_memory(
    station: WholeStation, tmp_path: Path
) -> None:
    empty = tmp_path / "wiped"
    empty.mkdir()
    assert settings_fault(station, empty) == faults.MEMORY_LOST, "the marker knows"
    station.bench.rtc.lose_power(station.bench.now_ms)
    assert settings_fault(station, empty) == faults.SETTINGS_INVALID
    (empty / "cells").mkdir()
    assert settings_fault(station, empty) == faults.MEMORY_LOST, "half of it is there"


def test_missing_settings_of_a_provisioned_station_are_a_loss(station: WholeStation) -> None:
    (station.flash / "station.json").unlink()
    assert settings_fault(station, station.flash) == faults.MEMORY_LOST


def test_torn_or_edited_settings_are_refused_and_not_made_anew(station: WholeStation) -> None:
    path = station.flash / "station.json"
    good = path.read_bytes()
    for bad in (good[:30], b"", good.replace(b"test", b"tess"), good + b"\n"):
        path.write_bytes(bad)
        refused = refusal(station)
        assert refused.number == faults.SETTINGS_INVALID
        assert refused.problems[0].startswith("station.json: its checksum does not fit")
        assert path.read_bytes() == bad, "left as it was found"


def test_settings_of_the_future_are_refused(station: WholeStation) -> None:
    changed(station, {"schema": 2})
    refused = refusal(station)
    assert (refused.number, refused.problems) == (faults.SETTINGS_INVALID, ["schema: must be 1"])


def test_cells_that_are_all_gone_are_a_loss_and_are_not_made_anew(station: WholeStation) -> None:
    for path in (station.flash / "cells").iterdir():
        path.unlink()
    assert refusal(station).number == faults.MEMORY_LOST
    assert not list((station.flash / "cells").iterdir())


def test_a_locked_station_shows_its_number_and_takes_no_key(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=(3,))
    code = station.code(3)
    task = LockedTask(
        station.hal,
        station.board["display"],
        faults.STATE_LOST,
        "see console",
        folder=str(station.flash),
    )
    station.reactor = Reactor(station.hal.ticks_ms, lambda *_: None)
    station.reactor.add("locked", task)
    station.pass_time(3000)
    assert "out of order e43" in station.shown().lower()
    station.play(station.person.types(code + "#"))
    station.pass_time(2000)
    assert station.bench.cabinet.pulses == []
    assert any(change.what == "red" and change.on for change in station.bench.signals.log)
