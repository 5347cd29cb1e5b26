"""Keeps the clock: reads its chip, has the host asked for the time, sets the chip, and stores what
was learnt.
"""

from binascii import hexlify

from locker.core import clock, faults, records, ticks, wire
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.core.mac import Mac
    from locker.drivers.ds3231 import DS3231
    from locker.drivers.internal_rtc import InternalRtc

    Rtc = DS3231 | InternalRtc

# Not a whole number of seconds: readings fall everywhere in the chip's second, so that ten of them
# place it to a tenth.
_PERIOD_MS = const(9_900)
_ASK_AGAIN_MS = const(600_000)
_ASK_NEXT_MS = const(21_600_000)
_TRIP_LIMIT_MS = const(2_000)
_SERVER_ERROR_MS = const(500)
_CHIP_OFF_S = const(60)

# What became of the challenge that the display showed an operator.
NO_CHALLENGE, LIVE, USED, OLD = range(4)
CHALLENGE_MS = const(600_000)  # from showing it to the token's first digit


class TimeTask:
    """rtc: the clock chip; time_key: of operators' tokens. challenge, challenge_is (LIVE
    ...), asked_people_at: what the display last asked an operator, and when.
    evidence: of the last near miss: whose, the clock's error between two figures in s, uptime.
    """

    def __init__(self, station: "Station", rtc: "Rtc", time_key: bytes) -> None:
        self.time_key = time_key
        self.challenge = self.challenge_is = self.asked_people_at = 0
        self._station = station
        self._rtc = rtc
        self._chip_believed = True
        self._learnt = False
        self._failed = False
        self.evidence: tuple[int, tuple[int, int], int] | None = None
        self._nonce = ""
        self._asked_at = 0
        self._ask_at = station.hal.system.ticks_ms()

    def step(self, now: int) -> int:
        """Read the chip; store, unless a coil is on."""
        station = self._station
        station.clock.advance(now)
        if self.challenge_is and ticks.diff(now, self.asked_people_at) >= CHALLENGE_MS:
            self.challenge_is = OLD  # ticks would wrap
        seconds = self._rtc.read()
        set_at_s = station.vault.counters.clock_set_s
        self._chip_believed = seconds is not None and station.clock.take(seconds, set_at_s, now)
        known = station.clock.is_known
        silent = not self._rtc.ok or (known and not self._chip_believed)
        station.note_health(faults.RTC_SILENT, silent, now)
        station.note_health(faults.CLOCK_UNSYNCED, not known, now)
        if self._learnt and not station.solenoid.busy():
            self._keep(now)
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """A question under way is given up."""
        self._nonce = ""

    def celsius(self) -> "float | None":
        """Temperature in the cabinet, as the clock chip feels it; None without one."""
        return self._rtc.celsius()

    def question(self, now: int) -> bytes:
        """What the host shall be asked now; empty when nothing."""
        if not ticks.due(now, self._ask_at):
            return b""
        self._nonce = hexlify(self._station.hal.system.random(8)).decode()
        self._asked_at = now
        self._ask_at = ticks.add(now, _ASK_AGAIN_MS)
        return wire.time_question(self._nonce)

    def answer(self, mac: "Mac", payload: bytes, retained: bool, now: int) -> None:
        """An answer has come. Signed for this question and in time, or it is only counted."""
        station = self._station
        fault, at = wire.parse_time(mac, station.name, self._nonce, payload, retained)
        trip_ms = ticks.diff(now, self._asked_at)
        if not fault and (not self._nonce or not 0 <= trip_ms <= _TRIP_LIMIT_MS):
            fault = faults.TIME_FORGED
        if fault:
            station.count_refusal(fault)
            return
        self._nonce = ""
        ms = at[1] + trip_ms // 2
        at = (at[0] + ms // 1000, ms % 1000)
        fault = station.clock.sync(clock.SERVER, at, trip_ms // 2 + _SERVER_ERROR_MS, now)
        if fault:
            station.book.note(records.FAULT, now, fault=fault)
        if fault in (faults.NONE, faults.CLOCK_STEPPED):
            self._taken(now)
            self._ask_at = ticks.add(now, _ASK_NEXT_MS)

    def set_by_token(self, at: "tuple[int, int]", error_ms: int, now: int) -> int:
        """An operator's token was right: true time is ``at`` within error_ms. What came of it."""
        station = self._station
        fault = station.clock.sync(clock.TOKEN, at, error_ms, now)
        station.book.note(
            records.TIME_TOKEN, now, actor=records.OPERATOR, fault=fault, value=error_ms // 1000
        )
        if fault in (faults.NONE, faults.CLOCK_STEPPED):
            self._taken(now)
            self.step(now)
        return fault

    def _taken(self, now: int) -> None:
        """The clock was compared with trusted time."""
        self._learnt = True
        self.evidence = None
        self._station.note_health(faults.CLOCK_SUSPECT, False, now)

    def _keep(self, now: int) -> None:
        """Tried again after an OSError: until then nothing counts as stored."""
        station = self._station
        try:
            if not self._chip_believed or abs(station.clock.chip_off_s) > _CHIP_OFF_S:
                self._set_chip()
            self._station.vault.cells.save(clock.CELL, station.clock.pack())
            station.vault.counters.floor_s = station.clock.floor_s
            station.vault.save_counters()
            self._learnt = False
        except OSError:
            self._failed = True
            station.note_health(faults.STORAGE_UNWRITABLE, True, now)
            return
        if self._failed:
            self._failed = False
            station.note_health(faults.STORAGE_UNWRITABLE, False, now)

    def _set_chip(self) -> None:
        """A power cut on the way leaves a station that asks again, never a wrong time."""
        station = self._station
        self._station.vault.cells.save(clock.CELL, station.clock.pack(keep_offset=False))
        now = station.hal.system.ticks_ms()
        seconds = station.clock.now_s(now)
        if self._rtc.write(seconds):
            station.clock.chip_was_set(seconds, now)
