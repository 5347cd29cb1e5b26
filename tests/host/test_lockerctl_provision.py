"""A provisioned flash folder is what the station's own loader takes."""

import copy
import stat

import pytest
from lockerctl_parts import BOARD, demo_station

from locker.app.opening import Opening
from locker.core import board, clock, codes, compartments, settings
from locker.storage import sealed
from locker.storage.cells import Cells
from lockerctl import provision
from lockerctl.errors import Exit, ToolError

SETUP = provision.Setup(
    occupied={3, 5}, wear={1: 7, 3: 2}, clock_set_s=1_800_000_000, heartbeat_s=5
)


@pytest.fixture
def flash(tmp_path):
    station = provision.new_station(
        "demo", BOARD, provision.demo_keys(42), ("127.0.0.1", 1883), SETUP
    )
    provision.write_flash(tmp_path / "flash", station, BOARD, SETUP)
    return tmp_path / "flash", station


def test_the_station_loads_every_cell(flash):
    folder, station = flash
    opening = Opening(Cells(str(folder / "cells")), [d["size"] for d in BOARD["doors"]])
    opening.run("demo")
    vault, keys = opening.vault, opening.keys
    assert opening.found == []
    assert (keys.courier, keys.command, keys.journal) == (
        station.keys.courier,
        station.keys.command,
        station.keys.journal,
    )
    assert keys.are_demo()
    for compartment in vault.compartments:
        full = compartment.door in SETUP.occupied
        assert compartment.occupancy == (compartments.OCCUPIED if full else compartments.FREE)
        assert compartment.tenancy == 1
        assert compartment.wear == SETUP.wear.get(compartment.door, 0)
        assert compartment.key == codes.key_of_tenancy(station.keys.door_root, compartment.door, 1)
    assert vault.counters.clock_set_s == 1_800_000_000 - clock.EPOCH
    assert vault.counters.command == 0


def test_a_torn_first_write_of_the_station_loses_nothing(flash):
    folder, _ = flash
    cells = Cells(str(folder / "cells"))
    cell = compartments.cell(3)
    before = cells.load(cell)
    assert before
    copies = {p: p.read_bytes() for p in (folder / "cells").glob(f"{cell[0]}.*")}
    cells.save(cell, b"x" * len(before))
    written = next(p for p, data in copies.items() if p.read_bytes() != data)
    written.write_bytes(written.read_bytes()[:20])
    assert Cells(str(folder / "cells")).load(cell) == before


def test_board_and_settings_pass_the_station_s_own_checks(flash):
    folder, _ = flash
    assert sealed.load(str(folder / "board.json"), board.check)[1] == []
    config, problems = sealed.load(str(folder / "station.json"), settings.check)
    assert problems == []
    assert config["heartbeat_s"] == 5
    assert (folder / "journal").is_dir()


def test_everything_is_for_the_owner_only(flash):
    folder, _ = flash
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_door_root_does_not_reach_the_station(flash):
    folder, station = flash
    for path in folder.rglob("*"):
        assert path.is_dir() or station.keys.door_root not in path.read_bytes()


def test_a_folder_in_use_is_left_alone(flash):
    folder, station = flash
    with pytest.raises(ToolError) as refused:
        provision.write_flash(folder, station, BOARD, SETUP)
    assert refused.value.code == Exit.REFUSED


def test_demo_keys_follow_the_seed_and_are_marked():
    first, again, other = (provision.demo_keys(seed) for seed in (1, 1, 2))
    assert first == again != other
    four = (first.door_root, first.courier, first.command, first.journal)
    assert len(set(four)) == 4
    assert all(codes.is_demo_key(key) and len(key) == codes.KEY_BYTES for key in four)


def test_real_keys_are_random_and_unmarked():
    one, two = provision.random_keys(), provision.random_keys()
    assert one != two
    assert not codes.is_demo_key(one.door_root)
    assert not provision.new_station("real", BOARD, one, ("127.0.0.1", 1883)).demo


def test_a_board_that_the_station_would_refuse_is_refused_here(tmp_path):
    bad = copy.deepcopy(BOARD)
    bad["doors"][6]["interior_release"] = False
    with pytest.raises(ToolError, match=r"doors\[6\]"):
        provision.new_station("demo", bad, provision.demo_keys(1), ("127.0.0.1", 1883))


def test_settings_that_the_station_would_refuse_are_refused_here(tmp_path):
    station = demo_station(("broker.example", 1883))  # the station wants a numeric address
    with pytest.raises(ToolError, match="broker"):
        provision.write_flash(tmp_path / "flash", station, BOARD)
