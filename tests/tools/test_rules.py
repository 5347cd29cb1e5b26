"""The layer rule's own check, the size table and the lock file."""

import re
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


def test_every_pain_of_the_field_is_named_by_a_test():
    scenarios = (REPO / "tests" / "scenarios").glob("test_*.py")
    named = {
        int(number)
        for path in scenarios
        for number in re.findall(r"^def test_pain_(\d+)_", path.read_text(), re.MULTILINE)
    }
    assert named == set(range(1, 16)), "research/field.md numbers fifteen"
