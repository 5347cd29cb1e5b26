"""The firmware build: what lies in the folder afterwards, and what it refuses."""

import hashlib
import json
import shutil

import pytest

from lockerctl import build as building
from lockerctl.errors import ToolError


@pytest.fixture(scope="module")
def pico(tmp_path_factory):
    return building.build("pico_w", tmp_path_factory.mktemp("pico_w"))


def test_the_manifest_is_true_and_complete(pico):
    manifest = json.loads((pico.folder / "manifest.json").read_text())
    found = {
        path.relative_to(pico.folder).as_posix(): path.read_bytes()
        for path in pico.folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert manifest == {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in found.items()
    }
    assert pico.sizes == {name: row["size"] for name, row in manifest.items()}


def test_only_what_micropython_starts_by_name_stays_source(pico):
    source = {name for name in pico.sizes if name.endswith(".py")}
    assert source == {"boot.py", "main.py", "safe_pins.py"}
    assert {"hal.mpy", "safe.mpy", "board.json", "station.mpy"} <= pico.sizes.keys()


def test_text_for_the_host_is_left_out(pico):
    code = b"".join(path.read_bytes() for path in pico.folder.rglob("*.mpy"))
    assert b"Type your code" in (pico.folder / "texts" / "en").read_bytes()
    for text in (b"Type your code", b"it is shown on the idle screen"):
        assert text not in code


def test_a_board_carries_the_modules_of_the_board_that_it_builds_on(pico, tmp_path):
    sizes = building.build("pico_w_24", tmp_path).sizes
    assert {"hal.mpy", "safe.mpy", "pico_w/safe.mpy"} <= sizes.keys()
    assert sizes["hal.mpy"] > pico.sizes["hal.mpy"]  # with that board's hal and the expanders


def test_umqtt_goes_where_the_image_has_none(pico, tmp_path):
    assert "umqtt/simple.mpy" in pico.sizes
    assert "umqtt/simple.mpy" not in building.build("esp32", tmp_path).sizes


@pytest.mark.parametrize("board", building.boards())
def test_safe_pins_say_what_board_json_says(board):
    config = json.loads((building.BOARDS / board / "board.json").read_text())
    names: dict = {}
    exec(building.safe_pins(config), names)
    coils = [door["coil"] for door in config["doors"] if "coil" in door]
    fire = [config["expander"]["fire"]] if "expander" in config else []
    assert list(names["COILS"]) == coils + fire
    assert names["ENABLE"] == config["coils"].get("enable")
    assert (names["COIL_SAFE"], names["ENABLE_SAFE"]) == (0, 0)


def test_safe_levels_follow_the_polarity():
    coils = {"active": "low", "enable": 22, "enable_active": "low"}
    names: dict = {}
    exec(building.safe_pins({"board": "x", "coils": coils, "doors": [{"coil": 4}]}), names)
    assert (names["COILS"], names["COIL_SAFE"], names["ENABLE_SAFE"]) == ((4,), 1, 1)


def test_a_second_build_compiles_nothing(pico, monkeypatch):
    monkeypatch.setattr(building, "_cross_compile", None)
    assert building.build("pico_w", pico.folder) == pico


def other_source(tmp_path):
    shutil.copytree(
        building.FIRMWARE, tmp_path / "source", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path / "source"


def test_another_source_tree_is_built_and_what_it_lacks_goes(tmp_path):
    source = other_source(tmp_path)
    (source / "locker" / "core" / "extra.py").write_text("x = 1\n")
    (source / "locker" / "core" / "unused.py").write_text("x = 1\n")
    ticks = source / "locker" / "core" / "ticks.py"
    ticks.write_text(ticks.read_text() + "\ndef f():\n    from locker.core import extra\n")
    out = tmp_path / "out"
    sizes = building.build("virtual", out, source).sizes
    assert "lib/extra.mpy" in sizes and "unused.mpy" not in sizes
    (out / "journal").write_bytes(b"the station's own")
    building.build("virtual", out)
    assert not (out / "lib" / "extra.mpy").exists()
    assert (out / "journal").exists()


def test_source_that_does_not_compile_is_refused_by_name(tmp_path):
    source = other_source(tmp_path)
    (source / "locker" / "core" / "ticks.py").write_text("def (:\n")
    with pytest.raises(ToolError, match=r"core/ticks\.py does not compile"):
        building.build("virtual", tmp_path / "out", source)


def test_an_unknown_board_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ToolError) as refused:
        building.build("abacus", tmp_path)
    assert "pico_w" in refused.value.hint


def test_an_unsafe_board_is_refused_with_its_key(tmp_path, monkeypatch):
    config = json.loads((building.BOARDS / "pico_w" / "board.json").read_text())
    config["doors"][1]["coil"] = config["doors"][0]["coil"]
    (tmp_path / "pico_w").mkdir()
    (tmp_path / "pico_w" / "board.json").write_text(json.dumps(config))
    monkeypatch.setattr(building, "BOARDS", tmp_path)
    with pytest.raises(ToolError, match=r"doors\[1\]\.coil"):
        building.build("pico_w", tmp_path / "out")


def test_a_module_hidden_by_a_folder_is_refused():
    with pytest.raises(ToolError, match="texts"):
        building._check_names({"texts.mpy": b"", "texts/en": b""})
    with pytest.raises(ToolError, match="journal"):
        building._check_names({"journal.mpy": b""})


def test_a_file_that_the_shredder_would_erase_is_refused():
    with pytest.raises(ToolError, match="would erase texts/en"):
        building._check_beginnings({"a.mpy": b"M\xff\xff\xff\xff", "texts/en": b"\xff" * 5})
