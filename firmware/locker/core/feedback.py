"""What one input on the coils' common return says about drivers and coils: current without a
command, a command without current, or current that breaks off. Imported only for a board that has
the input.

The input is digital: how much flows it can not tell. A short is told by the supply's protection,
which takes the current away within the pulse.
"""

from locker.core import faults, ticks
from micropython import const

_DECAY_MS = const(100)  # a coil's current dies out through its diode in less than half of that
# Samples in a row before silence in a pulse means anything: the plunger's move dents the current
# for a few ms, and the pulse may have ended between asking for it and looking.
_LOOKS_MIN = const(2)


class Feedback:
    """Call check() with every door step."""

    def __init__(self) -> None:
        self._seen = False
        self._silent = 0  # looks in a row
        self._fault = faults.NONE
        self._stray = False
        self._stray_at = 0

    def check(self, flows: bool, firing: bool, now: int) -> int:
        """One sample: DRIVER_WELDED again every 100 ms while it lasts, COIL_OPEN or COIL_SHORT
        once after a pulse, or NONE.
        """
        if firing:
            self._stray = False
            self._look(flows)
            return faults.NONE
        fault, self._fault = self._fault, faults.NONE
        self._seen = False
        self._silent = 0
        return fault or self._without_command(flows, now)

    def _look(self, flows: bool) -> None:
        if not flows:
            self._silent += 1
            if self._silent == _LOOKS_MIN:
                self._fault = faults.COIL_SHORT if self._seen else faults.COIL_OPEN
            return
        self._silent = 0
        if not self._seen:
            self._seen = True
            self._fault = faults.NONE  # it came late

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
