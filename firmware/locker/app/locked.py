"""A station that must not run: coils off, display and red lamp say so, nothing else."""

from locker.core import messages, ticks
from locker.core.messages import lines, page
from locker.drivers.display import Display
from locker.drivers.signals import Signals
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.ports import Hal

_PERIOD_MS = const(20)
_PAGE_MS = const(2_500)


class LockedTask:
    """number, text: why, as shown to people. Feeds the watchdog, which arms it, but not in safe
    mode.
    """

    def __init__(
        self,
        hal: "Hal",
        display: "dict[str, Any]",
        number: int,
        text: str,
        safe_mode: bool = False,
    ) -> None:
        self._system = None if safe_mode else hal.system
        self._signals = Signals(hal.signals)
        self._signals.set("safe_mode" if safe_mode else "out_of_service")
        self._rows = display["rows"]
        self._display = Display(hal.i2c, display["address"], display["columns"], self._rows)
        self._lines = lines(messages.OUT_OF_ORDER, e=number, t=text)
        self._started = hal.system.ticks_ms()
        hal.coils.abort()

    def step(self, now: int) -> int:
        """Keep saying so."""
        turn = ticks.diff(now, self._started) // _PAGE_MS
        self._display.show(page(self._lines, self._rows, turn))
        self._display.step(now)
        self._signals.step(now)
        if self._system:
            self._system.feed()
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """Nothing to do: the next step draws again."""
