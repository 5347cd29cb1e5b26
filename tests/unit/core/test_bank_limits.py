"""The figures and edges of the bank: windows, waits, who counts as a stranger, what is told."""

from locker.core import doors, faults
from locker.core.bank import CHANGED, EXPIRED, FIRE, Bank
from locker.core.door import Timers

SHUT = 0b111111
DOORS = 6


class Rig:
    """Six rotary doors; levels held until changed. start: ticks of the boot."""

    def __init__(self, latched=(0,) * DOORS, granted=0, start=0, unread=0):
        self.bank = Bank(("rotary",) * DOORS, Timers())
        self.bank.start(granted, latched, start)
        self.now = start
        self.reeds = self.latches = SHUT
        self.unread = unread
        self.fired = []
        self.told = []
        self.expired = []
        self.run(500)

    def run(self, ms, every=10):
        end = self.now + ms
        while self.now < end:
            self.now += every
            self.step()

    def step(self):
        for what, number, value in self.bank.step(self.reeds, self.latches, self.now, self.unread):
            if what == FIRE:
                assert value == 0
                self.fired.append((self.now, number))
            elif what == CHANGED:
                self.told.append((number, value))
            else:
                assert what == EXPIRED
                self.expired.append((self.now, number, value))

    def request(self, number):
        return self.bank.request(number, self.now)

    def door(self, number):
        return self.bank.door(number)

    def state(self, number):
        return self.bank.door(number).state

    def pause(self, ms, every=100):
        """Nothing may fire meanwhile: the pause after a pulse begins again and again."""
        end = self.now + ms
        while self.now < end:
            self.bank.not_fired(1, self.now)
            self.run(min(every, end - self.now))

    def pull(self, number):
        bit = 1 << (number - 1)
        self.latches &= ~bit
        self.run(50)
        self.reeds &= ~bit
        self.run(200)

    def shut(self, number):
        bit = 1 << (number - 1)
        self.reeds |= bit
        self.latches |= bit
        self.run(200)


def test_contacts_settle_in_their_own_time():
    for profile, settled in (("lock_contact_only", 20), ("door_contact_only", 100)):
        b = Bank((profile,), Timers())
        b.start(0, (0,), 0)
        seen = [now for now in range(200) if b.step(1, 1, now)]
        assert seen == [settled]


def test_one_coil_at_once_and_a_pause_to_the_millisecond():
    rig = Rig()
    rig.request(2)
    rig.request(3)
    rig.run(1_600, every=1)
    (first, _), (second, _) = rig.fired
    assert second - first == 600 + 150


def test_a_fresh_bank_fires_at_once_wherever_the_ticks_begin():
    for start in (0, (1 << 29) + 1_000):
        rig = Rig(start=start)
        rig.request(2)
        rig.run(10)
        assert rig.fired == [(rig.now, 2)]


def test_a_request_dies_at_the_very_millisecond():
    rig = Rig()
    rig.request(2)
    asked = rig.now
    rig.pause(4_900)
    rig.bank.not_fired(1, rig.now)
    rig.run(200, every=1)
    assert rig.expired == [(asked + 5_000, 2, 0)] and rig.fired == []


def test_four_may_wait_and_no_fifth():
    rig = Rig()
    assert [rig.request(number) for number in (1, 2, 3, 4, 5)] == [True] * 4 + [False]


def test_a_request_dies_as_soon_as_its_door_moves_or_the_bank_halts():
    rig = Rig()
    rig.request(2)
    rig.bank.not_fired(1, rig.now)
    rig.latches &= ~0b10
    rig.run(50)
    assert [row[1] for row in rig.expired] == [2]
    rig = Rig()
    rig.request(2)
    rig.bank.stop(4, faults.PULSE_OVERRUN, rig.now)
    rig.run(10)
    assert rig.expired == [(rig.now, 2, 0)]


def test_a_service_release_dies_with_the_clear_of_its_door():
    rig = Rig(latched=(0, faults.CONFLICT, 0, 0, 0, 0))
    rig.bank.not_fired(1, rig.now)
    assert rig.bank.serve(2, rig.now) and rig.bank.clear(2, rig.now)
    rig.run(10)
    assert rig.expired == [(rig.now, 2, 1)]


def test_a_service_release_puts_a_good_door_out_of_service_first():
    rig = Rig()
    assert rig.bank.serve(2, rig.now)
    assert (rig.state(2), rig.door(2).verdict) == (doors.FAIL_CLOSED, faults.SERVICE_RELEASED)


def test_a_service_release_tells_of_its_pulse_and_its_end_only():
    rig = Rig(latched=(0, faults.CONFLICT, 0, 0, 0, 0))
    rig.told = []
    rig.bank.serve(2, rig.now)
    rig.run(2_000)
    assert rig.told == [(2, faults.CONFLICT)] * 2


def test_a_service_release_waits_for_a_sample_that_is_missing():
    rig = Rig(latched=(0, faults.CONFLICT, 0, 0, 0, 0))
    rig.bank.serve(2, rig.now)
    rig.unread = 0b10
    rig.run(20)
    assert rig.fired == []
    rig.run(1_000)
    assert rig.bank.serve(2, rig.now)
    rig.run(10)
    assert rig.fired == [(rig.now, 2)], "it is dark: nothing to wait for"


def test_service_at_one_door_does_not_end_the_halt():
    rig = Rig(latched=(0, faults.WRONG_DOOR, 0, 0, 0, 0))
    rig.bank.serve(2, rig.now)
    rig.run(20)
    assert rig.state(2) == doors.SERVING and rig.bank.halted
    assert not rig.request(3)


def test_a_fault_of_one_door_halts_no_other():
    rig = Rig(latched=(0, faults.CONFLICT, 0, 0, 0, 0))
    assert not rig.bank.halted and not rig.bank.cut_off and rig.request(3)


def test_a_refused_pulse_is_told():
    rig = Rig()
    rig.request(2)
    rig.run(10)
    rig.told = []
    rig.bank.not_fired(2, rig.now)
    rig.run(10)
    assert rig.told == [(2, faults.NOT_PULLED)]


def test_each_door_starts_with_its_own_grant():
    rig = Bank(("rotary",) * DOORS, Timers())
    rig.start(0b100101, (0,) * DOORS, 0)
    assert [door.granted for door in rig.doors] == [True, False, True, False, False, True]


def test_the_open_time_is_that_until_the_alarm():
    assert Bank(("rotary",), Timers()).open_ms == 150_000


def test_contacts_that_were_never_read_are_dark_at_once():
    for number in range(1, DOORS + 1):
        b = Bank(("rotary",) * DOORS, Timers())
        b.start(0, (0,) * DOORS, 0)
        b.step(SHUT, SHUT, 10, 1 << (number - 1))
        assert b.sensors.dark == 1 << (number - 1)


def test_idle_steps_do_nothing_however_long_ago_the_last_timer_was():
    rig = Rig()
    rig.run(20_000)
    first = rig.bank.step(SHUT, SHUT, rig.now + 10)
    assert first == () and rig.bank.step(SHUT, SHUT, rig.now + 20) is first


def test_idle_steps_do_nothing_before_a_timer_is_over():
    rig = Rig()
    rig.request(2)
    rig.run(20)
    rig.pull(2)
    rig.run(2_000)
    assert rig.state(2) == doors.OPEN
    steps = [rig.bank.step(rig.reeds, rig.latches, rig.now + ms) for ms in (10, 20)]
    assert steps[0] == () and steps[1] is steps[0]


def test_a_bank_tells_nothing_of_doors_that_wait_without_a_timer():
    rig = Rig()
    rig.request(2)
    rig.run(20)
    rig.pull(2)
    rig.run(160_000)
    assert rig.state(2) == doors.OPEN_ALARM
    rig.told = []
    rig.request(3)
    rig.run(100)
    rig.pull(3)
    assert [number for number, _ in rig.told if number == 2] == []


def test_one_contact_that_goes_dark_is_enough():
    b = Bank(("lock_contact_only",), Timers())
    b.start(0, (0,), 0)
    for now in range(0, 300, 10):
        b.step(now // 50 & 1, 1, now)  # the reed that it does not need never settles
    assert b.door(1).state == doors.SECURED
    for now in range(300, 1_000, 10):
        b.step(1, 1, now, 1)
    assert b.door(1).state == doors.INHIBITED


def test_a_doubt_from_before_a_pulse_is_no_movement_in_it():
    rig = Rig()
    rig.reeds &= ~0b100  # odd: its bolt says locked
    rig.run(150)
    assert rig.door(3).doubted and rig.request(2)
    rig.run(10)
    rig.latches &= ~0b10
    rig.run(1_000)
    assert not rig.bank.halted and rig.door(3).verdict == faults.CONFLICT


def test_a_door_that_is_shut_in_the_window_of_another_is_no_stranger():
    rig = Rig()
    rig.request(1)
    rig.run(20)
    rig.pull(1)
    rig.run(1_000)
    rig.request(2)
    rig.run(20)
    rig.reeds = SHUT
    rig.run(200)
    assert rig.state(1) == doors.RELOCKING and not rig.bank.halted


def test_a_door_that_is_read_for_the_first_time_in_a_window_is_no_stranger():
    rig = Rig(unread=0b100)
    rig.reeds = rig.latches = SHUT & ~0b100
    rig.request(2)
    rig.run(20)
    rig.unread = 0
    rig.run(200)
    assert rig.door(3).verdict == faults.FOUND_OPEN and not rig.bank.halted


def test_the_door_of_the_window_may_move_more_than_once():
    for number in (1, 2, 3, 6):
        rig = Rig()
        rig.request(number)
        rig.run(20)
        for _ in range(3):
            rig.latches ^= 1 << (number - 1)
            rig.run(50)
        assert rig.state(number) == doors.RELEASED and not rig.bank.halted


def test_a_bolt_that_does_not_move_gets_one_retry_after_its_rest():
    rig = Rig()
    rig.request(2)
    rig.run(20_000)
    (first, _), (second, _) = rig.fired
    assert second - first == 600 + 2_000
    assert rig.door(2).verdict == faults.JAMMED


def test_a_retry_waits_for_the_window_of_another_door():
    rig = Rig()
    rig.request(2)
    rig.run(2_400)
    rig.request(3)
    rig.run(5_000)
    assert [number for _, number in rig.fired][:3] == [2, 3, 2]
    assert rig.fired[2][0] - rig.fired[1][0] == 600 + 150


def cooled(rig):
    """Door 2 waits for its retry, in a pause."""
    rig.request(2)
    rig.run(620)
    assert rig.state(2) == doors.COOLING
    over = rig.door(2).deadline
    rig.pause(over - rig.now)
    return over


def test_a_retry_is_late_at_the_very_millisecond():
    for late, fires in ((4_990, True), (5_000, False)):
        rig = Rig()
        over = cooled(rig)
        rig.pause(over + late - 150 - rig.now)
        rig.bank.not_fired(1, rig.now)
        rig.run(1_000)
        assert [at for at, _ in rig.fired[1:]] == ([over + late] if fires else [])


def test_a_retry_is_late_after_a_step_that_came_late():
    rig = Rig()
    over = cooled(rig)
    rig.pause(over + 4_900 - rig.now)
    rig.now = over + 6_000
    rig.run(1_000)
    assert len(rig.fired) == 1 and rig.door(2).verdict == faults.JAMMED


def test_the_sooner_of_two_timers_wakes_the_bank():
    rig = Rig()
    rig.latches &= ~0b10
    rig.run(1, every=1)
    rig.latches &= ~0b01
    rig.run(30, every=1)
    rig.run(59_960)
    rig.told = []
    told_at = []
    for _ in range(60):
        rig.now += 1
        rig.step()
        if rig.told:
            told_at.append((rig.now, rig.told))
            rig.told = []
    assert [rows for _, rows in told_at] == [[(2, faults.AJAR)], [(1, faults.AJAR)]]
    assert told_at[1][0] - told_at[0][0] == 1


def test_a_door_that_waits_for_its_retry_is_promised_to_nobody_else():
    rig = Rig()
    rig.request(2)
    rig.run(620)
    assert rig.state(2) == doors.COOLING and rig.door(2).reading == doors.SHUT
    assert not rig.request(2)
