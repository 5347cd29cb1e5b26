"""``make model``: searches every scope on the real code, and one of them on each mutant."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from locker.core import doors
from model.mutants import MUTANTS
from model.report import rows_reached, show_scope, show_table
from model.scopes import SCOPES
from virtual import mutants

_FIRMWARE = Path(doors.__file__).parents[2]
_LIMIT_S = 3_600  # on a machine that is busy with other things


def search(name: str, firmware: Path = _FIRMWARE, *options: str) -> dict[str, Any]:
    """One search in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(firmware)}
    command = [sys.executable, "-m", "model.worker", name, *options]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=_LIMIT_S)
    if run.returncode:
        raise SystemExit(f"model: search {name} broke:\n{run.stderr[-2000:]}")
    row: dict[str, Any] = json.loads(run.stdout)
    return row


def hunt(name: str) -> dict[str, list[str]]:
    """Search one mutant until something is violated; what, with its steps."""
    scope, mutant = MUTANTS[name]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "firmware"
        copy_sources(copy)
        mutants.apply(mutant, copy)
        found: dict[str, list[str]] = search(scope, copy, "--first")["violations"]
    return found


def copy_sources(to: Path) -> None:
    """The firmware's Python files."""
    for source in _FIRMWARE.glob("locker/**/*.py"):
        target = to / source.relative_to(_FIRMWARE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())


def main() -> int:
    """0 when every search is exhausted without a violation, every row met and every mutant
    caught.
    """
    began = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        searches = pool.map(search, SCOPES)
        hunts = pool.map(hunt, MUTANTS)
        rows, caught = list(searches), list(hunts)
    for row in rows:
        show_scope(row)
    missing = show_table(rows)
    violations = sum(len(row["violations"]) for row in rows)
    escaped = 0
    for name, found in zip(MUTANTS, caught, strict=True):
        escaped += not found
        what, steps = next(iter(found.items()), ("NOT CAUGHT", []))
        print(f"mutant {name} ({MUTANTS[name][1].says}): {what}")
        print(f"    {' / '.join(steps)}" if steps else f"    searched: {MUTANTS[name][0]}")
    reached, total = rows_reached(rows)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{time.monotonic() - began:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of CPU time")
    print(
        f"states={sum(r['states'] for r in rows)} "
        f"transitions={sum(r['transitions'] for r in rows)} rows={reached}/{total} "
        f"violations={violations} mutants={len(MUTANTS) - escaped}/{len(MUTANTS)}"
    )
    done = all(row["exhausted"] for row in rows)
    return int(bool(violations or escaped or missing or not done))


if __name__ == "__main__":
    sys.exit(main())
