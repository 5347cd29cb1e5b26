"""DS3231 real-time clock as a set of registers over a drifting crystal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_SIZE = 0x13
_CONTROL, _STATUS, _AGING, _TEMPERATURE = 0x0E, 0x0F, 0x10, 0x11
_OSF = 0x80
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_AGING_PPM = 0.1  # per count, at 25 degrees C; positive slows


class Ds3231:
    """Times in ms of the caller's time line; ``drift_ppm`` > 0 runs fast."""

    def __init__(self, drift_ppm: float = 0.0, celsius: float = 21.5) -> None:
        self.drift_ppm = drift_ppm
        self.celsius = celsius
        self._file = bytearray(_SIZE)
        self._pointer = 0
        self._addressed = False
        self.lose_power(0.0)

    def lose_power(self, now_ms: float) -> None:
        """Supply and cell were both gone.

        The date is worthless and the oscillator-stop flag says so.
        """
        self._file[:] = bytes(_SIZE)
        self._file[_CONTROL], self._file[_STATUS] = 0x1C, 0x08 | _OSF
        self._base, self._base_ms = _EPOCH, now_ms

    def set_unix(self, now_ms: float, unix_s: float) -> None:
        """As if set properly at this moment: runs and is trusted."""
        self._base = datetime.fromtimestamp(unix_s, UTC)
        self._base_ms = now_ms
        self._file[_STATUS] &= ~_OSF & 0xFF

    def unix(self, now_ms: float) -> float:
        """What the clock believes."""
        return self._now(now_ms).timestamp()

    def start(self, now_ms: float, reading: bool) -> None:
        """I2C start condition: latches the time; the next byte written is the register number."""
        self._addressed = reading
        self._latch(now_ms)

    def write_byte(self, now_ms: float, value: int) -> None:
        if not self._addressed:
            self._pointer, self._addressed = value % _SIZE, True
            return
        self._store(now_ms, self._pointer, value)
        self._pointer = (self._pointer + 1) % _SIZE

    def read_byte(self, now_ms: float) -> int:
        value = self._file[self._pointer]
        self._pointer = (self._pointer + 1) % _SIZE
        return value

    def _rate(self) -> float:
        aging = int.from_bytes(self._file[_AGING : _AGING + 1], "big", signed=True)
        return 1 + (self.drift_ppm - aging * _AGING_PPM) * 1e-6

    def _now(self, now_ms: float) -> datetime:
        return self._base + timedelta(milliseconds=(now_ms - self._base_ms) * self._rate())

    def _latch(self, now_ms: float) -> None:
        moment = self._now(now_ms)
        clock = (moment.second, moment.minute, moment.hour, moment.isoweekday(), moment.day)
        self._file[0:5] = bytes(_bcd(part) for part in clock)
        century = 0x80 if moment.year >= 2100 else 0
        self._file[5], self._file[6] = _bcd(moment.month) | century, _bcd(moment.year % 100)
        quarters = round(self.celsius * 4)
        self._file[_TEMPERATURE : _TEMPERATURE + 2] = (quarters << 6 & 0xFFFF).to_bytes(2, "big")

    def _store(self, now_ms: float, register: int, value: int) -> None:
        if register >= _TEMPERATURE:
            return
        if register == _STATUS:
            # The flag can only be cleared by writing 0, never set.
            value &= ~(_OSF & ~self._file[_STATUS]) & 0xFF
        if register == _AGING:
            self._base, self._base_ms = self._now(now_ms), now_ms
        self._file[register] = value
        if register <= 6:
            self._set_calendar(now_ms, register)

    def _set_calendar(self, now_ms: float, register: int) -> None:
        fraction = self._now(now_ms).microsecond
        if register == 0:
            fraction = 0  # writing the seconds restarts the countdown chain
        second, minute, hour = _binary(self._file[0]), _binary(self._file[1]), _hour(self._file[2])
        year = 2000 + _binary(self._file[6]) + (100 if self._file[5] & 0x80 else 0)
        first = datetime(year, _within(self._file[5] & 0x1F, 12), 1, tzinfo=UTC)
        day = _within(self._file[4] & 0x3F, 31)
        spent = timedelta(
            days=day - 1, hours=hour, minutes=minute, seconds=second, microseconds=fraction
        )
        self._base, self._base_ms = first + spent, now_ms


def _bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


def _binary(bcd: int) -> int:
    return (bcd >> 4) * 10 + (bcd & 15)


def _hour(register: int) -> int:
    if not register & 0x40:
        return _binary(register & 0x3F)
    return _binary(register & 0x1F) % 12 + (12 if register & 0x20 else 0)


def _within(bcd: int, most: int) -> int:
    return min(max(_binary(bcd), 1), most)
