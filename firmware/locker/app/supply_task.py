"""Watches the coils' supply: too low for a pulse, or too soft in one. Every 500 ms, and asked by
the door step around each pulse.
"""

from locker.core import faults, records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.ports import AnalogPort

_PERIOD_MS = const(500)
_SLACK_MV = const(200)  # a supply that was too low has to come so far back


class SupplyTask:
    """supply: ratio_percent (supply to pin), least_mv (to fire), sag_mv (a dip that is told)."""

    def __init__(self, station: "Station", analog: "AnalogPort", supply: "dict[str, int]") -> None:
        self._station = station
        self._analog = analog
        self._ratio_percent = supply["ratio_percent"]
        self._least_mv = supply["least_mv"]
        self._sag_mv = supply["sag_mv"]
        self._low = False
        self._before_mv = 0  # just before the last pulse
        self._lowest_mv = 0  # in it

    def step(self, now: int) -> int:
        """The level without a pulse: raise or clear the fault."""
        if not self._station.solenoid.busy():
            strong = self._is_enough(self._read_mv())
            self._station.note_health(faults.SUPPLY_LOW, not strong, now)
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """The next reading tells."""

    def is_strong(self) -> bool:
        """Measure: may a coil fire now? What is read is also what the dip counts from."""
        self._before_mv = self._lowest_mv = self._read_mv()
        return self._is_enough(self._before_mv)

    def watch(self) -> None:
        """Call with every step of a pulse."""
        self._lowest_mv = min(self._lowest_mv, self._read_mv())

    def end(self, door: int, now: int) -> None:
        """The pulse is over; door: its first one. A dip beyond sag_mv is recorded, in mV."""
        dip_mv = self._before_mv - self._lowest_mv
        if dip_mv > self._sag_mv:
            self._station.book.note(
                records.FAULT, now, door, fault=faults.SUPPLY_SAGS, value=dip_mv
            )

    def _is_enough(self, mv: int) -> bool:
        self._low = mv < self._least_mv + (_SLACK_MV if self._low else 0)
        return not self._low

    def _read_mv(self) -> int:
        return self._analog.millivolts("supply") * self._ratio_percent // 100
