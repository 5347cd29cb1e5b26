"""Guess mass, throttle, and what a reboot or a right code changes."""

from locker.core import ticks
from locker.core.lockout import MASS_LIMIT, Lockout


def test_the_first_tries_are_free_and_no_delay_is_longer_than_thirty_seconds():
    lockout = Lockout(4)
    waits = []
    for i in range(70):
        lockout.charge(1 + i % 4, 12, False, 1000)
        waits.append(lockout.wait_ms(1000))
    assert waits[:2] == [0, 0] and waits[2] > 0
    assert waits == sorted(waits) and max(waits) == 30_000


def test_guess_mass_closes_one_door_for_codes_and_leaves_the_others():
    lockout = Lockout(4)
    while not lockout.codes_closed(2, 12):
        lockout.charge(2, 12, False, 0)
    assert not lockout.codes_closed(1, 12)
    lockout.new_tenancy(2)
    assert not lockout.codes_closed(2, 12)


def test_no_entry_is_judged_that_would_go_over_the_limit():
    for candidates in (1, 12, 15, 60):
        lockout = Lockout(1)
        compared = 0
        while not lockout.codes_closed(1, candidates):
            lockout.charge(1, candidates, False, 15)
            compared += candidates
        assert MASS_LIMIT - candidates < compared <= MASS_LIMIT


def test_the_couriers_mass_leaks_and_a_doors_does_not():
    lockout = Lockout(1)
    lockout.restart(0)
    for selector in (0, 1):
        while not lockout.codes_closed(selector, 5):
            lockout.charge(selector, 5, False, 0)
    now = 0
    for _ in range(5):
        now = ticks.add(now, 600_000)
        lockout.leak(now)
    assert not lockout.codes_closed(0, 5) and lockout.codes_closed(1, 5)


def test_the_couriers_mass_goes_on_leaking_when_the_bucket_is_empty():
    lockout = Lockout(1)
    lockout.restart(0)
    lockout.charge(0, 90, False, 0)
    now = 0
    for _ in range(90):
        now = ticks.add(now, 600_000)
        lockout.leak(now)
    assert lockout.pack() == Lockout(1).pack()


def test_long_codes_are_slowed_and_never_shut():
    lockout = Lockout(1)
    for _ in range(500):
        lockout.charge(1, 3, True, 0)
        lockout.charge(0, 5, True, 0)
    assert not lockout.codes_closed(1, 12) and not lockout.codes_closed(0, 5)
    assert lockout.wait_ms(0) == 30_000 and lockout.wait_ms(30_000) == 0


def test_a_right_code_takes_back_its_own_charge_only():
    lockout = Lockout(2)
    lockout.charge(1, 12, False, 0)
    lockout.charge(1, 12, False, 0)
    lockout.charge(2, 12, False, 0)
    before = lockout.pack()
    lockout.charge(1, 12, False, 0)
    lockout.acquit(1, 12, False)
    assert lockout.pack() == before


def test_counts_survive_a_reboot_and_the_delay_starts_again():
    lockout = Lockout(2)
    for _ in range(6):
        lockout.charge(1, 12, False, 0)
    again = Lockout(2)
    again.unpack(lockout.pack())
    again.restart(500_000)
    assert again.level == lockout.level and again.pack() == lockout.pack()
    assert again.wait_ms(500_000) == 8000


def test_foreign_counts_are_refused():
    for payload in (b"", b"\x00\x04" + bytes(3), b"\xff\x04" + bytes(4), Lockout(5).pack()):
        lockout = Lockout(2)
        try:
            lockout.unpack(payload)
        except ValueError:
            continue
        raise AssertionError(payload)


def test_the_bucket_leaks_with_powered_time():
    lockout = Lockout(1)
    lockout.restart(0)
    for _ in range(3):
        lockout.charge(1, 12, False, 0)
    now = 0
    levels = []
    for _ in range(40):
        now = ticks.add(now, 60_000)
        lockout.leak(now)
        levels.append(lockout.level)
    assert levels[8] == 3 and levels[9] == 2 and levels[19] == 1 and levels[-1] == 0


def test_waiting_is_over_when_it_is_over():
    lockout = Lockout(1)
    for _ in range(5):
        lockout.charge(1, 12, False, 1000)
    wait = lockout.wait_ms(1000)
    assert lockout.wait_ms(1000 + wait - 1) == 1 and lockout.wait_ms(1000 + wait) == 0
