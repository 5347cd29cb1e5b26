"""What ``make perf`` shows and keeps. No figure is judged here but by what it says of itself."""

import json

import pytest

from emulator import perf, perf_rows
from emulator.perf_rows import Row
from emulator.perf_station import Gap, lateness

KEYS = {"name", "figure", "unit", "budget", "ok"}


def test_the_file_is_a_list_of_rows(tmp_path):
    rows = perf.measure(["size"])
    perf_rows.write(rows, tmp_path / "build" / "perf.json")
    (kept,) = json.loads((tmp_path / "build" / "perf.json").read_text())
    assert set(kept) == KEYS
    assert kept["ok"] is (kept["figure"] <= kept["budget"])


def test_what_is_missed_or_not_built_is_said():
    rows = [
        perf_rows.at_most("slow", 2.0, "ms", 1),
        perf_rows.at_least("roomy", 90.0, "KiB", 80),
        Row("later", None, "KiB", 55),
        Row("peer", 7.0, "ms"),
    ]
    _, slow, roomy, later, peer = perf_rows.table(rows).splitlines()
    assert slow.endswith("MISSED") and roomy.endswith("ok") and later.endswith("not built yet")
    assert peer.startswith("  peer") and peer.endswith("ms")
    assert perf_rows.summary(rows) == "perf: budgets kept=1 missed=1 not_built=1"


def test_lateness_keeps_windows_apart():
    quiet = [Gap(1.0, (0, 0), False, False)] * 99 + [Gap(9.0, (0, 0), False, False)]
    rows = lateness(
        [
            *quiet,
            Gap(5.0, (1, 10), False, False),
            Gap(800.0, (0, 0), True, False),
            Gap(20.0, (0, 0), False, True),
            Gap(90.0, (0, 0), False, False, True),
        ]
    )
    assert [row.figure for row in rows] == [1.0, 1.0, 9.0, 54.0, 435.0, 20.0, 90.0, 800.0]
    assert rows[0].ok and "100 steps" in rows[0].name


def test_a_group_that_is_not_there(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["perf", "speed"])
    with pytest.raises(SystemExit):
        perf.main()
    assert "no such group: speed" in capsys.readouterr().err
