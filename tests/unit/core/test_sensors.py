"""All contacts of all doors: what is read and believed, and for how long nothing will come."""

from locker.core.bank import Bank
from locker.core.door import Timers
from locker.core.sensors import Sensors

ALL = 0b111
LATCH, REED = 1, 2


def settled(paired=0, now=200):
    """Three doors, shut and known."""
    s = Sensors(3, 100, 20, paired)
    for at in range(0, now + 1, 10):
        if paired:
            s.take_twins(ALL, at)
        s.update(ALL, ALL, at, 0)
    return s


def test_nothing_comes_of_steady_contacts():
    assert settled().idle_ms(200) == 86_400_000


def test_bits_of_no_door_mean_nothing():
    for more in (1 << 3, -1 << 3, 1 << 40):
        s = settled(paired=0b010)
        for now in (210, 220, 230, 240):
            s.take_twins(ALL | more, now)
            assert s.update(ALL | more, ALL | more, now, more) == 0
            assert s.dark == 0 and s.read(0b010) == (0b11, 0b11, False)
            assert s.idle_ms(now) > 0, "nothing was unread"


def test_idle_until_a_contact_settles():
    for reeds, latches, ms in ((0b101, ALL, 100), (ALL, 0b101, 20), (0b101, 0b101, 20)):
        s = settled()
        s.update(reeds, latches, 210, 0)
        assert s.idle_ms(210) == ms
        assert s.update(reeds, latches, 210 + ms - 1, 0) == 0
        assert s.idle_ms(210 + ms) == 0
        assert s.update(reeds, latches, 210 + ms, 0) == 0b010


def test_then_idle_until_the_flap_window_is_over():
    s = settled()
    s.update(0b101, ALL, 210, 0)
    s.update(0b101, ALL, 310, 0)
    assert s.idle_ms(310) == 3_900
    s.update(0b101, ALL, 4_210, 0)
    assert s.idle_ms(4_210) >= 60_000


def test_a_second_reed_that_settles_counts_too():
    s = settled(paired=0b010)
    s.take_twins(0b101, 210)
    assert s.update(ALL, ALL, 210, 0) == 0 and s.idle_ms(210) == 100
    s.take_twins(0b101, 310)
    assert s.idle_ms(310) == 0
    assert s.update(ALL, ALL, 310, 0) == 0b010
    assert s.update(ALL, ALL, 311, 0) == 0 and s.idle_ms(311) > 0


def test_never_idle_while_a_sample_is_missing():
    s = settled()
    s.update(ALL, ALL, 210, 0b100)
    assert s.idle_ms(210) == 0
    s.update(ALL, ALL, 220, 0)
    assert s.idle_ms(220) > 0


def test_a_bank_is_idle_until_a_contact_or_a_timer():
    bank = Bank(("rotary",) * 3, Timers())
    bank.start(0, (0,) * 3, 0)
    assert bank.idle_ms(0) == 0
    for now in range(0, 201, 10):
        bank.step(ALL, ALL, now)
    assert bank.idle_ms(200) >= 60_000
    assert bank.request(2, 200) and bank.idle_ms(200) == 0
    bank.step(ALL, ALL, 210)
    assert bank.idle_ms(210) == 600
    bank.step(ALL, 0b101, 220)
    assert bank.idle_ms(220) == 20


def test_the_first_sample_tells_nothing_and_leaves_nothing_dark():
    for paired in (0, ALL):
        s = Sensors(3, 100, 20, paired)
        assert s.update(ALL, ALL, 0, 0) == 0 and s.dark == 0


def test_only_the_contacts_that_a_door_needs_must_be_quiet():
    for reeds, latches, moving in ((0b101, ALL, REED), (ALL, 0b101, LATCH), (ALL, ALL, 0)):
        s = settled()
        s.update(reeds, latches, 210, 0)
        for needs in (LATCH, REED, LATCH | REED):
            assert s.is_quiet(0b010, needs) == (not needs & moving), (needs, moving)
            assert s.is_quiet(0b001, needs) and s.is_quiet(0b100, needs)


def test_the_second_reed_of_a_door_without_one_counts_for_nothing():
    s = settled(paired=0b010)
    now = 200
    for i in range(30):
        now += 10
        s.take_twins(0b111 if i & 1 else 0b010, now)
        assert s.update(ALL, ALL, now, 0) == 0
        assert s.is_quiet(0b001, LATCH | REED) and s.none_moves(0b001)
        assert s.read(0b001) == (0b11, 0b11, False)
    assert s.idle_ms(now) >= 0


def test_a_second_reed_that_moves_or_flaps_counts_at_its_own_door():
    s = settled(paired=0b010)
    now = 200
    for i in range(30):
        now += 10
        s.take_twins(0b111 if i & 1 else 0b101, now)
        s.update(ALL, ALL, now, 0)
        assert not s.is_quiet(0b010, LATCH | REED)
    assert s.read(0b010) == (0b01, 0b11, True)
    assert s.none_moves(0b010), "what flaps cannot be told to move"


def test_a_door_that_goes_dark_is_the_only_one_told():
    for gone in (0b001, 0b010, 0b100):
        s = settled(paired=0b010)
        assert [s.update(ALL, ALL, now, gone) for now in (210, 220, 230, 240)] == [0, 0, gone, 0]
        assert s.dark == gone
