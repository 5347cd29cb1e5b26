"""tests/run_on_micropython.py on the unix port, and the rule that nothing is skipped in CI."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
RUNNER = TESTS / "run_on_micropython.py"
MICROPYTHON = Path(sys.executable).with_name("micropython")


def run(folder, *sources, interpreter=MICROPYTHON):
    paths = []
    for number, source in enumerate(sources):
        path = folder / f"test_sample_{number}.py"
        path.write_text(source)
        paths.append(path)
    done = subprocess.run([interpreter, RUNNER, *paths], capture_output=True, text=True)
    return done.returncode, done.stdout


def test_it_counts_over_all_files(tmp_path):
    code, out = run(tmp_path, "def test_a(): pass\ndef test_b(): pass\n", "def test_c(): pass\n")
    assert (code, out) == (0, "3 passed, 0 failed\n")


@pytest.mark.parametrize(
    "interpreter", [MICROPYTHON, sys.executable], ids=["micropython", "cpython"]
)
def test_a_failure_is_named_and_the_rest_still_runs(tmp_path, interpreter):
    source = "def test_a(): assert 1 == 2, 'no'\ndef test_b(): pass\n"
    code, out = run(tmp_path, source, interpreter=interpreter)
    assert code == 1
    assert out.endswith("1 passed, 1 failed\n")
    assert "test_sample_0.py::test_a" in out


def test_the_traceback_of_a_failure_is_shown(tmp_path):
    _, out = run(tmp_path, "def test_a(): assert 1 == 2, 'no'\n")
    assert "line 1, in test_a\nAssertionError: no" in out


def test_a_file_that_cannot_be_imported_fails(tmp_path):
    code, out = run(tmp_path, "import nothing_like_it\n", "def test_c(): pass\n")
    assert code == 1
    assert "ImportError" in out
    assert out.endswith("1 passed, 1 failed\n")


def test_no_tests_at_all_is_a_failure(tmp_path):
    assert run(tmp_path, "x = 1\n") == (1, "0 passed, 0 failed\n")


SKIPS = """
import pytest
def test_runs(): pass
@pytest.mark.skip(reason="no glass")
def test_skipped(): pass
@pytest.mark.xfail(reason="to do")
def test_expected(): assert False
"""


def pytest_on(folder, source, *options):
    """(exit code, output) of pytest with our conftest on one file."""
    shutil.copy(TESTS / "conftest.py", folder)
    (folder / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *options, str(folder)],
        env={"CI": ""},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_skips_and_expected_failures_pass_at_home_only(tmp_path):
    assert pytest_on(tmp_path, SKIPS)[0] == 0
    code, out = pytest_on(tmp_path, SKIPS, "--no-skips")
    assert code == 1
    assert "1 failed, 1 passed, 1 error" in out
    assert "no glass (no test may be skipped here)" in out


def test_a_module_that_skips_itself_fails_in_ci(tmp_path):
    source = "import pytest\npytest.importorskip('nothing_like_it')\ndef test_a(): pass\n"
    code, out = pytest_on(tmp_path, source, "--no-skips")
    assert code != 0
    assert "nothing_like_it" in out


def test_the_summary_names_the_interpreter(tmp_path):
    _, out = pytest_on(tmp_path, "def test_a(): pass\n")
    assert "CPython 3." in out and ": 1 tests" in out
