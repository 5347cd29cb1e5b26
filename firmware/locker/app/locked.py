"""A station that must not run: coils off, display and red lamp say so, the host is told when that
can be done, nothing else.
"""

import gc

from locker.app.boot_guard import drop
from locker.app.stored import stored_settings
from locker.core import messages, ticks
from locker.core.messages import lines, page
from locker.drivers.display import Display
from locker.drivers.signals import Signals
from locker.storage import texts
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.app.reactor import Reactor
    from locker.ports import Hal

_PERIOD_MS = const(20)
_PAGE_MS = const(2_500)
_REPORT_AFTER_MS = const(2_000)  # the display comes first
_RETRY_MS = const(60_000)


class LockedTask:
    """number, text: why, as shown to people; folder: of the station. Feeds the watchdog, which
    arms it, but not in safe mode.
    """

    def __init__(  # noqa: PLR0913 - why and where
        self,
        hal: "Hal",
        display: "dict[str, Any]",
        number: int,
        text: str,
        safe_mode: bool = False,
        folder: str = ".",
    ) -> None:
        self._system = None if safe_mode else hal.system
        self._signals = Signals(hal.signals)
        self._signals.set("safe_mode" if safe_mode else "out_of_service")
        self._rows = display["rows"]
        self._started = hal.system.ticks_ms()
        columns = display["columns"]
        self._display = Display(hal.i2c, display["address"], columns, self._rows, self._started)
        self._lines = lines(
            texts.text(folder + "/texts/", 0, messages.OUT_OF_ORDER), e=number, t=text
        )
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


class ReportLater:
    """Writes the refusal down once, then stands in the place of the task that tells the host,
    until that can be made: not without usable settings, and not when what it needs is what fails.
    name: of the file that is refused, '' in safe mode, which writes nothing.
    """

    def __init__(  # noqa: PLR0913 - why, and what for
        self, reactor: "Reactor", hal: "Hal", number: int, problems: "list[str]", name: str = ""
    ) -> None:
        self._reactor = reactor
        self._hal = hal
        self._number = number
        self._problems = problems
        self._unwritten = name
        self._head: tuple[int, bytes] | None = None
        self._at = ticks.add(hal.system.ticks_ms(), _REPORT_AFTER_MS)

    def step(self, now: int) -> int:
        """Try now and then."""
        if ticks.due(now, self._at):
            if self._unwritten:
                self._write()
                return _PERIOD_MS
            self._at = ticks.add(now, _RETRY_MS)
            self._start()
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """The next try may be luckier."""

    def _write(self) -> None:
        """Tried once: what fails is printed, and the host is told all the same."""
        name, self._unwritten = self._unwritten, ""
        from locker.app.refusal import journalled

        self._head = journalled(".", self._number, name)
        drop("app.refusal")

    def _start(self) -> None:
        config, wrong = stored_settings("station.json")
        if wrong:
            return
        gc.collect()
        from locker.app.locked_report import LockedReport, last_boot

        boot = last_boot("cells")
        report = LockedReport(self._hal, config, self._number, self._problems, boot, self._head)
        self._reactor.replace(self, report)
