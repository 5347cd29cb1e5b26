"""A contact with two resistors at its end, read as a voltage: what a loop of wire says, and
whether the wire can be believed. Imported only for a board that has such inputs.

The contact bridges one resistor; the other is in series with it. So the contact gives two levels
between the rails, and a wire that is cut, shorted or bridged on its way gives another one.
"""

from locker.core import ticks
from micropython import const

UNTOLD, REST, ACTIVE, CUT, SHORTED, FOREIGN = range(6)
NAMES = ("untold", "rest", "active", "cut", "shorted", "foreign")

# A loop's own levels lie between these two, well away from both.
SHORT_MV = const(200)
CUT_MV = const(2_800)  # the ESP32's converter reads no further than 3.1 V
_SLACK_MV = const(30)  # noise of both chips' converters
_SETTLE_MS = const(300)
_UNSTEADY_MS = const(2_000)


class Loop:
    """One input. ``state`` is UNTOLD until the first reading has settled, and never REST while
    the readings say otherwise: what settles nowhere in 2 s is FOREIGN.

    rest_mv, active_mv: its levels as measured on site; band_mv: how far it may be from them.
    """

    def __init__(self, rest_mv: int, active_mv: int, band_mv: int) -> None:
        self.state = UNTOLD
        self._bands = (
            (REST, rest_mv - band_mv, rest_mv + band_mv),
            (ACTIVE, active_mv - band_mv, active_mv + band_mv),
        )
        self._candidate = UNTOLD
        self._since = 0  # the candidate came
        self._steady = True
        self._unsteady_from = 0

    def update(self, mv: int, now: int) -> bool:
        """Take one reading, any number, every 100 ms or so; True when ``state`` changed."""
        told = self._told(mv)
        if told != self._candidate:
            if self._steady:
                self._steady = False
                self._unsteady_from = now
            self._candidate = told
            self._since = now
        if self._steady:
            return False
        if ticks.diff(now, self._since) >= _SETTLE_MS:
            self._steady = True
            return self._enter(told)
        return ticks.diff(now, self._unsteady_from) >= _UNSTEADY_MS and self._enter(FOREIGN)

    def _told(self, mv: int) -> int:
        """What one reading says. The state it is in reaches a little further."""
        if mv < SHORT_MV + self._slack(SHORTED):
            return SHORTED
        if mv >= CUT_MV - self._slack(CUT):
            return CUT
        for state, low, high in self._bands:
            slack = self._slack(state)
            if low - slack <= mv <= high + slack:
                return state
        return FOREIGN

    def _slack(self, state: int) -> int:
        return _SLACK_MV if state == self.state else 0

    def _enter(self, state: int) -> bool:
        changed = state != self.state
        self.state = state
        return changed
