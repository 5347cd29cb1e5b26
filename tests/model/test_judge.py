"""The judge of mutants: what a test notices, what none does, and what never ends."""

from pathlib import Path

import pytest

from model import judge
from model.survivors import EQUIVALENT, explanation

CORE = Path(__file__).resolve().parents[2] / "firmware" / "locker" / "core"
TESTS = {"feedback": 5.0}


def judged(old: str, new: str, cpu_s: float = 5.0) -> bool:
    """Does a test notice this change of the feedback input's rules?"""
    text = (CORE / "feedback.py").read_text()
    assert text.count(old) == 1
    jobs = [("the change", "feedback", lambda: text.replace(old, new))]
    ((job, noticed),) = judge.verdicts(jobs, {"feedback": cpu_s}, 2)
    assert job == "the change"
    return noticed


def test_a_change_that_a_test_notices():
    assert judged("_DECAY_MS = const(100)", "_DECAY_MS = const(10)")


def test_a_change_that_none_notices():
    assert not judged("_DECAY_MS = const(100)", "_DECAY_MS = const(0x64)")


def test_what_does_not_compile_or_load_is_noticed():
    assert judged("import faults, ticks", "import faults, tocks")
    assert judged("class Feedback:", "class Feedback")


def test_what_never_ends_is_stopped():
    begin = "        if self._looks:\n"
    assert judged(begin, "        while self._looks:\n            pass\n" + begin, cpu_s=0.5)


def test_several_at_once_each_get_their_own_verdict():
    text = (CORE / "feedback.py").read_text()
    changes = {"same": text, "wrong": text.replace("COIL_OPEN", "NONE")}
    jobs = [(name, "feedback", lambda name=name: changes[name]) for name in changes]
    assert dict(judge.verdicts(jobs, TESTS, 2)) == {"same": False, "wrong": True}


def test_tests_that_fail_on_the_code_as_it_is_end_the_run():
    assert 0 < judge.baseline_s("feedback") < 5
    with pytest.raises(SystemExit, match="as it is"):
        judge.baseline_s("no_such")


def test_an_explanation_is_for_one_module_one_operator_and_one_line():
    where, operator, part, _ = next(e for e in EQUIVALENT if e[0] == "bank" and e[1])
    assert explanation(where, f"core/X_{operator}", part)
    assert explanation("contacts", f"core/X_{operator}", part) is None
    assert explanation(where, "core/Other", part) is None
    assert explanation(where, f"core/X_{operator}", "something else") is None
