"""Runs tests/host/mqtt_station.py on either interpreter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from vendored import REPO, umqtt_folder

INTERPRETERS = ("cpython", "micropython")
SCRIPT = REPO / "tests" / "host" / "mqtt_station.py"
# The smallest heap that a test run fits; on this 64-bit port objects are twice as large as on a
# board.
HEAP = "144k"


def micropython() -> str:
    """The unix port beside this Python, or on PATH. Raises FileNotFoundError."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if not found:
        raise FileNotFoundError("micropython: run `make setup`")
    return found


class StationProcess:
    """The station script as a child process; ``report()`` waits for its JSON line."""

    def __init__(self, interpreter: str, port: int, want: int = 20, **config: Any) -> None:
        config = {"port": port, "want": want, "hear": 0, "limit_s": 60, "speed": 5, **config}
        self._child = subprocess.Popen(
            [*_command(interpreter), str(SCRIPT), json.dumps(config)],
            env={**os.environ, **_paths(interpreter)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def report(self, timeout_s: float = 90) -> dict[str, Any]:
        """What the station says at its end. Fails the test with its output when it raised."""
        output, _ = self._child.communicate(timeout=timeout_s)
        assert self._child.returncode == 0, output
        answer: dict[str, Any] = json.loads(output)
        return answer

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()

    @property
    def running(self) -> bool:
        return self._child.poll() is None


def _command(interpreter: str) -> list[str]:
    if interpreter == "cpython":
        code = "import sys, runpy; from vendored import use_umqtt; use_umqtt(); "
        return [
            sys.executable,
            "-c",
            code + "del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')",
        ]
    return [micropython(), "-X", f"heapsize={HEAP}"]


def _paths(interpreter: str) -> dict[str, str]:
    firmware = str(REPO / "firmware")
    if interpreter == "cpython":
        return {
            "PYTHONPATH": os.pathsep.join(
                [str(REPO / "tests" / "fakes"), firmware, *filter(None, sys.path)]
            )
        }
    return {"MICROPYPATH": f"{firmware}:{umqtt_folder()}:.frozen"}
