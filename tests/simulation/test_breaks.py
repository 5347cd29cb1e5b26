"""Firmware that is wrong on purpose is found out, and a failing episode gets short."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from locker.core.phrases import PHRASES
from lockerctl.build import FIRMWARE
from simulation import episode, reduce
from simulation.breaks import BREAKS
from simulation.crowd import SIGNS
from simulation.plan import Event
from simulation.witness import Violation
from virtual import mutants


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_break_fits_the_source(name: str, tmp_path: Path) -> None:
    shutil.copytree(FIRMWARE, tmp_path / "firmware")
    mutants.apply(BREAKS[name], tmp_path / "firmware")


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("authorised_late", "b1"),
        ("claim_late", "b1"),
        ("write_in_pulse", "b1"),
        ("lockout_in_ram", "b2"),
    ],
)
def test_a_break_is_noticed(name: str, seed: str) -> None:
    command = [sys.executable, "-m", "simulation", "--break", name, "--whole"]
    done = subprocess.run(
        [*command, "--hours", "3", "--seed", seed, "--processes", "1"],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "violations=0" not in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "scenario", "count"),
    [
        ("believes_one_no", "a_slip_of_the_courier_s_finger", 1),
        ("reopens_for_a_key", "chance_key_on_an_emptied_door", 1),
        ("opens_locked_down", "pickup_at_a_door_locked_down", 1),
        ("takes_used_returns", "a_used_return_code_is_tried_again", 1),
        ("keeps_revoked", "a_revoked_code_is_tried", 1),
        ("goes_on_after_half_a_step", "memory_runs_out_as_a_door_begins_its_release", 2),
    ],
)
def test_a_scenario_would_be_a_violation_again(name: str, scenario: str, count: int) -> None:
    path = Path(__file__).parent / "scenarios" / f"{scenario}.json"
    command = [sys.executable, "-m", "simulation", "--break", name, "--scenario", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(f"violations={count}")


def test_a_failing_list_of_events_is_cut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [Event(float(i), "jam", i) for i in range(64)]
    seen = Violation(60.0, "told", "")

    def fails_with_7_and_41(_seed: str, part: list[Event], _hours: float) -> object:
        doors = {event.door for event in part}
        found = [seen] if {7, 41} <= doors else []
        return type("Outcome", (), {"violations": found})

    monkeypatch.setattr(reduce.episode, "play", fails_with_7_and_41)
    few = reduce.shrink("seed", events, 1.0, seen)
    assert [event.door for event in few] == [7, 41]


def test_a_claim_used_up_by_a_broken_coil_ends_with_a_technician() -> None:
    events = [Event(0.0, "coil_cut", 2, 400_000.0, 2)]
    events += [Event(5_000.0 + 60_000.0 * i, "pickup", 0, 0.0, 4) for i in range(3)]
    outcome = episode.play("used up", events, 0.2)
    assert not outcome.violations
    told = "\n".join(outcome.diary)
    assert "technician: takes parcel from 2" in told and "pickup: takes parcel from 2" not in told


def courier(n: int) -> str:
    """What one deposit came to. n: who comes."""
    outcome = episode.play("courier", [Event(0.0, "deposit", 0, 0.0, n)], 0.02)
    assert not outcome.violations and outcome.deposits == 1
    return "\n".join(outcome.diary)


def test_a_courier_answers_wrongly_and_goes_back() -> None:
    told = courier(17)
    assert "deposit: types 3#" in told and told.index("types *") < told.index("types 1#")


def test_a_courier_takes_a_parcel_that_does_not_fit_to_another_door() -> None:
    told = courier(19)
    assert "deposit: types 2#" in told and told.count("coil on") >= 2


def test_a_courier_whose_question_a_stranger_took_still_knows_what_is_in() -> None:
    """42/24 of 200 hours: he said "does not fit" of the second door, too, with the parcel in."""
    events = [Event(30_000.0, "deposit", 4, 0.0, 471916015)]
    events += [Event(39_768.3, "wrong_codes", 4, 0.0, 555968635)]
    outcome = episode.play("misfit", events, 0.02)
    told = "\n".join(outcome.diary)
    before, _, after = told.partition("deposit: puts parcel")
    assert "types 2#" in before and "stranger" in before, "that was the door it did not fit"
    assert "types 2#" not in after and "types 1#" in after and outcome.deposits == 1


def test_people_know_what_the_display_says() -> None:
    texts = [" ".join(row[0].split()).lower() for row in PHRASES.values()]
    for words, _ in SIGNS:
        assert any(words in text for text in texts), words
