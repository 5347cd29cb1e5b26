"""The boards' pictures and tables say what their board.json says."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from tools.wiring import __main__ as wiring
from tools.wiring import pins, sheet, tables

SVG = "{http://www.w3.org/2000/svg}"


def load(source):
    return json.loads((wiring.BOARDS / source).read_text())


def gpios(value, key=""):
    """Every number in a board.json that names a GPIO, found without the tool's help."""
    if key in ("schema", "flash_kb", "display", "rtc", "board", "chip"):
        return
    if isinstance(value, dict):
        for inner in value:
            yield from gpios(value[inner], inner)
    elif isinstance(value, list):
        for inner in value:
            yield from gpios(inner, key)
    elif key in PIN_KEYS:
        yield value


PIN_KEYS = {
    *("enable", "coil", "reed", "latch", "rows", "columns", "help", "sda", "scl"),
    *("red", "green", "beeper", "data", "clock", "back", "fire"),
}


def test_pictures_and_pages_are_in_step():
    old = [str(path) for path, text in wiring.files() if path.read_text() != text]
    assert not old, "run: python -m tools.wiring"


@pytest.mark.parametrize("source", [row[0] for row in wiring.SHEETS])
def test_every_pin_of_a_board_is_drawn_and_listed(source):
    config = load(source)
    nets = pins.nets(config)
    assert sorted(nets) == sorted(gpios(config))
    names = [net.name for net in nets.values()]
    assert len(set(names)) == len(names)
    assert set(names) <= sheet.draw(config, source).nets
    listed = [line.split(" | ")[2] for line in tables.pin_table(config).splitlines()[2:]]
    assert sorted(listed) == sorted(names)


@pytest.mark.parametrize("source", [row[0] for row in wiring.SHEETS])
def test_a_picture_is_sound_svg_and_nothing_leaves_it(source):
    root = ElementTree.fromstring(sheet.draw(load(source), source).svg())
    width, height = float(root.get("width")), float(root.get("height"))
    for text in root.iter(f"{SVG}text"):
        # DejaVu Sans, the widest of the fonts: about 0.55 em a letter, bold 0.65.
        wide = (
            len(text.text)
            * float(text.get("font-size"))
            * (0.65 if text.get("font-weight") else 0.55)
        )
        start = (
            float(text.get("x"))
            - {"start": 0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
        )
        assert start >= 0 and start + wide <= width, text.text
        assert 0 < float(text.get("y")) < height, text.text
    used = {use.get("href") for use in root.iter(f"{SVG}use")}
    assert used == {f"#{group.get('id')}" for group in root.iter(f"{SVG}g") if group.get("id")}


def test_a_moved_pin_moves_in_picture_and_table():
    config = load("pico_w/board.json")
    config["signals"]["beeper"] = 22
    config["coils"]["enable"] = 28
    assert "| 34 | GP28 | ENABLE |" in tables.pin_table(config)
    assert sheet.draw(config, "x").svg() != sheet.draw(load("pico_w/board.json"), "x").svg()


def test_a_pin_that_the_header_lacks_is_refused():
    with pytest.raises(ValueError, match="no GPIO 23"):
        pins.position("pico_w", 23)


def test_no_two_doors_share_an_output_or_input():
    rows = tables.door_table(load("pico_w_24/board.json")).splitlines()[2:]
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert len(cells) == 24
    for column in (2, 3, 4):
        assert len({row[column] for row in cells}) == 24
    assert cells[0][2:5] == ["U1 QA, pin 15", "U11 (0x20) GPA0, pin 21", "U11 (0x20) GPB0, pin 1"]
    assert cells[7][2:5] == ["U1 QH, pin 7", "U12 (0x21) GPA0, pin 21", "U12 (0x21) GPB0, pin 1"]
    assert cells[23][2:5] == ["U3 QH, pin 7", "U14 (0x23) GPA2, pin 23", "U14 (0x23) GPB2, pin 3"]


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="no marks for pins"):
        wiring.rewritten("# A page\n", "pins", "x")


def test_no_page_names_a_missing_file():
    for page in wiring.BOARDS.rglob("*.md"):
        for part in page.read_text().split("](")[1:]:
            target = part.split(")")[0]
            assert (page.parent / target).exists(), f"{page}: {target}"
