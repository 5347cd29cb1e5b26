"""Doors whose contacts cannot be read for a while: unknown, inhibited, never "moved"."""

from locker.core import bank, doors, faults
from locker.core.bank import Bank
from locker.core.door import Timers

SHUT = 0b1111


class Rig:
    """Four doors; levels and unread held until changed."""

    def __init__(self, unread=0):
        self.bank = Bank(("rotary",) * 4, Timers())
        self.bank.start(0, (0, 0, 0, 0), 0)
        self.now = 0
        self.reeds = self.latches = SHUT
        self.unread = unread
        self.fired = []
        self.changed = []
        self.run(500)

    def run(self, ms):
        end = self.now + ms
        while self.now < end:
            self.now += 10
            for action, door, value in self.bank.step(
                self.reeds, self.latches, self.now, self.unread
            ):
                if action == bank.FIRE:
                    self.fired.append(door)
                elif action == bank.CHANGED:
                    self.changed.append((door, value))

    def lose(self, doors, ms):
        """These doors cannot be read for so long."""
        self.unread = doors
        self.run(ms)
        self.unread = 0

    def states(self):
        return [door.state for door in self.bank.doors]


def test_two_samples_missed_change_nothing():
    rig = Rig()
    rig.changed = []
    for _ in range(50):
        rig.lose(0b1010, 20)
        rig.run(10)
        assert rig.bank.sensors.dark == 0
    rig.run(2_000)
    assert rig.changed == [] and rig.states() == [doors.SECURED] * 4


def test_three_samples_missed_and_the_door_is_unknown_then_inhibited():
    rig = Rig()
    rig.changed = []
    rig.unread = 0b0010
    rig.run(20)
    assert rig.bank.sensors.dark == 0
    rig.run(10)
    assert rig.bank.sensors.dark == 0b0010
    assert not rig.bank.may_release(2) and rig.bank.may_release(3)
    rig.run(600)
    assert rig.changed == [(2, faults.SENSOR_LOST)]
    assert rig.states() == [doors.SECURED, doors.INHIBITED, doors.SECURED, doors.SECURED]
    rig.unread = 0
    rig.run(7_000)
    assert rig.states() == [doors.SECURED] * 4 and rig.bank.sensors.dark == 0


def test_a_short_dark_is_forgotten():
    rig = Rig()
    rig.changed = []
    rig.lose(SHUT, 200)
    rig.run(2_000)
    assert rig.changed == [] and rig.states() == [doors.SECURED] * 4


def test_a_door_that_stays_dark_from_the_start_is_inhibited():
    rig = Rig(unread=0b0100)
    assert rig.bank.sensors.dark == 0b0100
    rig.run(6_000)
    assert rig.states() == [doors.SECURED, doors.SECURED, doors.INHIBITED, doors.SECURED]
    rig.unread = 0
    rig.run(6_000)
    assert rig.states() == [doors.SECURED] * 4


def test_a_neighbour_that_goes_dark_in_a_pulse_has_not_moved():
    for ms in (30, 100, 130, 300, 2_000):
        rig = Rig()
        rig.changed = []
        assert rig.bank.request(1, rig.now)
        rig.run(10)
        assert rig.fired == [1]
        rig.lose(0b1110, ms)
        rig.run(8_000)
        assert not rig.bank.halted and rig.states()[1:] == [doors.SECURED] * 3, ms
        assert all(value != faults.WRONG_DOOR for _, value in rig.changed)


def test_a_neighbour_that_comes_back_open_in_a_pulse_has_moved():
    rig = Rig()
    rig.bank.request(1, rig.now)
    rig.run(10)
    rig.reeds = rig.latches = 0b1101
    rig.lose(0b0010, 100)
    rig.run(400)
    assert rig.bank.halted and (2, faults.WRONG_DOOR) in rig.changed


def test_a_door_that_goes_dark_in_its_own_pulse_gets_no_second_one():
    for before in (10, 100, 400, 550, 590):
        rig = Rig()
        rig.bank.request(1, rig.now)
        rig.run(before)
        rig.unread = 0b0001
        rig.run(5_000)
        assert rig.fired == [1], before
        assert rig.states()[0] == doors.INHIBITED, before


def test_nothing_fires_on_a_sample_that_is_missing():
    rig = Rig()
    rig.unread = 0b0010
    rig.run(10)
    assert rig.bank.request(2, rig.now)
    rig.run(10)
    assert rig.fired == []
    rig.unread = 0
    rig.run(20)
    assert rig.fired == [2]


def test_an_open_door_that_goes_dark_opens_nothing_when_it_returns():
    rig = Rig()
    rig.bank.request(1, rig.now)
    rig.run(50)
    rig.reeds = rig.latches = 0b1110
    rig.run(500)
    assert rig.states()[0] == doors.OPEN
    rig.lose(0b0001, 3_000)
    rig.run(500)
    assert rig.states()[0] == doors.INHIBITED
    rig.reeds = rig.latches = SHUT
    rig.run(7_000)
    assert rig.states()[0] == doors.SECURED and rig.fired == [1]
