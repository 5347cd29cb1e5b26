"""Brings the network in when the doors work already. People are asked to wait for it: the radio's
start stands in the way of their keys for most of a second.
"""

import gc

from locker.app.boot_guard import drop, room
from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.app.desk import Desk
    from locker.app.reactor import Reactor
    from locker.app.report_task import ReportTask
    from locker.app.station import Station

_PERIOD_MS = const(10)
_IDLE_MS = const(1_000)
_RETRY_MS = const(300_000)  # so seldom that the supervisor does not restart for it
# One of each bundle (lockerctl.program), in the order of their own imports, so that a step brings
# in one: up to 90 ms on a Pico W.
_MODULES = (
    "locker.net.stream",
    "locker.net.mqtt",
    "locker.net.uplink",
    "locker.app.report_task",
)


class OnlineTask:
    """Stands in the place of the report task until that can be made.

    config: station.json; command_key: root of what the host signs.
    """

    def __init__(
        self,
        station: "Station",
        desk: "Desk",
        command_key: bytes,
        config: "dict[str, Any]",
        reactor: "Reactor",
    ) -> None:
        self._station = station
        self._desk = desk
        self._command_key = command_key
        self._config = config
        self._reactor = reactor
        self._loaded = 0
        self._has_let_go = False
        self._retry_at: int | None = None
        station.session.close()

    def step(self, now: int) -> int:
        """One bundle of modules; after the last one the report task takes over."""
        if self._retry_at is not None and not ticks.due(now, self._retry_at):
            return _IDLE_MS
        if not self._has_let_go:
            self._has_let_go = True
            _let_go(is_connected=False)
            drop("app.compose")
        elif self._loaded < len(_MODULES):
            __import__(_MODULES[self._loaded])
            self._loaded += 1
            gc.collect()  # what an import leaves behind would split the heap
        else:
            del room[1:]
            report = self._report()
            self._reactor.replace(self, report)
            drop("app.online")
            try:
                _let_go(is_connected=True)
                report.step(now)  # the radio's start
            finally:
                self._station.session.open()
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """People are served without the network; it is tried again."""
        self._station.session.open()
        self._retry_at = ticks.add(now, _RETRY_MS)

    def _report(self) -> "ReportTask":
        from locker.app.report_task import ReportTask
        from locker.core import wire
        from locker.net import uplink

        station, config = self._station, self._config
        report = ReportTask(
            station, self._desk, station.name, self._command_key, config["heartbeat_s"]
        )
        topics = (report.topic("cmd"), report.topic("ack"), report.topic("time"))
        will = (report.topic("state"), wire.state(False, station.boot, wire.FIRMWARE))
        link, mqtt = uplink.make(station.hal, config, topics, will, report)
        report.attach(link, mqtt, self._reactor)
        return report


def _let_go(is_connected: bool) -> None:
    """What the start needed and nothing will need again."""
    from locker.app import settled

    try:
        if is_connected:
            settled.connected()
            room.clear()
        else:
            settled.composed()
    finally:
        del settled
        drop("app.settled")
