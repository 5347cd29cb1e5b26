"""A few bytes in the alarm registers of a DS3231, 07h to 0Dh: 56 bits that nobody else here uses,
kept by the clock's own battery. Their alarms stay disabled (INTCN set, A1IE and A2IE clear), so a
match with the time only sets status flags that nobody reads.
"""

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.ports import I2CPort

_ALARMS = const(0x07)
_BYTES = const(7)


class ClockMarker:
    """ports.MarkerPort on the clock chip. Never raises."""

    def __init__(self, i2c: "I2CPort", address: int) -> None:
        self._i2c = i2c
        self._address = address

    def read(self) -> bytes:
        """Seven bytes, or none when the chip does not answer."""
        data = bytearray(_BYTES)
        try:
            self._i2c.readfrom_mem_into(self._address, _ALARMS, data)
        except OSError:
            return b""
        return bytes(data)

    def write(self, data: bytes) -> bool:
        """Seven bytes; True when they are read back as they were written."""
        try:
            self._i2c.writeto_mem(self._address, _ALARMS, data)
        except OSError:
            return False
        return self.read() == data
