"""The controller's own clock (machine.RTC) where no clock chip is fitted: a crystal without
compensation, and without a battery. Without power it begins anew at a date long before any floor,
so the station asks for the time after every power cut.
"""

from locker.drivers.ds3231 import END_S, fields_of, seconds_of
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.ports import RtcPort


class InternalRtc:
    """Seconds since 2020-01-01 UTC, as of drivers.ds3231.DS3231."""

    ok = True

    def __init__(self, port: "RtcPort") -> None:
        self._port = port

    def read(self) -> "int | None":
        """The time; None when it cannot be one."""
        year, month, day, _, hour, minute, second, _ = self._port.datetime()
        return seconds_of((year, month, day, hour, minute, second))

    def celsius(self) -> "float | None":
        """None: the controller's own sensor feels the controller, not the cabinet."""
        return None

    def write(self, seconds: int) -> bool:
        """Set the time. False outside 2020..2053."""
        if not 0 <= seconds < END_S:
            return False
        year, month, day, hour, minute, second = fields_of(seconds)
        self._port.datetime((year, month, day, 0, hour, minute, second, 0))
        return True
