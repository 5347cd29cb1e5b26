"""The unit tests once more, on the MicroPython unix port: the same files, one process each."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
RUNNER = REPO / "tests" / "run_on_micropython.py"
INTERPRETER = Path(sys.executable).with_name("micropython")
FILES = sorted((REPO / "tests" / "unit").rglob("test_*.py"))

# A Pico W leaves about 190 KB to its program, and objects of this 64-bit port are about twice as
# large: this is half a Pico's heap, and it also holds the tests and the compiler. A leak test, no
# proof that the firmware fits; the largest file needs 160 KB.
HEAP_KB = 200
PATH = ("firmware", "tests/fakes", "build/vendor")
LIMIT_S = 60
LAST_LINE = re.compile(r"(\d+) passed, (\d+) failed")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The unix port, with the firmware's source on its path and its own modules as on a board."""
    path = ":".join([*(str(REPO / folder) for folder in PATH), ".frozen"])
    return subprocess.run(
        [INTERPRETER, "-X", f"heapsize={HEAP_KB}k", *arguments],
        env=os.environ | {"MICROPYPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
    )


@pytest.fixture(scope="session")
def version() -> str:
    """As the interpreter itself names it, such as '1.29.0-preview'."""
    asked = "import sys; v = sys.implementation.version; print('.'.join(map(str, v[:3])), *v[3:])"
    return "-".join(run("-c", asked).stdout.split())


@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: file.relative_to(REPO / "tests").as_posix()
)
def test_unit_file(file, version, record_property):
    done = run(str(RUNNER), str(file))
    counts = LAST_LINE.fullmatch((done.stdout.splitlines() or [""])[-1])
    assert done.returncode == 0 and counts, done.stdout
    record_property("micropython", (version, HEAP_KB, int(counts[1])))
