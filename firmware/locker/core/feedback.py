"""What one input on the coils' common return says about drivers and coils: current without a
command, or a command without current. Imported only for a board that has the input.
"""

from locker.core import faults, ticks
from micropython import const

_DECAY_MS = const(100)  # a coil's current dies out through its diode in less than half of that
_LOOKS_MIN = const(2)  # samples in a pulse before its silence means anything


class Feedback:
    """Call check() with every door step."""

    def __init__(self) -> None:
        self._looks = 0
        self._seen = False
        self._stray = False
        self._stray_at = 0

    def check(self, flows: bool, firing: bool, now: int) -> int:
        """One sample: DRIVER_WELDED again every 100 ms while it lasts, COIL_OPEN once after a
        pulse, or NONE.
        """
        if firing:
            self._looks += 1
            self._seen = self._seen or flows
            self._stray = False
            return faults.NONE
        if self._looks:
            silent = self._looks >= _LOOKS_MIN and not self._seen
            self._looks = 0
            self._seen = False
            return faults.COIL_OPEN if silent else faults.NONE
        return self._without_command(flows, now)

    def _without_command(self, flows: bool, now: int) -> int:
        if not flows:
            self._stray = False
        elif not self._stray:
            self._stray = True
            self._stray_at = now
        elif ticks.diff(now, self._stray_at) >= _DECAY_MS:
            self._stray_at = now
            return faults.DRIVER_WELDED
        return faults.NONE
