"""make power-cuts-emulated: the whole firmware on the real Pico W image loses its power in the
middle of deposits and pickups, and starts again from what the flash then holds.

The last line is the result; exit code 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from emulator.errors import EmulatorError
from lockerctl.errors import ToolError

from .emulated_cases import OPERATIONS, Case, play

KINDS = ("lost", "replayed", "mixed", "unbootable", "coil_on_after_reset")


def main() -> int:
    """Cut, print, judge; the exit code."""
    asked = _arguments()
    began = time.monotonic()
    cases: list[Case] = []

    def told(case: Case) -> None:
        cases.append(case)
        _show(case, asked)

    try:
        play(asked.seed, asked.cuts, asked.jobs, told)
    except (EmulatorError, ToolError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    counts = Counter(kind for case in cases for kind, _ in case.problems)
    sites = len({(case.kind, case.during) for case in cases})
    print(
        f"cuts={len(cases)} sites={sites} " + " ".join(f"{kind}={counts[kind]}" for kind in KINDS)
    )
    return 1 if counts.total() or len(cases) < asked.cuts else 0


def _show(case: Case, asked: argparse.Namespace) -> None:
    print(
        f"operation {case.number:3}, {case.kind} {case.form}, {case.during}: "
        f"started in {case.boot_ms:.0f} ms",
        flush=True,
    )
    for kind, text in case.problems:
        print(f"FAILED, {kind}: {text}")
        print(f"  make power-cuts-emulated CUTS={asked.cuts} SEED={asked.seed}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m power_cut.emulated", description=__doc__)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--jobs", type=int, default=2, help="starts at once")
    asked = parser.parse_args()
    if not 0 < asked.cuts <= OPERATIONS:
        parser.error(f"the story has {OPERATIONS} flash operations: --cuts 1..{OPERATIONS}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
