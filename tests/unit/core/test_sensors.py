"""All contacts of all doors: what is read and believed, and for how long nothing will come."""

from locker.core.bank import Bank
from locker.core.door import Timers
from locker.core.sensors import Sensors

ALL = 0b111


def settled(paired=0, now=200):
    """Three doors, shut and known."""
    s = Sensors(3, 100, 20, paired)
    for at in range(0, now + 1, 10):
        if paired:
            s.take_twins(ALL, at)
        s.update(ALL, ALL, at, 0)
    return s


def test_nothing_comes_of_steady_contacts():
    assert settled().idle_ms(200) >= 60_000


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
