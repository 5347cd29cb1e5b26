"""`make emulate-pulse` with few moments, and that it can fail."""

import dataclasses
import json
import re
import subprocess
import sys

import pytest
from pico import IMAGE, ROOT

from emulator.errors import EmulatorError
from emulator.pulse_cases import Case, Wanted, problems
from emulator.pulse_esp32 import symbols_problem
from emulator.pulse_kinds import KINDS
from lockerctl.build import FIRMWARE
from lockerctl.rig import micropython

RESULT = re.compile(
    r"cases=(\d+) worst_ms=([\d.]+) min_ms=([\d.]+) limit_ms=([\d.]+) kinds=(\d+)\n\Z"
)
WANTED = Wanted.of(json.loads((ROOT / "boards" / "pico_w" / "board.json").read_text()))
BY_NAME = {kind.name: kind for kind in KINDS}
needs_image = pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images")


def emulate_pulse(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "emulator.pulse", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=False)
    return done.returncode, done.stdout


@pytest.mark.emulator
@needs_image
def test_every_kind_keeps_its_limits() -> None:
    code, said = emulate_pulse("--moments", "3")
    assert code == 0, said
    found = RESULT.search(said)
    assert found, said
    cases, worst, least, limit, kinds = (float(text) for text in found.groups())
    assert (cases, kinds) == (3 * len(KINDS), len(KINDS))
    assert worst <= limit == WANTED.limit_ms
    assert 0 < least < WANTED.pulse_ms / 2
    assert "esp32: symbols checked, time not measured" in said


@pytest.mark.emulator
@needs_image
@pytest.mark.parametrize(
    ("broken", "seen"),
    [
        ("no_boot", "nothing took the pins from the state machine"),
        ("claimed", "coil on for"),
    ],
)
def test_what_is_broken_on_purpose_is_seen(broken: str, seen: str) -> None:
    code, said = emulate_pulse("--moments", "1", "--kind", "soft_reset", "--break", broken)
    assert code == 1
    assert f"FAILED, soft_reset at 30.00 ms: {seen}" in said
    assert said.count("MISSING") == len(KINDS) - 1


def case(kind: str, coil: list[list[float]], **changes: object) -> Case:
    good = Case(kind, 30.0, True, True, 0, 0, coil, coil)
    return dataclasses.replace(good, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "coil", "changes"),
    [
        ("hang", [[0.0, 60.3]], {}),
        ("run_pin", [[0.0, 31.0]], {}),
        ("runaway", [[0, 60], [601, 200], [2603, 200], [4605, 200]], {}),
    ],
)
def test_a_good_case_has_no_problems(kind: str, coil: list[list[float]], changes: dict) -> None:
    assert problems(case(kind, coil, **changes), BY_NAME[kind], WANTED) == []


@pytest.mark.parametrize(
    ("kind", "coil", "changes"),
    [
        ("hang", [[0.0, 60.7]], {}),
        ("hang", [[0.0, 59.3]], {}),
        ("hang", [[0.0, 60.0]], {"happened": False}),
        ("hang", [[0.0, 60.0]], {"others": 8}),
        ("hang", [[0.0, 60.0]], {"at_end": 8}),
        ("hang", [[0.0, 60.0]], {"enable": [[0.0, 63.0]]}),
        ("hang", [[0.0, 60.0], [70.0, 1.0]], {}),
        ("run_pin", [[0.0, 60.1]], {}),
        ("run_pin", [[0.0, 30.0]], {"held_low": False}),
        ("runaway", [[0, 60], [601, 200]], {}),
        ("runaway", [[0, 60], [601, 201], [2703, 200], [4805, 200]], {}),
        ("runaway", [[0, 60], [601, 200], [2500, 200], [4605, 200]], {}),
    ],
)
def test_a_bad_case_has_one_problem_or_more(
    kind: str, coil: list[list[float]], changes: dict
) -> None:
    assert problems(case(kind, coil, **changes), BY_NAME[kind], WANTED)


def test_esp32_symbols_of_a_board_that_does_not_fit() -> None:
    coils = {"duty_percent": 10, "pulse_ms": 60, "limit_ms": 200}
    assert symbols_problem(coils, FIRMWARE, micropython()) == ""
    with pytest.raises(EmulatorError, match="pulse train too long"):
        symbols_problem({**coils, "limit_ms": 2_000}, FIRMWARE, micropython())
