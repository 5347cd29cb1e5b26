"""board.check never raises on JSON, and no random change makes it accept an unsafe board."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locker.core import board, chips

BOARDS = Path(__file__).parents[2] / "boards"
NAMES = ("virtual", "pico_w", "pico_w_24", "esp32")

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-2, 70),
    st.floats(allow_nan=True),
    st.text(max_size=8),
    st.sampled_from(["high", "low", "up", "none", "rotary", "S", "esp32", "rp2040", "virtual"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def load(name: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((BOARDS / name / "board.json").read_text())
    return config


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    found: list[tuple[Any, Any]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        found.append((value, key))
        if isinstance(inner, dict | list):
            found += places(inner)
    return found


def mutate(config: dict[str, Any], data: st.DataObject) -> None:
    container, key = data.draw(st.sampled_from(places(config)))
    action = data.draw(st.sampled_from(["replace", "delete", "add"]))
    if action == "delete":
        del container[key]
    elif action == "add" and isinstance(container, dict):
        container[data.draw(st.text(max_size=50))] = data.draw(JSON)
    else:
        container[key] = data.draw(JSON)


def assert_safe(config: dict[str, Any]) -> None:
    """What must hold for every board that passes, checked without the schema tables."""
    coils = config["coils"]
    assert coils["active"] == "high"
    assert coils.get("enable_active", "high") == "high"
    assert 10 <= coils["pulse_ms"] <= coils["limit_ms"] <= coils["rating_ms"]
    assert 4 <= coils["duty_percent"] <= 50
    off_ms = coils["limit_ms"] * (99 // coils["duty_percent"])
    assert coils["limit_ms"] * 100 <= (coils["limit_ms"] + off_ms) * coils["duty_percent"]
    assert ("coil_ma" in coils) == ("supply_ma" in coils)
    assert coils["at_once"] == 1 or "coil_ma" in coils
    if "coil_ma" in coils:
        assert coils["at_once"] * coils["coil_ma"] * 1.25 <= coils["supply_ma"]
    assert_unshared(config)
    pins = [door["coil"] for door in config["doors"] if "coil" in door]
    pins += [coils["enable"]] if "enable" in coils else []
    assert len(set(pins)) == len(pins)
    if config["chip"] == "virtual":
        assert not pins
        return
    if config["board"] == "pico_w_24":
        assert_safe_chain(config)
        return
    assert len(pins) == len(config["doors"]) + 1
    for pin in pins:
        assert chips.unsuitable(config["chip"], pin, chips.COIL) == ""
    if config["chip"] == "esp32":
        assert not {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15} & set(pins)
        assert max(pins) < 34


def assert_unshared(config: dict[str, Any]) -> None:
    """No pin has two tasks."""
    parts = [config["signals"], config["i2c"], config.get("expander", {}), *config["doors"]]
    taken = [
        part[key]
        for part in parts
        for key in ("red", "green", "beeper", "sda", "scl", "data", "clock", "latch", "back",
                    "fire", "coil", "reed", "reed2")
        if key in part
    ]  # fmt: skip
    taken += [*config["keypad"].get("rows", ()), *config["keypad"].get("columns", ())]
    taken += [config["keypad"]["help"]] if "help" in config["keypad"] else []
    taken += [config["coils"][key] for key in ("enable", "feedback") if key in config["coils"]]
    taken += [loop["pin"] for loop in config.get("supervised", {}).values()]
    taken += [config["supply"]["pin"]] if "supply" in config else []
    assert len(set(taken)) == len(taken), sorted(taken)


def assert_safe_chain(config: dict[str, Any]) -> None:
    """Of a board whose coils hang on shift registers."""
    expander = config["expander"]
    names = ("data", "clock", "latch", "fire")
    pins = [config["coils"]["enable"], *(expander[name] for name in names)]
    assert len(set(pins)) == 5
    assert all(chips.unsuitable("rp2040", pin, chips.COIL) == "" for pin in pins)
    assert not any("coil" in door for door in config["doors"])
    last = expander["first_address"] + (len(config["doors"]) - 1) // 7
    assert expander["first_address"] >= 0x20 and last <= 0x27


@given(JSON)
def test_any_json_value_gives_a_list_of_lines(value: Any) -> None:
    problems = board.check(value)
    assert problems and all(": " in problem for problem in problems)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=300)
@given(data=st.data())
def test_changed_board_is_refused_or_safe(name: str, data: st.DataObject) -> None:
    config = load(name)
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(config, data)
    problems = board.check(config)
    assert len(problems) <= 20
    if not problems:
        assert_safe(config)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_swapped_pins_are_refused_or_safe(name: str, data: st.DataObject) -> None:
    """Likelier to get past the schema than random values: small numbers moved about."""
    config = load(name)
    numbers = [(c, k) for c, k in places(config) if type(c[k]) is int]
    for _ in range(3):
        container, key = data.draw(st.sampled_from(numbers))
        container[key] = data.draw(st.integers(0, 40))
    if not board.check(config):
        assert_safe(config)
