"""The layer rule's own check, the size table and the lock file."""

import ast
import tomllib
from collections import Counter
from pathlib import Path

from tools import imports, lock, size

REPO = Path(__file__).resolve().parents[2]
FIRMWARE = REPO / "firmware"
CORE = "firmware/locker/core/x.py"


def test_core_may_not_read_a_clock():
    assert imports.problems(CORE, "import time\n") == [f"{CORE}:1: may not import time"]
    assert imports.problems(CORE, "def f():\n    from os import urandom\n") == [
        f"{CORE}:2: may not import os.urandom"
    ]


def test_core_may_use_what_is_pure():
    assert not imports.problems(CORE, "import hashlib\nfrom locker.core import ticks\n")
    assert not imports.problems(CORE, "from micropython import const\n")


def test_a_name_that_only_begins_alike_is_not_permitted():
    assert imports.problems(CORE, "import jsonschema\n")
    assert imports.problems("firmware/locker/net/x.py", "import locker.core_extra\n")


def test_drivers_storage_and_net_do_not_know_each_other():
    assert imports.problems("firmware/locker/net/x.py", "from locker.storage import cells\n")


def test_imports_for_types_are_free_but_not_those_beside_them():
    source = "if TYPE_CHECKING:\n    from typing import Any\nelse:\n    import time\n"
    assert imports.problems(CORE, source) == [f"{CORE}:4: may not import time"]


def test_hardware_is_for_boards():
    assert not imports.problems("boards/pico_w/hal.py", "import machine\nimport rp2\n")
    assert imports.problems("boards/virtual/hal.py", "import machine\n")
    assert imports.problems("firmware/locker/app/x.py", "import machine\n")


def test_an_unknown_folder_may_import_nothing():
    assert imports.problems("firmware/other.py", "import json\n")


def test_vendored_code_is_shown_but_not_in_the_budget():
    sizes = Counter({"locker/core": 1000, "board": 20, "umqtt": 500})
    assert size.application(sizes) == 1020
    assert any("umqtt" in line and "500" in line for line in size.table({"pico_w": sizes}))


def test_every_direct_pin_is_in_the_lock():
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(pin for extra in extras for pin in extra)]
    split = (pin.split("==") for pin in wanted if not pin.startswith("latchwork["))
    direct = {f"{lock.normal(name)}=={version}" for name, version in split}
    locked = set((REPO / "requirements.lock").read_text().splitlines())
    assert direct <= locked, "run make lock"


def modules_as_values(text: str, folder: Path) -> list[str]:
    """Our own modules that are handed on as values: the build calls their functions something
    else, and whoever asks a variable for them by name finds nothing.
    """
    tree = ast.parse(text)
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if (folder.joinpath(*node.module.split(".")) / f"{alias.name}.py").is_file()
    }
    ours -= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    asked = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return [
        f"{node.id} in line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and node.id in ours
        and id(node) not in asked
    ]


def test_no_module_of_the_firmware_is_handed_on_as_a_value():
    wrong = "from locker.core import near_miss\nbegin(near_miss)\nnear_miss.agree(1, 2)\n"
    assert modules_as_values(wrong, FIRMWARE) == ["near_miss in line 2"]
    for path in FIRMWARE.rglob("*.py"):
        assert modules_as_values(path.read_text(), FIRMWARE) == [], path
