"""Modelled keypad, display, clock and bus, against what their data sheets say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from virtual.i2c import I2CBus
from virtual.keypad import KEYS, ROWS, KeyMatrix
from virtual.lcd import Backpack, Hd44780
from virtual.rtc import Ds3231
from virtual.signals import SignalPanel

NOON = datetime(2026, 2, 28, 12, 0, 0, tzinfo=UTC).timestamp()


class Glass:
    """Drives a display the way a careful driver does; time is its own."""

    def __init__(self, columns: int = 20, rows: int = 4) -> None:
        self.chip = Hd44780(columns, rows)
        self.backpack = Backpack(self.chip)
        self.now = 50.0

    def nibble(self, value: int, rs: int = 0, wait_ms: float = 0.05) -> None:
        for pins in (value << 4 | 0x0C | rs, value << 4 | 0x08 | rs):
            self.backpack.write_byte(self.now, pins)
            self.now += 0.09
        self.now += wait_ms

    def byte(self, value: int, rs: int = 0, wait_ms: float = 0.05) -> None:
        self.nibble(value >> 4, rs, 0.0)
        self.nibble(value & 15, rs, wait_ms)

    def initialise(self) -> None:
        for value, wait_ms in ((3, 4.2), (3, 0.2), (3, 0.1), (2, 0.1)):
            self.nibble(value, 0, wait_ms)
        for value, wait_ms in ((0x28, 0.1), (0x08, 0.1), (0x01, 1.6), (0x06, 0.1), (0x0C, 0.1)):
            self.byte(value, 0, wait_ms)

    def text(self, address: int, text: str) -> None:
        self.byte(0x80 | address)
        for char in text:
            self.byte(ord(char), 1)


def test_keypad_answers_on_the_row_of_the_key() -> None:
    for row, keys in enumerate(ROWS):
        for column, key in enumerate(keys):
            pad = KeyMatrix()
            pad.press(0.0, key)
            assert [pad.columns(10.0, r) for r in range(4)] == [
                1 << column if r == row else 0 for r in range(4)
            ]
            assert pad.down() == key


def test_keypad_help_is_not_in_the_matrix() -> None:
    pad = KeyMatrix()
    pad.press(0.0, "?")
    assert pad.help_down(10.0)
    assert [pad.columns(10.0, row) for row in range(4)] == [0, 0, 0, 0]


def test_keypad_shows_a_ghost_with_three_corners_down() -> None:
    pad = KeyMatrix()
    for key in "124":
        pad.press(0.0, key)
    assert pad.columns(10.0, 1) == 0b011, "5 was never pressed"


def test_keypad_tap_lets_go_by_itself_and_bounces() -> None:
    pad = KeyMatrix(seed=3)
    pad.tap(0.0, "8", 100.0)
    assert pad.next_event() < 4.0, "the contact chatters at first"
    assert pad.columns(50.0, 2) == 0b010
    assert pad.next_event() == 100.0
    assert pad.columns(110.0, 2) == 0
    assert KEYS == "123456789*0#?"
    with pytest.raises(ValueError, match="'A'"):
        pad.press(0.0, "A")


def test_display_shows_nothing_before_initialisation() -> None:
    glass = Glass()
    glass.text(0, "hello")
    assert glass.chip.lines() == [" " * 20] * 4


def test_display_initialised_by_instruction() -> None:
    glass = Glass()
    glass.initialise()
    for address, text in ((0x00, "first"), (0x40, "second"), (0x14, "third"), (0x54, "fourth")):
        glass.text(address, text)
    assert [line.rstrip() for line in glass.chip.lines()] == ["first", "second", "third", "fourth"]
    assert glass.chip.early == 0
    assert glass.backpack.backlight
    assert all(len(line) == 20 for line in glass.chip.lines())


def test_display_of_16x2() -> None:
    glass = Glass(16, 2)
    glass.initialise()
    glass.text(0x00, "0123456789abcdefXYZ")
    glass.text(0x40, "below")
    assert glass.chip.lines() == ["0123456789abcdef", "below" + " " * 11]


def test_display_too_fast_after_power_up_loses_the_start() -> None:
    glass = Glass()
    glass.now = 5.0
    glass.nibble(3)
    assert glass.chip.early == 1
    assert not glass.chip.four_bit


def test_display_too_fast_after_the_first_function_set() -> None:
    glass = Glass()
    glass.nibble(3)
    glass.nibble(3)
    assert glass.chip.early == 1


def test_display_too_fast_after_clear_loses_text() -> None:
    glass = Glass()
    glass.initialise()
    glass.byte(0x01)
    glass.text(0, "x")
    assert glass.chip.early > 0
    assert glass.chip.lines()[0].strip() != "x"


def test_display_recovers_from_a_lost_nibble_by_initialising_again() -> None:
    glass = Glass()
    glass.initialise()
    glass.nibble(4)  # half a byte, then the controller restarts
    glass.now += 50.0
    glass.initialise()
    glass.text(0, "back")
    assert glass.chip.lines()[0].rstrip() == "back"


def test_display_custom_characters_and_odd_codes() -> None:
    glass = Glass()
    glass.initialise()
    glass.byte(0x40)
    for _ in range(8):
        glass.byte(0x1F, 1)
    glass.byte(0x80)
    for code in (0x00, 0x7E, 0xDF, 0x90):
        glass.byte(code, 1)
    assert glass.chip.lines()[0].rstrip() == "▪→°·"


def test_display_clear_home_shift_off_and_cursor() -> None:
    glass = Glass()
    glass.initialise()
    glass.text(0, "abc")
    glass.byte(0x18)
    assert glass.chip.lines()[0].startswith("bc")
    glass.byte(0x02, 0, 1.6)
    assert glass.chip.lines()[0].startswith("abc")
    glass.byte(0x0E)
    assert glass.chip.cursor() == (0, 0)
    glass.byte(0x80 | 0x54)
    assert glass.chip.cursor() == (3, 0)
    glass.byte(0x08)
    assert glass.chip.lines()[0].strip() == ""
    assert glass.chip.cursor() is None


def test_display_lines_follow_one_another_in_memory() -> None:
    glass = Glass()
    glass.initialise()
    glass.text(0x00, "a" * 20 + "c" * 20 + "b" * 20)
    assert [line[:1] for line in glass.chip.lines()] == ["a", "b", "c", " "]


def clock(drift_ppm: float = 0.0) -> tuple[I2CBus, Ds3231]:
    bus, rtc = I2CBus(), Ds3231(drift_ppm)
    bus.devices[0x68] = rtc
    return bus, rtc


def test_clock_reads_bcd() -> None:
    bus, rtc = clock()
    rtc.set_unix(0.0, NOON + 59)
    assert bus.read(100.0, 0x68, 0, 7) == bytes.fromhex("59 00 12 06 28 02 26")
    assert bus.read(1100.0, 0x68, 0, 7) == bytes.fromhex("00 01 12 06 28 02 26")


def test_clock_starts_with_the_stop_flag_and_clears_it() -> None:
    bus, _ = clock()
    assert bus.read(0.0, 0x68, 0x0F, 1) == b"\x88"
    bus.write(10.0, 0x68, b"\x0f\x00")
    assert bus.read(20.0, 0x68, 0x0F, 1) == b"\x00"
    bus.write(30.0, 0x68, b"\x0f\x80")
    assert bus.read(40.0, 0x68, 0x0F, 1) == b"\x00", "the flag cannot be set by writing"


def test_clock_is_set_in_one_burst_whatever_the_old_date() -> None:
    bus, rtc = clock()
    rtc.set_unix(0.0, NOON)
    bus.write(1000.0, 0x68, bytes.fromhex("00 30 59 23 01 31 03 26"))
    assert rtc.unix(1000.0) == pytest.approx(
        datetime(2026, 3, 31, 23, 59, 30, tzinfo=UTC).timestamp(), abs=0.01
    )
    assert bus.read(32_000.0, 0x68, 0, 7) == bytes.fromhex("01 00 00 03 01 04 26")


def test_clock_in_twelve_hour_mode() -> None:
    bus, rtc = clock()
    rtc.set_unix(0.0, NOON)
    bus.write(0.0, 0x68, bytes((2, 0x40 | 0x20 | 0x11)))
    assert datetime.fromtimestamp(rtc.unix(1.0), UTC).hour == 23


def test_clock_drift_and_ageing() -> None:
    bus, rtc = clock(20.0)
    rtc.set_unix(0.0, NOON)
    day_ms = 86_400_000.0
    assert rtc.unix(day_ms) - NOON - 86_400 == pytest.approx(1.728, abs=0.01)
    bus.write(day_ms, 0x68, b"\x10\x64")  # +100 counts slow it by 10 ppm
    assert rtc.unix(2 * day_ms) - NOON - 2 * 86_400 == pytest.approx(1.728 + 0.864, abs=0.01)


def test_clock_temperature_in_quarters() -> None:
    bus, rtc = clock()
    for celsius, raw in ((25.25, b"\x19\x40"), (-0.5, b"\xff\x80")):
        rtc.celsius = celsius
        assert bus.read(0.0, 0x68, 0x11, 2) == raw


def test_clock_registers_wrap_and_temperature_is_read_only() -> None:
    bus, rtc = clock()
    rtc.set_unix(0.0, NOON)
    bus.write(0.0, 0x68, b"\x11\x55\x55")
    data = bus.read(0.0, 0x68, 0x12, 2)
    assert data is not None
    assert (data[0] & 0x3F, data[1]) == (0, 0), "after 12h comes 00h"


def test_clock_without_power_loses_the_date() -> None:
    bus, rtc = clock()
    rtc.set_unix(0.0, NOON)
    rtc.lose_power(5000.0)
    status = bus.read(6000.0, 0x68, 0x0F, 1)
    assert status is not None and status[0] & 0x80
    assert datetime.fromtimestamp(rtc.unix(6000.0), UTC).year == 2000


def test_bus_without_device_or_unplugged() -> None:
    bus, _ = clock()
    assert not bus.write(0.0, 0x20, b"x")
    assert bus.read(0.0, 0x20, 0, 1) is None
    bus.unplugged.add(0x68)
    assert bus.read(0.0, 0x68, 0, 1) is None


def test_bus_transfers_take_their_time() -> None:
    bus = I2CBus(100_000)
    glass = Glass()
    bus.devices[0x27] = glass.backpack
    assert bus.byte_ms == pytest.approx(0.09)
    # The whole initialisation in one transfer is too fast for the chip, however fast the caller
    # is.
    bus.write(100.0, 0x27, bytes((0x3C, 0x38, 0x3C, 0x38)))
    assert glass.chip.early == 1


def test_signals_log_beeps() -> None:
    panel = SignalPanel()
    panel.set(0.0, False, True, True)
    panel.set(80.0, False, True, False)
    panel.set(90.0, True, True, False)
    assert panel.beeps() == [(0.0, 80.0)]
    assert [change.what for change in panel.log] == ["green", "beep", "beep", "red"]
