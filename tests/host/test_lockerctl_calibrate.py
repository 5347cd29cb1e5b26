"""Readings of a supervised input become figures that board.json takes, or are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lockerctl_parts import run, run_json

from locker.core import analog_rules
from locker.core.supervised import ACTIVE, REST, Loop
from lockerctl import calibrate
from lockerctl.errors import Exit, ToolError

levels = st.lists(st.integers(-50, 3400), min_size=3, max_size=8)


@given(levels, levels)
def test_what_is_taken_tells_every_reading_right(rest: list[int], active: list[int]) -> None:
    try:
        figures = calibrate.loop(rest, active)
    except ToolError:
        return
    assert analog_rules.loop_problem(figures) == ""
    for readings, state in ((rest, REST), (active, ACTIVE)):
        for mv in readings:
            loop = Loop(**figures)
            for now in (0, 300):
                loop.update(mv, now)
            assert loop.state == state


def test_the_resistors_of_the_drawing_are_taken() -> None:
    assert calibrate.loop([1025, 1031, 1036], [1570, 1571, 1571]) == {
        "rest_mv": 1030,
        "active_mv": 1570,
        "band_mv": 56,
    }


@pytest.mark.parametrize(
    ("rest", "active", "says"),
    [
        ([1031] * 3, [1200] * 3, "too close"),
        ([880, 1031, 1240], [1571] * 3, "too close"),
        ([0] * 3, [1571] * 3, "short"),
        ([1031] * 3, [3300] * 3, "cut"),
        ([1031] * 2, [1571] * 3, "too few"),
    ],
)
def test_readings_that_cannot_serve_are_refused(
    rest: list[int], active: list[int], says: str
) -> None:
    with pytest.raises(ToolError, match=says) as refused:
        calibrate.loop(rest, active)
    assert refused.value.code == Exit.REFUSED


def test_the_command_prints_the_fragment() -> None:
    words = ("calibrate", "tamper", "--pin", "26", "--rest", "1031,1029,1033")
    done = run_json(*words, "--active", "1570,1571,1568")
    assert done == {
        "supervised": {"tamper": {"pin": 26, "rest_mv": 1031, "active_mv": 1569, "band_mv": 52}}
    }
    assert (
        '"supervised": {"tamper": {"pin": 26,' in run(*words, "--active", "1570,1571,1568").stdout
    )
    assert run(*words, "--active", "x").exit_code == Exit.REFUSED
