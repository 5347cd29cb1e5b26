"""Constants written into the places that use them."""

import sys
from pathlib import Path

import pytest

from lockerctl import build as building
from lockerctl.inline import Constants

FAULTS = """\
from micropython import const

NONE = const(0)
WRONG = const(
    5 + 6
)  # why
BELOW = const(-1)
FREE, TAKEN = range(2)
_SECRET = const(WRONG * 2)
TEXT = "no integer"


def secret():
    return _SECRET
"""


def tree(tmp_path: Path, **sources: str) -> Constants:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("")
    for name, source in sources.items():
        (tmp_path / "core" / f"{name}.py").write_text(source)
    return Constants(tmp_path)


def inlined(tmp_path: Path, source: str, **others: str) -> str:
    """The source as module ``user`` beside ``faults``."""
    constants = tree(tmp_path, faults=FAULTS, user=source, **others)
    return constants.inlined(tmp_path / "core" / "user.py")


def test_a_definition_goes_and_every_line_stays(tmp_path):
    constants = tree(tmp_path, faults=FAULTS)
    text = constants.inlined(tmp_path / "core" / "faults.py")
    assert text.count("\n") == FAULTS.count("\n")
    assert "const" not in text
    assert text.splitlines()[12:] == ["def secret():", "    return 22"]
    assert 'TEXT = "no integer"' in text


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("from core import faults\nx = faults.WRONG\n", "pass\nx = 11\n"),
        ("from core import faults\nx = faults.BELOW\n", "pass\nx = (-1)\n"),
        ("from core import faults\nx = [faults.FREE, faults.TAKEN]\n", "pass\nx = [0, 1]\n"),
        ("from core.faults import WRONG, secret\nx = WRONG\n", None),
        ("from core import (\n    faults,\n)\nx = faults.WRONG, faults.TEXT\n", None),
        ("def f():\n    from core import faults\n    return faults.WRONG\n", None),
        ("from core import faults\nx = faults.secret\n", None),
        ("from micropython import const\nA = const(3)\nb = lambda c=A: c + A\n", None),
    ],
)
def test_the_same_values_come_out(tmp_path, source, result, monkeypatch):
    text = inlined(tmp_path, source)
    assert result is None or text == result
    assert text.count("\n") == source.count("\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == "core"]:
        monkeypatch.delitem(sys.modules, name)
    was, now = values(source), values(text)
    assert {name: now[name] for name in now} == {name: was[name] for name in now}
    assert "x" not in was or "x" in now


def values(source: str) -> dict[str, object]:
    """What a module holds; a function counts as what it returns."""
    names: dict[str, object] = {}
    exec(source, names)
    plain = {name: value() if name in "fb" else value for name, value in names.items()}
    return {name: v for name, v in plain.items() if not name.startswith("__")}


def test_a_name_of_a_function_hides_the_module(tmp_path):
    source = (
        "from core import faults\n"
        "def f(faults):\n    return faults.WRONG\n"
        "def g():\n    return faults.WRONG\n"
    )
    text = inlined(tmp_path, source)
    assert "def f(faults):\n    return faults.WRONG\n" in text
    assert text.endswith("def g():\n    return 11\n")


def test_what_cannot_be_replaced_keeps_its_constant(tmp_path):
    source = 'from core import faults\nx = f"{faults.WRONG}"\ny = faults.WRONG\n'
    constants = tree(tmp_path, faults=FAULTS, user=source)
    assert constants.inlined(tmp_path / "core" / "user.py") == source.replace(
        "y = faults.WRONG", "y = 11"
    )
    assert "WRONG = 11" in constants.inlined(tmp_path / "core" / "faults.py")


def test_a_constant_that_is_assigned_twice_is_none(tmp_path):
    source = "from micropython import const\nA = const(1)\ndef f():\n    global A\n    A = 2\n"
    assert inlined(tmp_path, source) == source


def test_type_checking_blocks_do_not_count_as_uses(tmp_path):
    source = (
        "from micropython import const\nTYPE_CHECKING = const(0)\n"
        "if TYPE_CHECKING:\n    from core.faults import secret\n"
    )
    text = inlined(tmp_path, source)
    assert text == "pass\n\nif 0:\n    from core.faults import secret\n"


def test_source_that_does_not_parse_is_left_to_the_compiler(tmp_path):
    assert inlined(tmp_path, "def (:\n") == "def (:\n"


def test_no_constant_of_the_firmware_is_looked_up_by_name():
    """Numbers of faults, states and records: none of them may cost heap on the device."""
    constants = Constants(building.FIRMWARE, {building.BOARDS / "pico_w" / "hal.py": "hal.py"})
    text = constants.inlined(building.FIRMWARE / "locker" / "app" / "desk.py")
    assert "faults." not in text
    assert "const(" not in text
