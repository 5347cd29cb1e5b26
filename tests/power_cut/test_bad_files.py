"""Every durable file, made bad in every way: named where that can be, doors shut, no endless boot,
and nothing as on the first day. The real firmware on MicroPython and littlefs.
"""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from test_attack import BOARD, SETUP, on_unix

from locker.core import faults
from lockerctl import provision

DAMAGES = ("corrupted", "truncated", "empty", "foreign", "future", "missing")
LOCKED, RUNS, CONSOLE = "locked", "runs", "console"
LOST, FOREIGN, NEWER, GONE = (
    faults.STATE_LOST,
    faults.STATE_FOREIGN,
    faults.STATE_NEWER,
    faults.MEMORY_LOST,
)
SETTINGS, BOARD_BAD = faults.SETTINGS_INVALID, faults.BOARD_INVALID
REPAIRED, CUT = faults.STATE_REPAIRED, faults.JOURNAL_DAMAGED
DOOR = 2  # occupied; its cell is one of the table
LEVEL_MAX = 60

# (file, how a start ends for each damage, its fault for each; 0: nobody can tell).
LOSABLE = (RUNS, RUNS, RUNS, RUNS, LOCKED, RUNS), (LOST, LOST, LOST, FOREIGN, NEWER, LOST)
TABLE: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "board.json": ((CONSOLE,) * 6, (BOARD_BAD,) * 5 + (GONE,)),
    "station.json": ((LOCKED,) * 6, (SETTINGS, SETTINGS, SETTINGS, FOREIGN, SETTINGS, GONE)),
    "cells/keys": ((LOCKED,) * 6, (LOST, LOST, GONE, FOREIGN, NEWER, GONE)),
    "cells/counters": ((LOCKED,) * 6, (LOST, LOST, LOST, FOREIGN, NEWER, LOST)),
    "cells/lockout": LOSABLE,
    "cells/people": LOSABLE,
    "cells/returns": LOSABLE,
    "cells/door02": LOSABLE,
    "cells/clock": ((RUNS,) * 6, LOSABLE[1]),
    "cells/stays": ((RUNS,) * 6, (LOST,) * 6),
    "journal/last": ((RUNS,) * 6, (CUT, CUT, CUT, FOREIGN, CUT, CUT)),
    "journal/ages": ((RUNS,) * 6, (REPAIRED, REPAIRED, 0, REPAIRED, REPAIRED, 0)),
    "journal/kept": ((RUNS,) * 6, (0,) * 6),
    "boots": ((RUNS,) * 6, (0,) * 6),
    "cells/": ((LOCKED,) * 6, (LOST, LOST, GONE, FOREIGN, NEWER, GONE)),
    "journal/": ((RUNS,) * 6, (CUT, CUT, CUT, FOREIGN, CUT, CUT)),
}
CASES = [(name, damage) for name in TABLE for damage in DAMAGES]
# Without its key nothing can be journalled yet, nor in another's journal; without usable settings
# there is no host to be told, and without pins no network either.
NO_KEY = {"cells/keys": DAMAGES, "cells/": DAMAGES}
NO_HOST = {
    "board.json": DAMAGES,
    "station.json": ("corrupted", "truncated", "empty", "future", "missing"),
}


@cache
def answers() -> dict[tuple[str, str], dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="latchwork-bad-") as place:
        folder = Path(place)
        for seed, name in ((8, "station"), (9, "foreign")):
            keys = provision.demo_keys(seed)
            made = provision.new_station(name, BOARD, keys, ("127.0.0.1", 1), SETUP)
            provision.write_flash(folder / name, made, BOARD, SETUP)
        order = {
            "station": str(folder / "station"),
            "foreign": str(folder / "foreign"),
            "files": list(TABLE),
            "cases": CASES,
            "out": str(folder / "answer"),
        }
        (folder / "order").write_text(json.dumps(order))
        on_unix("bad_files.py", str(folder / "order"))
        found = json.loads((folder / "answer").read_text())
    return dict(zip(CASES, found, strict=True))


def expected(name: str, damage: str) -> tuple[str, int]:
    ends, numbers = TABLE[name]
    return ends[DAMAGES.index(damage)], numbers[DAMAGES.index(damage)]


def told_as(name: str, damage: str) -> str:
    """The name by which persons hear of it."""
    if (name, damage) == ("station.json", "foreign") or name == "cells/":
        return "keys"  # which are not those of this station
    return "journal" if name in ("journal/", "journal/last") else name.rpartition("/")[2]


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_three_starts_end_alike_with_every_door_shut(name: str, damage: str) -> None:
    starts = answers()[name, damage]["starts"]
    assert [start["end"] for start in starts] == [expected(name, damage)[0]] * 3
    assert [start["fired"] for start in starts] == [[]] * 3


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_it_is_named_in_the_journal_and_to_the_host(name: str, damage: str) -> None:
    end, number = expected(name, damage)
    first = answers()[name, damage]["starts"][0]
    if damage in NO_KEY.get(name, ()):
        kept = {start["kept"] for start in answers()[name, damage]["starts"]}
        assert kept == {f"{number} {told_as(name, damage)}"}, "for a journal that can be written"
    elif number:
        assert number in [fault for fault, *_ in first["journal"]], first
        assert [number, told_as(name, damage)] in [[row[0], row[2]] for row in first["journal"]]
    if number and damage not in NO_HOST.get(name, ()):
        assert number in first["health"], first
        assert any(told_as(name, damage) in text for text in first["named"]), first
        assert end != LOCKED or first["state"] == number
        assert end != LOCKED or bool(first["head"]) == (name not in NO_KEY)


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_a_gap_of_the_journal_is_told_once(name: str, damage: str) -> None:
    """The host of these starts acknowledges nothing."""
    gaps = [tuple(row) for row in answers()[name, damage]["starts"][-1]["journal"] if not row[0]]
    assert len(set(gaps)) == len(gaps)


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_nothing_is_as_on_the_first_day(name: str, damage: str) -> None:
    found = answers()[name, damage]
    if expected(name, damage)[0] != RUNS:
        assert found["as_found"], "whoever comes to look finds it as it was"
        return
    for start in found["starts"]:
        assert start["boot"] > 2, "boots go on being counted"
        known = start["occupancy"][DOOR - 1] == 2 or start["lost"] >> (DOOR - 1) & 1
        assert known, "a door with a parcel is not free"
        assert bool(start["lost"]) == (name == "cells/door02")
        assert start["level"] >= (LEVEL_MAX - 1 if name == "cells/lockout" else 1)
    assert [start["boot"] for start in found["starts"]] == [
        found["starts"][0]["boot"] + i for i in range(3)
    ]
