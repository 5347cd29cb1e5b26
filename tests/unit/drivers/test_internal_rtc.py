from locker.drivers.internal_rtc import InternalRtc


class FakeRtc:
    """machine.RTC as a fresh RP2040 shows it."""

    def __init__(self):
        self.fields = (2021, 1, 1, 4, 0, 0, 7, 0)

    def datetime(self, fields=None):
        if fields is not None:
            assert len(fields) == 8
            self.fields = fields
        return self.fields


def test_what_is_written_is_read_back():
    port = FakeRtc()
    rtc = InternalRtc(port)
    for seconds in (0, 5_183_999, 217_514_096, 1_073_001_599):
        assert rtc.write(seconds) and rtc.read() == seconds and rtc.ok
    assert rtc.write(217_514_096) and port.fields == (2026, 11, 22, 0, 12, 34, 56, 0)


def test_a_fresh_one_shows_a_date_that_no_floor_lets_through():
    assert InternalRtc(FakeRtc()).read() == 366 * 86_400 + 7


def test_it_has_no_thermometer():
    assert InternalRtc(FakeRtc()).celsius() is None


def test_times_that_do_not_exist():
    port = FakeRtc()
    rtc = InternalRtc(port)
    assert not rtc.write(-1) and not rtc.write(1_073_001_600)
    for fields in ((2000, 1, 1, 0, 0, 0, 0, 0), (2026, 13, 1, 0, 0, 0, 0, 0)):
        port.fields = fields
        assert rtc.read() is None
