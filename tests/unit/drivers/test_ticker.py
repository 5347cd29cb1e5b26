"""What a chip's timer calls leaves the main program its half."""

from locker.drivers.ticker import Ticker


class FakeTime:
    """As much of the module time."""

    now = 0

    def ticks_ms(self):
        return self.now

    def ticks_diff(self, later, earlier):
        return later - earlier


class FakeTimer:
    """Interrupts when it is told to."""

    def init(self, period, callback):
        self.period = period
        self.callback = callback


def ticking(takes_ms):
    time, timer, called = FakeTime(), FakeTimer(), []

    def call(now):
        called.append(now)
        time.now += takes_ms

    Ticker(timer, time).every(10, call)
    end = 1000
    while time.now < end:
        time.now += -time.now % timer.period or timer.period
        timer.callback(timer)
    return called


def test_what_is_quick_is_called_every_time():
    assert ticking(0) == list(range(10, 1001, 10))


def test_what_takes_longer_than_its_period_gets_no_more_than_half_of_the_time():
    called = ticking(30)
    assert 14 <= len(called) <= 17
    assert min([b - a for a, b in zip(called, called[1:])]) >= 60
