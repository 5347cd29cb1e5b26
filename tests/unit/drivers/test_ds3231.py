from locker.drivers.ds3231 import DS3231
from ports import FakeBus, FakeDs3231


def make():
    chip = FakeDs3231()
    return DS3231(FakeBus(rtc=chip), chip.address), chip


def test_fresh_chip_has_no_time_but_answers():
    rtc, _chip = make()
    assert rtc.read() is None and rtc.ok


def test_known_instants():
    rtc, chip = make()
    chip.registers[0x0F] = 0
    for fields, seconds in (
        ((0, 0, 0, 0x01, 0x01, 0x20), 0),
        ((0x59, 0x59, 0x23, 0x29, 0x02, 0x20), 5_183_999),
        ((0x00, 0x00, 0x00, 0x01, 0x03, 0x20), 5_184_000),
        ((0x00, 0x00, 0x00, 0x01, 0x01, 0x21), 31_622_400),
        ((0x56, 0x34, 0x12, 0x22, 0x11, 0x26), 217_514_096),
    ):
        chip.set_time(*fields)
        assert rtc.read() == seconds


def test_what_is_written_is_read_back():
    rtc, chip = make()
    for seconds in (0, 1, 86_399, 5_183_999, 5_184_000, 217_514_096, 1_073_001_599):
        assert rtc.write(seconds)
        assert rtc.read() == seconds
    assert chip.registers[3] in range(1, 8)


def test_every_day_of_34_years_reads_back():
    rtc, _chip = make()
    for day in range(0, 12_419, 13):
        assert rtc.write(day * 86_400 + 86_399)
        assert rtc.read() == day * 86_400 + 86_399


def test_writing_clears_the_stop_flag_and_keeps_the_rest_of_the_status():
    rtc, chip = make()
    assert chip.registers[0x0F] == 0x88
    assert rtc.write(1000)
    assert chip.registers[0x0F] == 0x08
    assert chip.registers[0x0E] & 0x80 == 0


def test_weekday_counts_from_monday():
    rtc, chip = make()
    rtc.write(217_514_096)  # Sunday, 2026-11-22
    assert chip.registers[3] == 7


def test_impossible_registers_are_no_time():
    rtc, chip = make()
    chip.registers[0x0F] = 0
    good = (0x30, 0x30, 0x12, 0x15, 0x06, 0x26)
    bad_fields = ((0, 0x5A), (0, 0x60), (0, 0xF5), (1, 0x60), (2, 0x24), (2, 0x52), (3, 0x00))
    bad_fields += ((3, 0x31), (3, 0x1F), (4, 0x00), (4, 0x13), (4, 0x86), (5, 0x19), (5, 0x54))
    for index, value in bad_fields:
        fields = list(good)
        fields[index] = value
        chip.set_time(*fields)
        assert rtc.read() is None and rtc.ok
    chip.set_time(*good)
    assert rtc.read() is not None


def test_29_february_exists_in_leap_years_only():
    rtc, chip = make()
    chip.registers[0x0F] = 0
    chip.set_time(0, 0, 0, 0x29, 0x02, 0x24)
    assert rtc.read() is not None
    chip.set_time(0, 0, 0, 0x29, 0x02, 0x25)
    assert rtc.read() is None


def test_times_that_the_chip_cannot_hold_are_refused():
    rtc, chip = make()
    before = bytes(chip.registers)
    for seconds in (-1, 1_073_001_600, 1 << 31):
        assert not rtc.write(seconds)
    assert bytes(chip.registers) == before


def test_bus_error_is_told_apart_and_passes():
    rtc, chip = make()
    rtc.write(1000)
    chip.present = False
    assert rtc.read() is None and not rtc.ok
    assert not rtc.write(2000)
    assert rtc.celsius() is None
    chip.present = True
    assert rtc.read() == 1000 and rtc.ok


def test_temperature():
    rtc, chip = make()
    for registers, celsius in ((b"\x19\x40", 25.25), (b"\xff\xc0", -0.25), (b"\x80\x00", -128)):
        chip.registers[0x11:0x13] = registers
        assert rtc.celsius() == celsius
