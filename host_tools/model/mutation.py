"""``make mutants``: small mechanical changes of the door core, each of which a unit test must
notice or ``survivors.py`` must explain. cosmic-ray makes them, in copies of the tree.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from model.survivors import reason

_ROOT = Path(__file__).resolve().parents[2]
_WORK = _ROOT / "build" / "mutation"
_MODULES = ("bank", "doors", "contacts")
_TESTS = ("door_limits", "contacts", "bank_unread", "bank_limits", "second_reed", "doors", "bank")
_COPIED = ("firmware/locker", "tests/unit/core", "tests/fakes", "host_tools/micropython")
_RUNNER = "tests/run_on_micropython.py"
# Of the eleven ways to replace an operator one or two are kept, and "is" is no comparison of
# numbers.
_CONFIG = """
[cosmic-ray]
module-path = "firmware/locker/core/{module}.py"
timeout = 10.0
excluded-modules = []
test-command = "{python} -S -B {runner} {tests}"
distributor.name = "local"
[cosmic-ray.filters.operators-filter]
exclude-operators = [
  "core/ReplaceBinaryOperator_(?!{binary})",
  "core/ReplaceComparisonOperator_.*_Is(Not)?$",
  "core/ReplaceUnaryOperator_(Invert|USub)_",
]
"""
_BINARY = (
    "Add_Sub$|Sub_Add$|Mul_Add$|BitAnd_BitOr$|BitOr_BitAnd$|BitXor_BitAnd$|BitXor_BitOr$"
    "|LShift_RShift$|RShift_LShift$"
)
_ROWS = (
    "select start_pos_row, operator_name, test_outcome, diff from mutation_specs"
    " join work_results using (job_id) where worker_outcome != 'SKIPPED' order by 1, 2"
)


def run(module: str) -> list[tuple[int, str, str, str]]:
    """Every mutant of one module: (line, operator, outcome, the changed line)."""
    folder = _WORK / module
    shutil.rmtree(folder, ignore_errors=True)
    for path in _COPIED:
        shutil.copytree(_ROOT / path, folder / path, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / _RUNNER, folder / _RUNNER)
    tests = " ".join(f"tests/unit/core/test_{name}.py" for name in _TESTS)
    config = _CONFIG.format(
        module=module, python=sys.executable, runner=_RUNNER, tests=tests, binary=_BINARY
    )
    (folder / "cosmic.toml").write_text(config)
    for command in (
        ["cosmic-ray", "baseline", "cosmic.toml"],
        ["cosmic-ray", "init", "cosmic.toml", "run.sqlite"],
        ["cr-filter-operators", "run.sqlite", "cosmic.toml"],
        ["cosmic-ray", "exec", "cosmic.toml", "run.sqlite"],
    ):
        _call(command, folder)
    with sqlite3.connect(folder / "run.sqlite") as found:
        return [
            (row, name[5:], out, _after(diff)) for row, name, out, diff in found.execute(_ROWS)
        ]


def _call(command: list[str], folder: Path) -> None:
    # A stale .pyc would hide a mutant of the same second and size.
    env = {
        **os.environ,
        "PYTHONPATH": "firmware:host_tools:tests/fakes",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    tool = [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    done = subprocess.run(tool, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"mutants: {' '.join(command)}\n{(done.stdout + done.stderr)[-2000:]}")


def _after(diff: str) -> str:
    """The first line that a mutation put in."""
    added = [row[1:].strip() for row in diff.splitlines() if row[:1] == "+" and row[:2] != "++"]
    return added[0] if added else "(a line less)"


def main() -> int:
    """0 when every mutant was killed or is explained."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = dict(zip(_MODULES, pool.map(run, _MODULES), strict=True))
    total = killed = equivalent = 0
    for module, mutants in rows.items():
        for line, name, outcome, after in mutants:
            total += 1
            killed += outcome == "KILLED"
            if outcome == "KILLED":
                continue
            why = reason(module, name, after)
            equivalent += why is not None
            print(f"{module}.py:{line} {name}: {after}\n    {why or 'SURVIVED'}")
    survived = total - killed - equivalent
    print(f"mutants={total} killed={killed} equivalent={equivalent} survived={survived}")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
