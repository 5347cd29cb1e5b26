"""make shred-rounds: collections on a real littlefs, the Shredder after each, the power cut in
some; then all retired keys are looked for in dumps of the chip: raw, in hex, in base64, reversed.

The last line is the result; exit code 1 when a key was found, or a state was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockerctl import texts
from lockerctl.build import FIRMWARE
from lockerctl.rig import micropython

from .key_forms import windows

BREAKS = ("no_shredder", "blind_shredder")
DUMPS = 10
_SCRIPT = Path(__file__).parent / "on_unix" / "shredding.py"
_HEAP = "100M"


@dataclass(frozen=True)
class Found:
    """told: by the rounds themselves; survivors: retired keys in the dumps; dumps: how many."""

    told: dict[str, Any]
    survivors: list[str]
    dumps: int

    @property
    def problems(self) -> list[str]:
        """What must not be."""
        found = [self.told["broken"]] if self.told["broken"] else []
        return found + self.survivors


def run(rounds: int, seed: int, broken: str = "") -> Found:
    """So many rounds, and a dump each tenth of them. broken: one of BREAKS. Raises
    CalledProcessError when the rounds break down.
    """
    with tempfile.TemporaryDirectory(prefix="latchwork-shred-") as place:
        every = max(rounds // DUMPS, 1)
        texts.write(Path(place))
        order = {"rounds": rounds, "every": every, "seed": seed, "break": broken, "folder": place}
        order["texts"] = f"{place}/{texts.FOLDER}"
        paper = Path(place) / "order.json"
        paper.write_text(json.dumps(order))
        command = [micropython(), "-X", f"heapsize={_HEAP}", str(_SCRIPT), str(paper)]
        path = ":".join((str(_SCRIPT.parent), str(FIRMWARE), ".frozen"))
        subprocess.run(command, env=os.environ | {"MICROPYPATH": path}, check=True)
        told = json.loads((paper.parent / "answer.json").read_text())
        dumps = sorted(paper.parent.glob("dump-*.json"))
        survivors = [line for name in dumps for line in _survivors(name)]
        return Found(told, survivors, len(dumps))


def _survivors(told: Path) -> list[str]:
    """Retired keys in one dump; and present ones that this cannot find."""
    dump, keys = told.with_suffix("").read_bytes(), json.loads(told.read_text())
    there = {found.hex() for found in windows(dump)}
    name = told.stem
    unseen = [f"{name}: present key {key} is not seen" for key in set(keys["present"]) - there]
    return [f"{name}: retired key {key}" for key in keys["retired"] if key in there] + unseen


def main() -> int:
    """Run, print, judge; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--break", dest="broken", choices=("", *BREAKS), default="")
    asked = parser.parse_args()
    found = run(asked.rounds, asked.seed, asked.broken)
    for line in found.problems[:10]:
        print(line)
    told = found.told
    print(
        f"shred={'failed' if found.problems else 'ok'} rounds={told['rounds']} "
        f"retired={told['retired']} cuts={told['cuts']} starts={told['starts']} "
        f"dumps={found.dumps} rewrites_each={told['rewrites'] / max(told['retired'], 1):.1f}"
    )
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
