"""The kinds of cells, from the source: `ages` knows a cell by its kind."""

import re
from collections import Counter

from locker.core import compartments
from lockerctl.build import FIRMWARE

CELL = re.compile(r"^(?:CELL|AGES) = \(\"(\w+)\", (\d+), \d+\)", re.MULTILINE)


def test_no_two_cells_are_of_one_kind() -> None:
    found = [
        (name, int(kind))
        for path in sorted(FIRMWARE.rglob("*.py"))
        for name, kind in CELL.findall(path.read_text())
    ]
    doors = [compartments.cell(door)[:2] for door in range(1, 25)]
    assert len(found) >= 7 and ("ages", 7) in found and ("stays", 8) in found
    kinds = Counter(kind for _, kind in found + doors)
    assert [kind for kind, count in kinds.items() if count > 1] == []
    assert len({name for name, _ in found + doors}) == len(found + doors)
