"""The bank: one pulse window at a time, and nothing else may move in it."""

from locker.core import bank, doors, faults
from locker.core.bank import Bank
from locker.core.door import Timers

SHUT = 0b1111
DAY_MS = 86_400_000


class Rig:
    """Four doors; levels held until changed."""

    def __init__(self, at_once=1, latched=(0, 0, 0, 0)):
        self.bank = Bank(("rotary",) * 4, Timers(), at_once=at_once)
        self.bank.start(0, latched, 0)
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


def test_requests_fire_in_the_order_they_came_each_in_a_window_of_its_own():
    rig = Rig()
    assert rig.request(3) and rig.request(1) and rig.request(4)
    assert not rig.request(3), "one at a time for a door"
    rig.run(2000)
    assert [door for _, door in rig.fired] == [3, 1, 4]
    starts = [at for at, _ in rig.fired]
    gaps = [after - before for before, after in zip(starts, starts[1:])]
    assert min(gaps) >= Timers().state_ms[doors.RELEASING] + 150
    assert rig.expired == []


def test_a_door_that_moves_holds_nobody_up_and_its_request_dies():
    rig = Rig()
    rig.request(2)
    rig.run(10)
    assert rig.request(3) and rig.request(4)
    rig.latches = SHUT & ~0b0010  # 2 is released
    rig.run(640)  # into the pause after its window
    for _ in range(300):
        rig.latches ^= 0b0100  # a bounce shorter than the settle time
        rig.run(10)
    assert [door for _, door in rig.fired][:2] == [2, 4]
    assert rig.expired == [3] and 3 not in [door for _, door in rig.fired]


def test_a_full_queue_refuses_and_every_request_it_took_fires_in_time():
    rig = Rig()
    assert all([rig.request(door) for door in (1, 2, 3, 4)])
    assert not rig.bank.may_release(1)
    rig.run(5000)
    assert [door for _, door in rig.fired[:4]] == [1, 2, 3, 4] and rig.expired == []


def test_as_many_coils_share_a_pulse_as_the_board_allows():
    rig = Rig(at_once=2)
    for door in (1, 2, 3):
        rig.request(door)
    rig.run(20)
    assert [door for _, door in rig.fired] == [1, 2]
    rig.latches = SHUT & ~0b0011
    rig.run(300)
    assert rig.state(1) == rig.state(2) == doors.RELEASED, "neither is a stranger"
    rig.run(1500)
    assert [door for _, door in rig.fired][2] == 3


def test_a_stranger_in_a_shared_pulse_stops_all_of_them():
    rig = Rig(at_once=2)
    rig.request(1)
    rig.request(2)
    rig.run(20)
    rig.latches = SHUT & ~0b1000
    rig.run(200)
    assert [rig.state(door) == doors.FAIL_CLOSED for door in (1, 2, 3, 4)] == [1, 1, 0, 1]


def test_a_retry_ends_when_the_bank_stops_however_soon_that_is_cleared():
    for stopped_ms in (10, 60_000):
        rig = Rig()
        rig.request(2)
        rig.run(1000)
        assert rig.state(2) == doors.COOLING
        rig.bank.stop(4, faults.PULSE_OVERRUN, rig.now)
        rig.run(stopped_ms)
        assert rig.bank.clear(4, rig.now)
        rig.run(5000)
        assert [door for _, door in rig.fired] == [2]
        assert (rig.state(2), rig.bank.door(2).verdict) == (doors.SECURED, faults.JAMMED)


def test_a_service_release_is_one_pulse_whatever_the_contacts_say():
    for reeds, latches in ((SHUT, SHUT), (SHUT & ~2, SHUT), (SHUT, SHUT & ~2), (0, 0)):
        rig = Rig(latched=(0, faults.CONFLICT, 0, 0))
        rig.reeds, rig.latches = reeds, latches
        rig.run(1000)
        assert rig.bank.serve(2, rig.now)
        rig.run(20)
        assert rig.state(2) == doors.SERVING
        rig.run(10_000)
        assert [door for _, door in rig.fired] == [2]
        assert (rig.state(2), rig.bank.door(2).verdict) == (doors.FAIL_CLOSED, faults.CONFLICT)


def test_a_service_release_waits_for_a_moving_contact_and_dies_when_the_door_has_moved():
    rig = Rig(latched=(0, faults.CONFLICT, 0, 0))
    rig.latches = SHUT & ~0b0010
    rig.run(10)
    assert rig.bank.serve(2, rig.now)
    rig.run(5500)
    assert rig.fired == [] and rig.expired == [2]


def test_a_contact_that_flaps_does_not_stop_a_service_release():
    rig = Rig(latched=(0, faults.CONFLICT, 0, 0))
    for step in range(60):
        rig.reeds ^= 0b0010
        rig.run(50)
        if step == 40:
            assert rig.bank.serve(2, rig.now)
    assert [door for _, door in rig.fired] == [2]


def test_a_door_in_use_is_not_served():
    rig = Rig()
    rig.request(2)
    rig.run(20)
    assert not rig.bank.serve(2, rig.now)
    rig.latches = SHUT & ~0b0010
    rig.run(200)
    assert rig.state(2) == doors.RELEASED and not rig.bank.serve(2, rig.now)


def test_a_driver_that_is_not_trusted_serves_nobody():
    rig = Rig()
    rig.bank.stop(1, faults.PULSE_OVERRUN, rig.now)
    rig.run(200)
    assert not rig.bank.serve(2, rig.now) and not rig.bank.serve(1, rig.now)


def test_more_time_starts_the_open_time_again_and_ends_an_alarm():
    rig = Rig()
    rig.request(2)
    rig.run(20)
    rig.latches &= ~0b0010
    rig.reeds &= ~0b0010
    rig.run(119_000)
    assert rig.bank.more_time(2, rig.now)
    rig.run(119_000)
    assert rig.state(2) == doors.OPEN
    rig.run(40_000)
    assert rig.state(2) == doors.OPEN_ALARM and rig.bank.more_time(2, rig.now)
    assert rig.state(2) == doors.OPEN
    assert not rig.bank.more_time(3, rig.now), "it is shut"


def test_any_levels_in_any_order_never_raise_and_never_fire():
    rig = Rig()
    x = 12345
    for _ in range(3000):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        rig.reeds, rig.latches = x >> 8 & 15, x >> 16 & 15
        rig.run(10 + (x >> 24) * 7)
    assert rig.fired == []


def test_nothing_fires_while_the_contacts_of_the_door_are_in_doubt():
    rig = Rig()
    rig.request(1)
    rig.run(560)
    assert rig.request(2)
    rig.run(80)
    rig.reeds = SHUT & ~0b0010  # its reed says open, its bolt locked: not long enough to count
    rig.run(400)
    assert [door for _, door in rig.fired] == [1]


def test_a_retry_never_fires_once_the_door_has_moved():
    rig = Rig()
    rig.request(1)
    rig.run(800)
    assert rig.state(1) == doors.COOLING
    rig.reeds = SHUT & ~0b0001
    rig.run(200)
    rig.reeds = SHUT
    rig.run(5000)
    assert [door for _, door in rig.fired] == [1] and rig.state(1) == doors.SECURED


def test_an_inhibited_door_in_doubt_is_not_steady():
    rig = Rig()
    for _ in range(40):
        rig.reeds ^= 0b0001
        rig.run(120)
    assert rig.state(1) == doors.INHIBITED
    rig.reeds = SHUT
    while rig.bank.door(1).reading != doors.SHUT:
        rig.run(10)
    rig.run(4_700)
    rig.reeds = SHUT & ~0b0001
    rig.run(450)
    assert rig.state(1) == doors.INHIBITED
