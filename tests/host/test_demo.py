"""The demo as the user runs it: real firmware, broker and time; and it fails when it must."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lockerctl import rig, story
from lockerctl.provision import Setup
from lockerctl.rig import Plan

LOCKERCTL = [sys.executable, "-c", "from lockerctl.cli import app; app()"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> tuple[int, dict]:
    done = subprocess.run(
        [*LOCKERCTL, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_the_story_holds_and_its_last_line_says_so(home: Path) -> None:
    code, said = run("demo", "--door", "7", "--seed", "11")
    assert (code, said["story"]) == (0, "ok"), said
    assert said["opened"] == [7, 7]
    assert said["refused"] == ["wrong_code", "replayed", "jammed", "conflict"]
    assert said["events"] > 20


@pytest.mark.parametrize("broken", story.BREAKS)
def test_what_is_broken_is_noticed(home: Path, broken: str) -> None:
    code, said = run("demo", "--door", "2", "--seed", "3", "--break", broken)
    assert (code, said["story"]) == (1, "failed"), said


def test_an_operator_blocks_a_door_and_lets_it_go_again(home: Path) -> None:
    with rig.running(Plan("live", 5, Setup(occupied=(3,)))):
        blocked = run("station", "block", "-s", "live", "-d", "3", "--by", "ann", "--json")
        again = run("station", "unblock", "-s", "live", "-d", "3", "--by", "ann", "--json")
        refused = run("station", "clear", "-s", "live", "-d", "9", "--by", "ann", "--json")
    assert blocked[0] == again[0] == 0
    assert refused[0] != 0
