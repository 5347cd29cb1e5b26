"""A timer of the chip as ports.Every."""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Ticker:
    """timer: a machine.Timer; ticks_ms: the station's clock."""

    def __init__(self, timer: "Any", ticks_ms: "Callable[[], int]") -> None:
        self._timer = timer
        self._ticks_ms = ticks_ms
        self._free_at = ticks_ms()

    def every(self, period_ms: int, call: "Callable[[int], None]") -> None:
        """Begin; for one call only. However long it takes, half of the time is left to the main
        program.
        """
        self._call = call
        self._timer.init(period=period_ms, callback=self._tick)

    def _tick(self, _timer: "Any") -> None:
        began = self._ticks_ms()
        if not ticks.due(began, self._free_at):
            return
        self._call(began)
        ended = self._ticks_ms()
        self._free_at = ticks.add(ended, ticks.diff(ended, began))
