"""Two reeds on one door: they agree, or the door is in doubt, and then in conflict."""

from locker.core import bank, doors, faults
from locker.core.bank import Bank
from locker.core.door import Timers

SHUT = 0b11


class Rig:
    """Two doors, the first with two reeds."""

    def __init__(self):
        self.bank = Bank(("rotary", "rotary"), Timers(), paired=0b01)
        self.bank.start(0, (0, 0), 0)
        self.now = 0
        self.reeds = self.latches = self.twins = SHUT
        self.fired = []
        self.run(500)

    def run(self, ms):
        end = self.now + ms
        while self.now < end:
            self.now += 10
            self.bank.sensors.take_twins(self.twins, self.now)
            for action, door, _ in self.bank.step(self.reeds, self.latches, self.now):
                if action == bank.FIRE:
                    self.fired.append(door)

    def first(self):
        return self.bank.door(1)


def test_reeds_that_agree_open_and_shut_a_door():
    rig = Rig()
    assert rig.first().state == doors.SECURED
    assert rig.bank.request(1, rig.now)
    rig.run(100)
    rig.reeds = rig.twins = rig.latches = 0b10
    rig.run(500)
    assert rig.fired == [1] and rig.first().state == doors.OPEN
    rig.reeds = rig.twins = rig.latches = SHUT
    rig.run(500)
    assert rig.first().state == doors.SECURED and rig.first().verdict == faults.NONE


def test_a_short_disagreement_is_doubt_and_no_release():
    for which in ("reeds", "twins"):
        rig = Rig()
        setattr(rig, which, 0b10)
        rig.run(400)
        assert rig.first().state == doors.SECURED and rig.first().doubted
        assert not rig.bank.may_release(1) and rig.bank.may_release(2)
        setattr(rig, which, SHUT)
        rig.run(200)
        assert rig.bank.may_release(1), which


def test_a_lasting_disagreement_is_a_conflict():
    for which in ("reeds", "twins"):
        rig = Rig()
        setattr(rig, which, 0b10)
        rig.run(700)
        assert (rig.first().state, rig.first().verdict) == (doors.FAIL_CLOSED, faults.CONFLICT)
        assert not rig.bank.clear(1, rig.now), "not while they differ"
        setattr(rig, which, SHUT)
        rig.run(300)
        assert rig.bank.clear(1, rig.now), which


def test_a_magnet_on_one_reed_does_not_hide_an_open_door():
    rig = Rig()
    rig.reeds = 0b10  # forced, and the second reed is held by a magnet
    rig.latches = 0b10
    rig.run(1_000)
    assert rig.first().state == doors.FAIL_CLOSED


def test_nothing_fires_while_the_second_reed_moves():
    rig = Rig()
    rig.twins = 0b10
    rig.run(10)
    assert rig.bank.request(1, rig.now), "it has not settled yet"
    rig.run(200)
    assert rig.fired == []


def test_a_second_reed_that_flaps_makes_the_door_unknown():
    rig = Rig()
    for i in range(200):
        rig.twins = 0b10 | i & 1
        rig.run(20)
    assert (rig.first().state, rig.first().verdict) == (doors.INHIBITED, faults.FLAPPING)
    assert rig.bank.may_release(2)


def test_a_door_is_unknown_until_both_have_settled():
    rig = Rig()
    rig.bank = Bank(("rotary", "rotary"), Timers(), paired=0b01)
    rig.bank.start(0, (0, 0), rig.now)
    for _ in range(20):
        rig.now += 10
        rig.bank.step(SHUT, SHUT, rig.now)
    assert [door.state for door in rig.bank.doors] == [doors.STARTING, doors.SECURED]


def test_what_the_second_reed_of_a_door_without_one_says_means_nothing():
    rig = Rig()
    rig.twins = 0b01
    rig.run(2_000)
    assert rig.bank.door(2).state == doors.SECURED and rig.bank.may_release(2)
