"""Seven bytes in the alarm registers of the clock chip."""

from locker.drivers.clock_marker import ClockMarker
from ports import FakeBus, FakeDs3231


def test_what_was_written_is_read_and_the_time_is_untouched():
    chip = FakeDs3231()
    port = ClockMarker(FakeBus(rtc=chip), 0x68)
    before = bytes(chip.registers)
    assert port.write(b"\xa1abcdef") and port.read() == b"\xa1abcdef"
    assert bytes(chip.registers[:7]) == before[:7]
    assert bytes(chip.registers[14:]) == before[14:]


def test_without_a_chip_there_is_no_marker_and_no_error():
    chip = FakeDs3231()
    chip.present = False
    port = ClockMarker(FakeBus(rtc=chip), 0x68)
    assert port.read() == b"" and not port.write(b"1234567")


def test_a_chip_that_does_not_keep_what_it_is_told_is_found_out():
    chip = FakeDs3231()
    chip.write_registers = lambda register, data: None
    assert not ClockMarker(FakeBus(rtc=chip), 0x68).write(b"\xa1abcdef")
