"""The bank: one pulse window at a time, and nothing else may move in it."""

from locker.core import bank, doors, faults
from locker.core.bank import Bank
from locker.core.doors import Timers

SHUT = 0b1111
DAY_MS = 86_400_000


class Rig:
    """Four doors; levels held until changed."""

    def __init__(self):
        self.bank = Bank(("rotary",) * 4, Timers())
        self.bank.start(0, (0, 0, 0, 0), 0)
        self.now = 0
        self.reeds = self.latches = SHUT
        self.fired = []
        self.changed = []
        self.expired = []
        self.run(500)

    def run(self, ms):
        end = self.now + ms
        while self.now < end:
            self.now += 10
            for action, door, value in self.bank.step(
                self.reeds, self.latches, self.now & 0x3FFFFFFF
            ):
                if action == bank.FIRE:
                    self.fired.append((self.now, door))
                elif action == bank.CHANGED:
                    self.changed.append((door, value))
                else:
                    self.expired.append(door)

    def request(self, door):
        return self.bank.request(door, self.now & 0x3FFFFFFF)

    def state(self, door):
        return self.bank.door(door).state


def test_idle_steps_return_the_same_empty_tuple():
    rig = Rig()
    first = rig.bank.step(SHUT, SHUT, rig.now)
    assert first == () and rig.bank.step(SHUT, SHUT, rig.now + 10) is first


def test_a_request_fires_once():
    rig = Rig()
    assert rig.request(2)
    rig.run(100)
    assert [door for _, door in rig.fired] == [2]
    assert not rig.request(3) or rig.run(100) is None


def test_the_next_pulse_waits_for_the_window_and_the_gap():
    rig = Rig()
    rig.request(2)
    rig.run(50)
    rig.latches = SHUT & ~0b0010
    rig.run(100)
    assert rig.state(2) == doors.RELEASED and rig.request(3)
    rig.run(2000)
    (first, _), (second, door) = rig.fired
    assert door == 3 and second - first >= Timers().state_ms[doors.RELEASING] + 150


def test_a_request_works_after_any_number_of_idle_days():
    for days in (1, 5, 7, 11, 13, 20):
        rig = Rig()
        rig.request(1)
        rig.run(8000)
        fired = len(rig.fired)
        rig.now += days * DAY_MS
        rig.run(50)
        assert rig.request(2), days
        rig.run(200)
        assert len(rig.fired) == fired + 1, days


def test_a_request_that_cannot_fire_in_time_never_opens_anything():
    rig = Rig()
    rig.latches = SHUT & ~0b0010  # moving, not settled
    rig.run(10)
    assert rig.request(2) or rig.state(2) != doors.SECURED
    for _ in range(600):
        rig.latches ^= 0b0010
        rig.run(10)
    assert rig.fired == [] and (rig.expired == [2] or rig.state(2) != doors.SECURED)


def test_another_door_in_the_pulse_window_stops_the_bank_whatever_its_number():
    for other in (1, 3):
        for own_moves_first in (False, True):
            rig = Rig()
            rig.request(2)
            rig.run(20)
            if own_moves_first:
                rig.latches &= ~0b0010
                rig.run(30)
            rig.latches &= ~(1 << (other - 1))
            rig.run(200)
            assert rig.bank.halted, (other, own_moves_first)
            assert rig.state(other) == rig.state(2) == doors.FAIL_CLOSED
            assert not rig.request(4)


def test_a_clear_needs_readings_that_are_good_now():
    rig = Rig()
    rig.request(2)
    rig.run(20)
    rig.latches &= ~0b0001
    rig.run(1000)
    assert rig.bank.halted
    assert not rig.bank.clear(1, rig.now), "its bolt is still unlocked"
    rig.latches = SHUT
    rig.run(1000)
    assert rig.bank.clear(1, rig.now) and rig.bank.clear(2, rig.now)
    rig.run(20)
    assert not rig.bank.halted and rig.request(4)


def test_a_pulse_that_ran_too_long_stops_the_bank_until_it_is_cleared():
    rig = Rig()
    rig.request(2)
    rig.run(50)
    rig.bank.stop(2, faults.PULSE_OVERRUN, rig.now)
    rig.run(50)
    assert rig.bank.halted and (2, faults.PULSE_OVERRUN) in rig.changed
    assert rig.bank.clear(2, rig.now)
    rig.run(1000)
    assert rig.request(3)
    rig.run(200)
    assert rig.fired[-1][1] == 3


def test_a_pulse_that_the_driver_refused_leaves_the_door_as_it_was():
    rig = Rig()
    rig.request(2)
    rig.run(20)
    rig.bank.not_fired(2, rig.now)
    rig.run(50)
    assert (rig.state(2), rig.bank.door(2).verdict) == (doors.SECURED, faults.NOT_PULLED)


def test_a_late_step_does_not_make_a_conflict_of_an_ordinary_closing():
    rig = Rig()
    rig.request(2)
    rig.run(50)
    rig.latches &= ~0b0010
    rig.run(100)
    rig.reeds &= ~0b0010
    rig.run(1000)
    assert rig.state(2) == doors.OPEN
    rig.latches = SHUT
    rig.run(30)
    rig.now += 600
    rig.reeds = SHUT
    rig.run(300)
    assert rig.state(2) == doors.SECURED


def test_any_levels_in_any_order_never_raise_and_never_fire():
    rig = Rig()
    x = 12345
    for _ in range(3000):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        rig.reeds, rig.latches = x >> 8 & 15, x >> 16 & 15
        rig.run(10 + (x >> 24) * 7)
    assert rig.fired == []
