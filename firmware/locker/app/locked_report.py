"""A locked station tells the host why, when its network settings are still to be had. It takes no
commands.
"""

from locker.core import counters, ticks, wire
from locker.net import uplink
from locker.storage.cells import Cells
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.ports import Hal

_PERIOD_MS = const(20)
_REST_MS = const(10_000)
_PROBLEMS_MAX = const(3)


class LockedReport:
    """number, problems: why it is locked; config: station.json; boot: number of the last boot
    that was counted, 0 when that is lost; head: of the journal, if that can be read.
    """

    def __init__(  # noqa: PLR0913 - why, and what for
        self,
        hal: "Hal",
        config: "dict[str, Any]",
        number: int,
        problems: "list[str]",
        boot: int,
        head: "tuple[int, bytes] | None" = None,
    ) -> None:
        self._name = config["station"]
        self._heartbeat_ms = config["heartbeat_s"] * 1000
        more = wire.head(*head) if head else {}
        self._state = wire.state(True, boot, wire.FIRMWARE, e=number, **more)
        report = {"v": wire.VERSION, "b": boot, "e": [number], "why": problems[:_PROBLEMS_MAX]}
        self._report = wire.encode(report)
        will = (self._topic("state"), wire.state(False, boot, wire.FIRMWARE, e=number))
        hal.link.configure(config["wifi"])
        self._link, self._mqtt = uplink.make(hal, config, (), will, self)
        self._rest_until = self._report_at = hal.system.ticks_ms()
        self._greeted = False

    def step(self, now: int) -> int:
        """Move the link and the session on, then at most one message."""
        if not ticks.due(now, self._rest_until):
            return _PERIOD_MS
        if self._link.poll(now) and not self._link.up:
            self._mqtt.hang_up()
        if self._link.up:
            self._mqtt.poll(now)
        if not self._mqtt.up:
            self._greeted = False
        elif not self._greeted:
            self._greeted = self._mqtt.publish(self._topic("state"), self._state, 1, True) > 0
            self._report_at = now
        elif ticks.due(now, self._report_at):
            self._mqtt.publish(self._topic("hb"), self._report, 0, False)
            self._report_at = ticks.add(now, self._heartbeat_ms)
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """A step failed: start over, but not at once."""
        self._mqtt.hang_up()
        self._rest_until = ticks.add(now, _REST_MS)

    def on_message(self, topic: bytes, payload: bytes, retained: bool) -> None:
        """Nothing is subscribed to."""

    def on_acked(self, pid: int) -> None:
        """Nothing waits for it."""

    def _topic(self, leaf: str) -> bytes:
        return wire.topic(self._name, leaf).encode()


def last_boot(folder: str) -> int:
    """By the counters cell in this folder; 0 when it cannot be read."""
    numbers = counters.Counters()
    payload = Cells(folder).load(counters.CELL)
    if payload is not None:
        numbers.unpack(payload)
    return numbers.boot
