"""lockerctl deploy: old version or new one, wherever host, cable or power end."""

import itertools
import json
import shutil
from pathlib import Path

import pytest

from board_flash import BoardFlash, HostKilled, PowerCut
from lockerctl import deploy
from lockerctl.build import MANIFEST
from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import sha256_hex

BOARD = (Path(__file__).parents[2] / "boards/pico_w/board.json").read_text()
STATION = {
    "station.json": b"settings",
    "cells/keys.a": b"secret",
    "journal/000001": b"records",
    "notes.txt": b"of the installer",
}
OLD = {
    "board.json": BOARD.encode(),
    "boot.py": b"old boot",
    "hal.mpy": b"M\x06old",
    "locker/app/desk.mpy": b"M\x06old desk" * 300,
    "locker/core/same.mpy": b"M\x06same",
    "locker/core/gone.mpy": b"M\x06gone",
    "safe.mpy": b"M\x06safe",
}
NEW = {
    **{name: data.replace(b"old", b"new") for name, data in OLD.items() if "gone" not in name},
    "locker/net/more.mpy": b"M\x06more" * 1000,
    "empty.mpy": b"",
    "twin.mpy": b"",
}


def version(files: dict[str, bytes]) -> deploy.Version:
    entries = {n: {"sha256": sha256_hex(d), "size": len(d)} for n, d in sorted(files.items())}
    return deploy.Version(json.loads(BOARD), files, json.dumps(entries).encode())


def board(folder: Path, files: dict[str, bytes] = OLD) -> BoardFlash:
    """A board with this version and a station's data."""
    shutil.rmtree(folder, ignore_errors=True)
    everything = {**STATION, "boots": b"3"}
    if files:
        everything |= {**files, MANIFEST: version(files).manifest}
    for name, data in everything.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return BoardFlash(folder)


def quiet(_done: int, _total: int, _name: str) -> None:
    pass


def application(device: BoardFlash) -> dict[str, bytes]:
    """What would run: everything but the station's data and what is staged."""
    files = device.files()
    return {n: d for n, d in files.items() if n not in {*STATION, "boots"} and "next/" not in n}


def is_version(device: BoardFlash, files: dict[str, bytes]) -> bool:
    return application(device) == {**files, MANIFEST: version(files).manifest}


def has_station(device: BoardFlash) -> bool:
    files = device.files()
    return all(files.get(name) == data for name, data in STATION.items())


@pytest.mark.parametrize("before", [OLD, {}])
def test_board_has_exactly_the_new_version_and_its_own_data(tmp_path, before):
    device = board(tmp_path / "flash", before)
    todo = deploy.deploy(device, version(NEW), quiet).plan
    assert is_version(device, NEW) and has_station(device)
    assert "boots" not in device.files() and not (device.folder / "next").exists()
    assert todo.strange == ("notes.txt",)
    assert todo.removed == (("locker/core/gone.mpy",) if before else ())
    assert todo.unchanged == (3 if before else 0)


def test_same_version_again_moves_nothing(tmp_path):
    device = board(tmp_path / "flash", NEW)
    resets = device.resets
    todo = deploy.deploy(device, version(NEW), quiet).plan
    assert todo.changed == () and todo.unchanged == len(NEW) + 1
    assert device.changes == 0 and device.scripts <= 3 and device.resets == resets


def test_dry_run_moves_nothing(tmp_path):
    device = board(tmp_path / "flash")
    todo = deploy.deploy(device, version(NEW), quiet, dry_run=True).plan
    assert "boot.py" in todo.changed and device.changes == 0


@pytest.mark.parametrize("name", ["hal.mpy", "locker/app/desk.mpy", MANIFEST])
def test_what_has_rotted_on_the_board_is_sent_again_and_nothing_else(tmp_path, name):
    device = board(tmp_path / "flash", NEW)
    path = device.folder / name
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    for dry_run in (True, False):
        todo = deploy.deploy(device, version(NEW), quiet, dry_run).plan
        assert {*todo.changed} == {name}
        assert is_version(device, NEW) == (not dry_run) and has_station(device)


def test_enable_is_dropped_before_the_first_reset(tmp_path):
    for files, pins in ((OLD, {22: 0}), ({}, {22: 0, 2: 0, 3: 0, 4: 0, 5: 0})):
        device = board(tmp_path / "flash", files)
        device.kill_at = 1 if files else 2
        with pytest.raises(HostKilled):
            deploy.deploy(device, version(NEW), quiet)
        assert device.pins == pins and device.resets == 1


def test_host_killed_before_any_script_leaves_one_version(tmp_path):
    seen = set()
    for kill_at in itertools.count():
        device = board(tmp_path / "flash")
        device.kill_at = kill_at
        try:
            deploy.deploy(device, version(NEW), quiet)
            break
        except HostKilled:
            pass
        device.start()
        seen.add("old" if is_version(device, OLD) else "new")
        assert is_version(device, OLD) or is_version(device, NEW), kill_at
        assert has_station(device)
        device.kill_at = -1
        deploy.deploy(device, version(NEW), quiet)
        assert is_version(device, NEW), kill_at
    assert seen == {"old", "new"} and kill_at > 10


def test_power_cut_at_any_change_leaves_one_version(tmp_path):
    """A second cut falls into the start after the first."""
    cuts = 0
    for cut_at in itertools.count():
        device = board(tmp_path / "flash")
        device.cut_at = cut_at
        try:
            deploy.deploy(device, version(NEW), quiet)
            break
        except PowerCut:
            cuts += 1
        again = 0
        while True:
            start = BoardFlash(device.folder)
            start.cut_at = again
            try:
                start.start()
                break
            except PowerCut:
                again += 1
        assert is_version(start, OLD) or is_version(start, NEW), cut_at
        assert has_station(start)
    assert cuts > 30


def test_staged_files_are_used_again(tmp_path):
    device = board(tmp_path / "flash")
    device.kill_at = 12
    with pytest.raises(HostKilled):
        deploy.deploy(device, version(NEW), quiet)
    staged = {p.name for p in (device.folder / "next").iterdir()}
    (device.folder / "next" / "stale.mpy").write_bytes(b"of another version")
    device.kill_at = -1
    todo = deploy.deploy(device, version(NEW), quiet).plan
    assert set(todo.resumed) < set(todo.changed) and 2 <= len(todo.resumed) <= len(staged)
    assert is_version(device, NEW)


def test_source_that_would_shadow_a_module_goes(tmp_path):
    device = board(tmp_path / "flash", NEW)
    (device.folder / "hal.py").write_text("a technician's own")
    todo = deploy.deploy(device, version(NEW), quiet).plan
    assert todo.removed == ("hal.py",) and is_version(device, NEW)


def test_files_that_went_wrong_on_the_way_are_not_committed(tmp_path):
    class Noisy(BoardFlash):
        def run(self, code: str, limit_s: float) -> str:
            return super().run(code.replace("b2xkI", "b2xkJ").replace("TQZ", "TQY"), limit_s)

    board(tmp_path / "flash")
    device = Noisy(tmp_path / "flash")
    with pytest.raises(ToolError, match="not as sent"):
        deploy.deploy(device, version(NEW), quiet)
    device.start()
    assert is_version(device, OLD)


def test_wrong_board_wrong_image_and_full_flash_are_refused(tmp_path):
    for change, words in (
        ({"platform": "esp32"}, "is a esp32"),
        ({"free_blocks": 9}, "too few"),
    ):
        device = board(tmp_path / "flash")
        vars(device).update(change)
        with pytest.raises(ToolError, match=words) as caught:
            deploy.deploy(device, version(NEW), quiet)
        assert caught.value.code == Exit.REFUSED and device.changes == 0
    device = board(tmp_path / "flash")
    with pytest.raises(ToolError, match="mpy version 6, this build is 5"):
        deploy.deploy(device, version({**NEW, "hal.mpy": b"M\x05"}), quiet)


def test_a_damaged_build_is_not_sent(tmp_path):
    board(tmp_path / "build", NEW)
    assert deploy.load(tmp_path / "build") == version(NEW)
    (tmp_path / "build" / "hal.mpy").write_bytes(b"M\x06 torn")
    with pytest.raises(ToolError, match=r"hal\.mpy"):
        deploy.load(tmp_path / "build")
