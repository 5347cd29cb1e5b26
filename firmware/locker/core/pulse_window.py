"""The time in which one pulse keeps every other one away."""

from locker.core import ticks


class Window:
    """The time from a pulse until the next one may start. While it is open for some doors
    (``firing``: their mask), no other door may move; ``resting`` is the pause of gap_ms
    after it.
    """

    def __init__(self, gap_ms: int) -> None:
        self._gap_ms = gap_ms
        self.firing = 0
        self.resting = False
        self.ends_at = 0

    def open(self, bit: int, ends_at: int) -> None:
        """A pulse on the door of this bit has been asked for."""
        self.firing |= bit
        self.ends_at = ends_at

    def tick(self, now: int) -> None:
        """Close, rest, be free."""
        if self.firing and ticks.due(now, self.ends_at):
            self.rest(now)
        elif self.resting and ticks.due(now, self.ends_at):
            self.resting = False

    def rest(self, now: int) -> None:
        """Close now."""
        self.firing = 0
        self.resting = True
        self.ends_at = ticks.add(now, self._gap_ms)

    def abandon(self, now: int) -> None:
        """Close now; its pulse may still run, so rest as if it had stayed open."""
        self.rest(self.ends_at if self.firing else now)

    @property
    def busy(self) -> bool:
        """True while no other pulse may start; ``ends_at`` is then a deadline."""
        return bool(self.firing) or self.resting
