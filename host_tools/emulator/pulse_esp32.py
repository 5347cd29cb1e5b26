"""What can be said of the ESP32's pulse without its clock: the symbols that the RMT would send."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from .errors import EmulatorError

_END_S = 30.0
_TOLERANCE = 0.01
_TICKS_HZ = 80_000_000 // 255
_SEGMENT_TICKS = 32_767  # fifteen bits
_SEGMENTS = 94  # of the 48 symbols of a block, less the end mark

# The driver's own code on MicroPython. argv: duty_percent, ticks_hz, on_ms...
_TOOL = """\
import json, sys
from locker.drivers.train import rests_for, train
duty, hz, *times = [int(text) for text in sys.argv[1:]]
rests = rests_for(duty)
print(json.dumps([(ms, train(ms, rests, hz), train(ms, 0, hz)) for ms in times]))
"""


def symbols_problem(coils: dict[str, Any], firmware: Path, interpreter: str) -> str:
    """What is wrong with the trains of these coils of a board.json, or ''.

    Shortest, usual and longest pulse: each one block, one on-time of the right length, an off-time
    that keeps the duty, and an enable that ends with it. Raises EmulatorError.
    """
    duty = coils["duty_percent"]
    times = (1, coils["pulse_ms"], coils["limit_ms"])
    for on_ms, coil, enable in _trains(duty, times, firmware, interpreter):
        on_ticks, problem = _look(*coil)
        enable_ticks, enable_problem = _look(*enable)
        if problem or enable_problem:
            return f"{on_ms} ms: {problem or enable_problem}"
        if abs(on_ticks / _TICKS_HZ * 1000 - on_ms) > on_ms * _TOLERANCE:
            return f"{on_ms} ms: {on_ticks} ticks on"
        if enable_ticks != on_ticks or not all(enable[1]):
            return (
                f"{on_ms} ms: the enable is on for {enable_ticks} ticks, the coil for {on_ticks}"
            )
        if on_ticks * 100 > sum(coil[0]) * duty:
            return f"{on_ms} ms: on more than {duty} % when fired for ever"
    return ""


def _look(durations: list[int], levels: list[bool]) -> tuple[int, str]:
    """Ticks on, and what is wrong with the form of a train."""
    on_ticks = sum(ticks for ticks, level in zip(durations, levels, strict=True) if level)
    if len(durations) > _SEGMENTS:
        return on_ticks, "more than one block"
    if not all(0 < ticks <= _SEGMENT_TICKS for ticks in durations):
        return on_ticks, "a segment that is no segment"
    if levels != sorted(levels, reverse=True):
        return on_ticks, "more than one on-time"
    return on_ticks, ""


def _trains(duty: int, times: tuple[int, ...], firmware: Path, interpreter: str) -> Any:
    done = subprocess.run(
        [interpreter, "-c", _TOOL, *map(str, (duty, _TICKS_HZ, *times))],
        cwd=firmware,
        capture_output=True,
        text=True,
        check=False,
        timeout=_END_S,
    )
    if done.returncode:
        raise EmulatorError(
            f"the trains cannot be computed: {(done.stdout + done.stderr).strip()}"
        )
    return json.loads(done.stdout)
