"""Watches the supervised inputs: cabinet tamper and mains. Every 100 ms."""

from locker.core import faults, supervised
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.ports import AnalogPort

_PERIOD_MS = const(100)
# What an input says when it is active, and when its wire cannot be believed.
_FAULTS = {
    "tamper": (faults.TAMPERED, faults.TAMPER_UNTOLD),
    "mains": (faults.MAINS_FAILED, faults.MAINS_UNTOLD),
}


class InputsTask:
    """inputs: figures of each input by its name in board.json."""

    def __init__(
        self, station: "Station", analog: "AnalogPort", inputs: "dict[str, dict[str, int]]"
    ) -> None:
        self._station = station
        self._analog = analog
        self._loops = [
            (name, supervised.Loop(each["rest_mv"], each["active_mv"], each["band_mv"]))
            for name, each in inputs.items()
        ]

    def step(self, now: int) -> int:
        """Read every input once."""
        for name, loop in self._loops:
            if loop.update(self._analog.millivolts(name), now):
                self._tell(name, loop.state, now)
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """The next reading tells."""

    def _tell(self, name: str, state: int, now: int) -> None:
        active, untold = _FAULTS[name]
        told = state in (supervised.REST, supervised.ACTIVE)
        self._station.note_health(untold, not told, now, supervised.NAMES[state])
        if told:  # a wire that is cut does not end what it said before
            self._station.note_health(active, state == supervised.ACTIVE, now)
