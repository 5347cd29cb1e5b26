"""DS3231 real-time clock (Maxim/Analog Devices data sheet 19-5170).

Registers 00h-06h hold BCD time and date and are read in one burst, because the chip copies them at
the START condition; 0Eh control; 0Fh status with the oscillator-stop flag; 11h-12h temperature.
"""

import struct

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import I2CPort

_TIME = const(0x00)
_CONTROL = const(0x0E)
_STATUS = const(0x0F)
_TEMPERATURE = const(0x11)
_STOPPED = const(0x80)  # OSF in the status register
_RUN_ON_BATTERY = b"\x04"  # control: oscillator on (EOSC# = 0), no square wave (INTCN = 1)
_YEAR_FIRST = const(2020)
_YEAR_LAST = const(2053)  # later seconds leave MicroPython's small ints
END_S = const(1_073_001_600)  # 2054-01-01
_DAY_S = const(86_400)
_MONTH_DAYS = b"\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


class DS3231:
    """Seconds since 2020-01-01 UTC. Never raises; ok tells whether the bus answered last time."""

    def __init__(self, i2c: "I2CPort", address: int) -> None:
        self._i2c = i2c
        self._address = address
        self._time = bytearray(7)
        self._byte = bytearray(1)
        self.ok = True

    def read(self) -> "int | None":
        """The time. None: bus error (ok is False), or it stopped or holds no date (ok is True)."""
        if not self._get(_STATUS, self._byte) or not self._get(_TIME, self._time):
            return None
        return None if self._byte[0] & _STOPPED else _seconds(self._time)

    def write(self, seconds: int) -> bool:
        """Set the time, clear the stop flag. False on a bus error or outside 2020..2053."""
        return (
            0 <= seconds < END_S
            and self._put(_CONTROL, _RUN_ON_BATTERY)
            and self._put(_TIME, _registers(seconds))
            and self._get(_STATUS, self._byte)
            and self._put(_STATUS, bytes([self._byte[0] & ~_STOPPED & 0xFF]))
        )

    def celsius(self) -> "float | None":
        """Temperature of the chip in steps of 0.25 degrees Celsius, or None on a bus error."""
        raw = bytearray(2)
        return struct.unpack(">h", raw)[0] / 256 if self._get(_TEMPERATURE, raw) else None

    def _get(self, register: int, into: bytearray) -> bool:
        try:
            self._i2c.readfrom_mem_into(self._address, register, into)
            self.ok = True
        except OSError:
            self.ok = False
        return self.ok

    def _put(self, register: int, data: bytes) -> bool:
        try:
            self._i2c.writeto_mem(self._address, register, data)
            self.ok = True
        except OSError:
            self.ok = False
        return self.ok


def _bcd(value: int) -> int:
    """Two digits, or 100 (out of every range here) when a nibble is no digit."""
    if value & 0x0F > 9 or value >> 4 > 9:
        return 100
    return (value >> 4) * 10 + (value & 0x0F)


def _to_bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


def _days_in(year: int, month: int) -> int:
    """Days of a month (1..12); every fourth year is a leap year in 2020..2053."""
    return 29 if month == 2 and year % 4 == 0 else _MONTH_DAYS[month - 1]


def _days_before(year: int, month: int) -> int:
    """Days from 2020-01-01 to the first of the month."""
    days = (year - _YEAR_FIRST) * 365 + (year - _YEAR_FIRST + 3) // 4
    for earlier in range(1, month):
        days += _days_in(year, earlier)
    return days


def seconds_of(fields: "tuple[int, ...]") -> "int | None":
    """Seconds since 2020 of (year, month, day, hour, minute, second), None for no such moment."""
    year, month, day, hour, minute, second = fields
    if second > 59 or minute > 59 or hour > 23 or not 1 <= month <= 12:
        return None
    if not _YEAR_FIRST <= year <= _YEAR_LAST or not 1 <= day <= _days_in(year, month):
        return None
    days = _days_before(year, month) + day - 1
    return days * _DAY_S + hour * 3600 + minute * 60 + second


def fields_of(seconds: int) -> "tuple[int, ...]":
    """The reverse of seconds_of()."""
    days, rest = divmod(seconds, _DAY_S)
    year, month = _YEAR_FIRST, 1
    while days >= _days_before(year + 1, 1):
        year += 1
    while month < 12 and days >= _days_before(year, month + 1):
        month += 1
    day = days - _days_before(year, month) + 1
    return year, month, day, rest // 3600, rest // 60 % 60, rest % 60


def _seconds(registers: bytearray) -> "int | None":
    """None for what write() never leaves there: no digits, 12-hour mode, another century."""
    second, minute, hour = _bcd(registers[0]), _bcd(registers[1]), _bcd(registers[2])
    day, month = _bcd(registers[4]), _bcd(registers[5])
    return seconds_of((2000 + _bcd(registers[6]), month, day, hour, minute, second))


def _registers(seconds: int) -> bytes:
    year, month, day, hour, minute, second = fields_of(seconds)
    weekday = (seconds // _DAY_S + 2) % 7 + 1  # 2020-01-01 was a Wednesday; Monday is 1
    fields = (second, minute, hour, weekday, day, month, year - 2000)
    return bytes([_to_bcd(field) for field in fields])
