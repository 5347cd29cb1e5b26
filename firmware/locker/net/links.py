"""Keeps the station's network interface joined and tells when it comes and goes."""

from locker.core import ticks
from locker.net.backoff import Backoff
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable

    from locker.ports import LinkPort

# What poll() answers.
SAME = const(0)
CAME_UP = const(1)
WENT_DOWN = const(2)

# Long enough for association and DHCP on a busy access point.
_JOIN_MS = const(20_000)


class LinkKeeper:
    """Joins, waits, and after a failure joins again with back-off.

    joins_since: the port has been told to, at these ticks.
    """

    def __init__(
        self,
        port: "LinkPort",
        random: "Callable[[int], bytes]",
        joins_since: "int | None" = None,
    ) -> None:
        self._port = port
        self._backoff = Backoff(random)
        self._joining = joins_since is not None
        self._join_by = ticks.add(joins_since or 0, _JOIN_MS)
        self.up = False

    def poll(self, now: int) -> int:
        """One small step at ``now`` (ticks): SAME, CAME_UP or WENT_DOWN."""
        if self._port.is_up():
            return SAME if self.up else self._came_up()
        if self.up:
            return self._went_down(now)
        if self._joining and ticks.due(now, self._join_by):
            self._joining = False
            self._backoff.failed(now)
        if not self._joining and self._backoff.ready(now):
            self._join(now)
        return SAME

    def rssi_dbm(self) -> int:
        """0 when unknown or down."""
        return self._port.rssi_dbm() if self.up else 0

    def _join(self, now: int) -> None:
        self._joining = True
        self._join_by = ticks.add(now, _JOIN_MS)
        try:
            self._port.join()
        except OSError:
            # ESP32 says so when its radio is still busy with the last attempt.
            self._joining = False
            self._backoff.failed(now)

    def _came_up(self) -> int:
        self.up = True
        self._joining = False
        self._backoff.reset()
        return CAME_UP

    def _went_down(self, now: int) -> int:
        self.up = False
        # A random pause: an access point that restarts is not joined by everybody in the same
        # second.
        self._backoff.failed(now)
        return WENT_DOWN
