"""A timer of the chip as ports.Every."""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Ticker:
    """timer: a machine.Timer; clock: the module time, whose ticks_ms() is the station's clock."""

    def __init__(self, timer: "Any", clock: "Any") -> None:
        self._timer = timer
        self._clock = clock
        self._ended = clock.ticks_ms()
        self._took_ms = 0

    def every(self, period_ms: int, call: "Callable[[int], None]") -> None:
        """Begin; for one call only. However long it takes, half of the time is left to the main
        program.
        """
        self._call = call
        self._timer.init(period=period_ms, callback=self._tick)

    def _tick(self, _timer: "Any") -> None:
        clock = self._clock
        began = clock.ticks_ms()
        if clock.ticks_diff(began, self._ended) < self._took_ms:
            return
        self._call(began)
        self._ended = clock.ticks_ms()
        self._took_ms = clock.ticks_diff(self._ended, began)
