"""QoS 1 publishes that wait for their PUBACK."""

from locker.core import ticks
from micropython import const

_PLACES = const(8)


class Flight:
    """A fixed table of packet ids and the time each was queued; id 0 marks a free place."""

    def __init__(self) -> None:
        self._pids = [0] * _PLACES
        self._since = [0] * _PLACES

    @property
    def full(self) -> bool:
        return 0 not in self._pids

    def clear(self) -> None:
        """Forget them all: the connection is gone."""
        for place in range(_PLACES):
            self._pids[place] = 0

    def add(self, pid: int, now: int) -> None:
        """Note a publish queued at ``now``. Raises ValueError when the table is full."""
        place = self._pids.index(0)
        self._pids[place] = pid
        self._since[place] = now

    def take(self, pid: int) -> bool:
        """Remove an acknowledged id; False when none such was on its way."""
        if pid == 0 or pid not in self._pids:
            return False
        self._pids[self._pids.index(pid)] = 0
        return True

    def late(self, now: int, limit_ms: int) -> bool:
        """True when one has waited for limit_ms or longer."""
        for place in range(_PLACES):
            if self._pids[place] and ticks.diff(now, self._since[place]) >= limit_ms:
                return True
        return False
