"""`make power-cuts-emulated` with two cuts."""

import re
import subprocess
import sys

import pytest
from pico import IMAGE

RESULT = re.compile(
    r"cuts=2 sites=\d+ lost=0 replayed=0 mixed=0 unbootable=0 coil_on_after_reset=0\n\Z"
)


@pytest.mark.emulator
@pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images")
def test_two_cuts_on_the_real_image() -> None:
    command = [sys.executable, "-m", "power_cut.emulated", "--cuts", "2"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=1500, check=False)
    assert done.returncode == 0 and RESULT.search(done.stdout), done.stdout
    assert done.stdout.count("started in ") == 2
