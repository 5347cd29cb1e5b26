"""make power-cuts: the power goes in the middle of flash operations, and the next start is judged.
make bit-rot (--flips): bits flip in a flash that nobody writes.

The last line is the result; exit code 1 when a promise was broken or a flipped bit went unseen.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from lockerctl.errors import ToolError

from .workers import BREAKS, FATES, KINDS, Answer, Log, Order, run

_SHOWN_MAX = 10


def main() -> int:
    """Cut, print, judge; the exit code."""
    asked = _arguments()
    began = time.monotonic()
    life, cut = asked.only or (0, 0)
    order = Order(asked.seed, asked.cuts, asked.flips, asked.broken, life, cut)
    try:
        log = Log(asked.log, _Progress(asked.cuts or asked.flips)) if asked.log else None
        answer = run(order, asked.jobs, log)
    except ToolError as error:
        print(f"error: {error.text}\n{error.hint}", file=sys.stderr)
        return 1
    if asked.sites:
        for site, count in sorted(answer.sites.items()):
            print(f"{count:8} {site}")
    _report(answer, asked.seed)
    result = _flips(answer) if asked.flips else _cuts(answer, time.monotonic() - began)
    print(result)
    short = answer.cuts < (1 if asked.only else asked.cuts) or answer.flips < asked.flips
    return 1 if answer.broken or short else 0


class _Progress:
    """Says after each part how far the run is."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._done = 0
        self._broken = 0
        self._began = time.monotonic()

    def __call__(self, part: int, found: dict[str, Any]) -> None:
        """A part has come in."""
        self._done += found["cuts"] + sum(found["rot"].values())
        self._broken += sum(found["counts"].values())
        minutes = (time.monotonic() - self._began) / 60
        print(
            f"part {part}: {self._done:,} of {self._wanted:,} in {minutes:.0f} min, "
            f"{self._broken} broken",
            flush=True,
        )


def _cuts(answer: Answer, took_s: float) -> str:
    minute = answer.cuts / took_s * 60
    print(
        f"{answer.again} starts went on with people; {took_s:.0f} s, {minute:,.0f} cuts a minute"
    )
    counts = " ".join(f"{kind}={answer.counts[kind]}" for kind in KINDS)
    return f"cuts={answer.cuts} sites={len(answer.sites)} {counts}"


def _flips(answer: Answer) -> str:
    fates = " ".join(f"{fate}={answer.rot[fate]}" for fate in FATES)
    return f"flips={answer.flips} {fates}"


def _report(answer: Answer, seed: int) -> None:
    """The first violations, each with the way to see it again."""
    for violation in answer.violations[:_SHOWN_MAX]:
        print(f"FAILED, {violation.kind}: {violation.text}")
        if violation.kind in KINDS:
            print(f"  {violation.what}: make power-cuts SEED={seed} ONLY={violation.name}")
    if len(answer.violations) > _SHOWN_MAX:
        print(f"  and {len(answer.violations) - _SHOWN_MAX} more")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m power_cut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=0)
    parser.add_argument("--flips", type=int, default=0, help="of single bits")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--break", dest="broken", choices=BREAKS, default="")
    parser.add_argument(
        "--log",
        type=Path,
        help="keeps finished parts: the same run goes on from there",
    )
    parser.add_argument("--only", type=_name, help="LIFE.CUT, as a failure names it")
    parser.add_argument("--sites", action="store_true", help="list what was cut, how often")
    return parser.parse_args()


def _name(text: str) -> tuple[int, int]:
    life, _, cut = text.partition(".")
    return int(life), int(cut)


if __name__ == "__main__":
    sys.exit(main())
