"""Whether the unit tests notice a change of one module of the core: each change is judged in a
process of its own, forked from one that has nothing of the core loaded.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import signal
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

_ROOT = Path(__file__).resolve().parents[2]
_TESTS = _ROOT / "tests" / "unit" / "core"
_PATH = (_ROOT / "firmware", _ROOT / "tests" / "fakes", _ROOT / "host_tools", _ROOT / "tests")
_MEMORY = 1 << 30

Job = TypeVar("Job")
Source = Callable[[], str]
Tests = dict[
    str, float
]  # files, in the order to run them: test_NAME.py -> CPU time it may take, s


def verdicts(
    jobs: Iterable[tuple[Job, str, Source]], tests: Tests, at_once: int
) -> Iterator[tuple[Job, bool]]:
    """For each job (anything, module, what makes its source): did a test notice? As they end."""
    running: dict[int, Job] = {}
    for job, module, source in jobs:
        if len(running) == at_once:
            yield _next_end(running)
        running[_fork(module, source, tests)] = job
    while running:
        yield _next_end(running)


def baseline_s(name: str) -> float:
    """CPU time of one file of tests on the code as it is. SystemExit when one fails."""
    source = (_ROOT / "firmware/locker/core/ticks.py").read_text
    _, status, used = os.wait4(_fork("ticks", source, {name: 60.0}), 0)
    if status:
        raise SystemExit(f"mutants: test_{name}.py fails on the code as it is")
    return used.ru_utime + used.ru_stime


def _next_end(running: dict[int, Job]) -> tuple[Job, bool]:
    pid, status = os.wait()
    return running.pop(pid), status != 0


def _fork(module: str, source: Source, tests: Tests) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    failed = 1
    try:
        _confine()
        _install(module, source())
        failed = _run(tests)
    finally:
        os._exit(failed)


def _confine() -> None:
    """Silent, and within bounds."""
    gc.freeze()  # the runner collects garbage before each test: not that of the parent
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def _install(module: str, source: str) -> None:
    """Load the source in the place of a module of the core."""
    sys.path[:0] = [str(folder) for folder in _PATH]
    package = importlib.import_module("locker.core")
    changed = types.ModuleType(f"locker.core.{module}")
    sys.modules[changed.__name__] = changed
    setattr(package, module, changed)
    exec(compile(source, f"{module}.py", "exec"), vars(changed))  # noqa: S102 - that is the job


def _run(tests: Tests) -> int:
    """1 as soon as one test fails, else 0; 2 when there is none. Killed when a file uses more CPU
    time than it may: a busy machine kills no mutant.
    """
    runner = importlib.import_module("run_on_micropython")
    passed = 0
    for name, cpu_s in tests.items():
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        now_passed, failures = runner.run([str(_TESTS / f"test_{name}.py")])
        passed += now_passed
        if failures:
            return 1
    return 0 if passed else 2
