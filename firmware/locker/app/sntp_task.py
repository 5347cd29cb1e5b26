"""Asks a plain SNTP server now and then. Its word corrects the clock within what it allows for
anyway; when it says something else the operator is told, and nothing changes.
"""

from locker.core import faults, ticks
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.net.sntp import Sntp

_PERIOD_MS = const(1_000)
_WAIT_MS = const(20)
_EVERY_MS = const(3_600_000)
_AGAIN_MS = const(600_000)
_SLOWER_MS = const(86_400_000)  # the server asked for fewer questions


class SntpTask:
    """host: numeric address of the server. Loaded when station.json names one."""

    def __init__(self, station: "Station", host: str) -> None:
        self._station = station
        self._host = host
        self._client: Sntp | None = None
        self._asking = False
        self._refused = False
        noise = station.hal.system.random(1)[0]  # not all stations of a site in the same second
        self._ask_at = ticks.add(station.hal.system.ticks_ms(), 60_000 + noise * 1000)

    def step(self, now: int) -> int:
        """Ask when it is time and there is a link, or look for the answer."""
        if self._asking and self._client is not None:
            self._listen(self._client, now)
        elif ticks.due(now, self._ask_at) and not self._refused:
            self._ask(now)
        return _WAIT_MS if self._asking else _PERIOD_MS

    def recover(self, now: int) -> None:
        """A question under way is given up."""
        self._asking = False
        self._ask_at = ticks.add(now, _AGAIN_MS)

    def _ask(self, now: int) -> None:
        self._ask_at = ticks.add(now, _AGAIN_MS)
        if not self._station.hal.link.is_up():
            self._ask_at = ticks.add(now, _PERIOD_MS * 10)
        elif self._client is None:
            import socket

            from locker.net.sntp import Sntp

            self._client = Sntp(socket, self._host, self._station.hal.system.random)
            self._ask_at = now
        else:
            self._asking = self._client.ask(now)

    def _listen(self, client: "Sntp", now: int) -> None:
        from locker.net import sntp

        found = client.poll(now)
        if found == sntp.WAITING:
            return
        self._asking = False
        if found == sntp.TOLD:
            self._ask_at = ticks.add(now, _EVERY_MS)
            self._weigh(client, now)
        elif found == sntp.KISS_RATE:
            self._ask_at = ticks.add(now, _SLOWER_MS)
        elif found == sntp.KISS_DENY:
            self._refused = True  # until the next start

    def _weigh(self, client: "Sntp", now: int) -> None:
        station = self._station
        fault = station.clock.hint(client.at, client.error_ms, now)
        if fault != faults.CLOCK_UNSYNCED:
            station.note_health(faults.SNTP_DISAGREES, fault != faults.NONE, now)
