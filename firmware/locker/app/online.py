"""Brings the network in when the doors work already. People are asked to wait for the radio's
start, which stands in the way of their keys for most of a second. The modules come in while it
joins; before that where the radio needs what they leave of the memory.
"""

import gc

from locker.app import settled
from locker.app.boot_guard import drop, room
from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.app.desk import Desk
    from locker.app.panel_task import PanelTask
    from locker.app.reactor import Reactor
    from locker.app.report_task import ReportTask
    from locker.app.station import Station

_PERIOD_MS = const(10)
_IDLE_MS = const(1_000)
_RETRY_MS = const(300_000)  # so seldom that the supervisor does not restart for it
# One of each bundle (lockerctl.program), in the order of their own imports, so that a step brings
# in one: up to 30 ms on a Pico W, less than a key is held down.
_MODULES = (
    "locker.net.stream",
    "umqtt.simple",
    "locker.net.mqtt",
    "locker.net.uplink",
    "locker.app.report_task",
)
_LET_GO = const(0)
_RADIO = const(1)
_LOAD = const(2)  # a module, then what that left behind, and so on


class OnlineTask:
    """Stands in the place of the report task until that can be made.

    panel: asks people to wait; config: station.json; command_key: root of what the host signs.
    """

    def __init__(  # noqa: PLR0913 - what the report task needs, and the panel
        self,
        station: "Station",
        desk: "Desk",
        panel: "PanelTask",
        command_key: bytes,
        config: "dict[str, Any]",
        reactor: "Reactor",
    ) -> None:
        self._station = station
        self._desk = desk
        self._panel = panel
        self._command_key = command_key
        self._config = config
        self._reactor = reactor
        self._stage = _LET_GO
        self._made: ReportTask | None = None
        self._joins_since: int | None = None
        self._retry_at: int | None = None
        station.hal.link.configure(config["wifi"])
        station.session.close()

    def step(self, now: int) -> int:
        """The radio, then a part of the modules a step; at last the report task takes over."""
        if self._retry_at is not None and not ticks.due(now, self._retry_at):
            return _IDLE_MS
        # What people are to read comes first, and no door waits for a step of these.
        if self._stage < _RADIO or self._panel.is_shown and not self._station.solenoid.busy():
            self._take(self._stage, now)
            self._stage += 1
        return _PERIOD_MS

    def _take(self, stage: int, now: int) -> None:
        if stage == _LET_GO:
            settled.composed()
            drop("app.compose")
        elif stage == _RADIO:
            if not self._station.hal.radio_shares_heap:
                self._join(now)
                self._station.session.open()
        elif stage < _LOAD + 2 * len(_MODULES):
            loaded, has_garbage = divmod(stage - _LOAD, 2)
            if has_garbage:
                gc.collect()  # what an import leaves behind would split the heap
            else:
                __import__(_MODULES[loaded])
        elif self._made is None:
            del room[1:]
            self._made = self._report()
        else:
            self._hand_over(self._made, now)

    def _hand_over(self, report: "ReportTask", now: int) -> None:
        settled.connected()
        room.clear()
        self._reactor.replace(self, report)
        drop("app.online", "app.settled")
        if self._station.hal.radio_shares_heap:
            try:
                report.step(now)  # the radio's start
            finally:
                self._station.session.open()

    def recover(self, now: int) -> None:
        """People are served without the network; it is tried again."""
        self._station.session.open()
        self._retry_at = ticks.add(now, _RETRY_MS)

    def _join(self, now: int) -> None:
        try:
            self._station.hal.link.join()
            self._joins_since = now
        except OSError:
            return  # the link's keeper tries again

    def _report(self) -> "ReportTask":
        from locker.app.report_task import ReportTask
        from locker.core import wire
        from locker.net import uplink

        station, config = self._station, self._config
        report = ReportTask(station, self._desk, self._command_key, config["heartbeat_s"])
        topics = (report.topic("cmd"), report.topic("ack"), report.topic("time"))
        will = (report.topic("state"), wire.state(False, station.boot, wire.FIRMWARE))
        link, mqtt = uplink.make(station.hal, config, topics, will, report, self._joins_since)
        report.attach(link, mqtt, self._reactor)
        return report
