"""The judge of mutants: what a test notices, what none does, and what never ends. It works in a
process of its own here too: it must have nothing of the core loaded, and no other children.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from model import judge
from model.survivors import EQUIVALENT, explanation

CORE = Path(__file__).resolve().parents[2] / "firmware" / "locker" / "core"


def apart(do: Callable[..., Any], *arguments: object) -> Any:
    """What a function returns or raises in a process that has just started."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(do, *arguments).result()


def verdicts(changes: dict[str, str], cpu_s: float) -> dict[str, bool]:
    """By name: does a test notice this source of the feedback input's rules?"""
    jobs = [(name, "feedback", lambda name=name: changes[name]) for name in changes]
    return dict(judge.verdicts(jobs, {"feedback": cpu_s}, 2))


def judged(old: str, new: str, cpu_s: float = 5.0) -> bool:
    """Does a test notice this change?"""
    text = (CORE / "feedback.py").read_text()
    assert text.count(old) == 1
    noticed: bool = apart(verdicts, {"it": text.replace(old, new)}, cpu_s)["it"]
    return noticed


def test_a_change_that_a_test_notices():
    assert judged("_DECAY_MS = const(100)", "_DECAY_MS = const(10)")


def test_a_change_that_none_notices():
    assert not judged("_DECAY_MS = const(100)", "_DECAY_MS = const(0x64)")


def test_what_does_not_compile_or_load_is_noticed():
    assert judged("import faults, ticks", "import faults, tocks")
    assert judged("class Feedback:", "class Feedback")


def test_what_never_ends_is_stopped():
    begin = "        if not self._seen:\n"
    assert judged(begin, "        while self._seen:\n            pass\n" + begin, cpu_s=0.5)


def test_several_at_once_each_get_their_own_verdict():
    text = (CORE / "feedback.py").read_text()
    changes = {"same": text, "wrong": text.replace("COIL_OPEN", "NONE")}
    assert apart(verdicts, changes, 5.0) == {"same": False, "wrong": True}


def test_tests_that_fail_on_the_code_as_it_is_end_the_run():
    assert 0 < apart(judge.baseline_s, "feedback") < 5
    with pytest.raises(SystemExit, match="as it is"):
        apart(judge.baseline_s, "no_such")


def test_an_explanation_is_for_one_module_one_operator_and_one_line():
    where, operator, part, _ = next(e for e in EQUIVALENT if e[0] == "bank" and e[1])
    assert explanation(where, f"core/X_{operator}", part)
    assert explanation("contacts", f"core/X_{operator}", part) is None
    assert explanation(where, "core/Other", part) is None
    assert explanation(where, f"core/X_{operator}", "something else") is None
