"""The operator's time token at the keypad of the whole station: taken once, in time, from whoever
has the key - or refused, journalled, and nothing changed.
"""

import pytest

from locker.core import clock, codes, damm, faults, records
from lockerctl import time_token
from whole_station import WholeStation

MINUTE = 60_000


def ask(station: WholeStation) -> str:
    """Type 912# and read the challenge."""
    station.play(station.person.types(time_token.question() + "#"))
    station.play(station.person.reads("token"))
    return station.bench.display.lines()[1].strip()


def answer(station: WholeStation, digits: str) -> None:
    station.play(station.person.types(digits + "#"))
    station.pass_time(2000)


def token(station: WholeStation, challenge: str, wrong_s: int = 0) -> str:
    return time_token.make(station.record, challenge, station.now_s() + wrong_s)


def off_s(station: WholeStation) -> int:
    believed_s = station.station.clock.now_s(station.hal.system.ticks_ms())
    return abs(believed_s + clock.EPOCH - station.now_s())


def bound_s(station: WholeStation) -> int:
    return station.station.clock.uncertainty_s(station.hal.system.ticks_ms())


def trust(station: WholeStation) -> int:
    return station.station.clock.trust(station.hal.system.ticks_ms())


def state(station: WholeStation) -> tuple[bytes, int]:
    return station.station.clock.pack(), station.station.clock.floor_s


def refusals(station: WholeStation) -> list[tuple[int, str]]:
    return [
        (r.reason, r.note.rstrip(b"\x00").decode())
        for r in station.journal()
        if r.kind == records.REFUSED
    ]


def test_a_dead_clock_is_set_at_the_keypad_and_stays_set(station: WholeStation) -> None:
    station.bench.rtc.lose_power(station.bench.now_ms)
    station.power_cut()
    station.pass_time(2000)
    assert trust(station) == clock.UNSYNCED
    challenge = ask(station)
    station.pass_time(40_000)  # the call to support
    answer(station, token(station, challenge))
    assert "Clock is set" in station.shown() and "UTC" in station.shown()
    assert trust(station) == clock.HOLDOVER and off_s(station) <= bound_s(station) <= 75
    told = [r for r in station.journal() if r.kind == records.TIME_TOKEN]
    assert [r.actor for r in told] == [records.OPERATOR] and told[0].fault == faults.NONE
    station.power_cut()
    station.pass_time(2000)
    assert trust(station) == clock.HOLDOVER and off_s(station) <= bound_s(station)
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    assert station.openings() == [3]


def test_a_clock_minutes_wrong_is_stepped_and_the_journal_says_so(station: WholeStation) -> None:
    station.bench.rtc.set_unix(station.bench.now_ms, station.now_s() + 900)
    station.power_cut()
    station.pass_time(2000)
    floor_s = station.station.clock.floor_s
    answer(station, token(station, ask(station)))
    assert off_s(station) <= bound_s(station) <= 45
    told = [r for r in station.journal() if r.kind == records.TIME_TOKEN]
    assert [r.fault for r in told] == [faults.CLOCK_STEPPED]
    assert station.station.clock.floor_s == floor_s


def test_a_token_that_agrees_raises_no_floor_into_the_future(station: WholeStation) -> None:
    challenge = ask(station)
    digits = token(station, challenge)
    station.pass_time(9 * MINUTE)
    answer(station, digits)
    assert "Clock is set" in station.shown()
    assert station.station.clock.floor_s + clock.EPOCH <= station.now_s()
    assert off_s(station) <= 2 and bound_s(station) <= 5


def test_it_is_good_once(station: WholeStation) -> None:
    digits = token(station, ask(station))
    answer(station, digits)
    before = state(station)
    answer(station, digits)
    assert "E85" in station.shown()
    challenge = ask(station)
    assert challenge != digits
    answer(station, digits)
    assert "E84" in station.shown() and state(station) == before
    assert refusals(station) == [
        (faults.TOKEN_STALE, "no challenge"),
        (faults.TOKEN_WRONG, ""),
    ]


def test_it_is_too_old_after_ten_minutes(station: WholeStation) -> None:
    before = state(station)
    digits = token(station, ask(station))
    station.pass_time(10 * MINUTE)
    answer(station, digits)
    assert "E85" in station.shown() and state(station) == before
    assert refusals(station) == [(faults.TOKEN_STALE, "old")]


def test_ticks_that_wrap_revive_no_challenge(station: WholeStation) -> None:
    digits = token(station, ask(station))
    for _ in range(13):
        station.skip(86_400_000)
    answer(station, digits)
    assert "E85" in station.shown() and refusals(station)[0][1] == "old"


def test_a_wrong_one_ends_its_challenge_and_counts_as_a_guess(station: WholeStation) -> None:
    challenge = ask(station)
    good = token(station, challenge)
    guess = good[:-2] + str((int(good[-2]) + 1) % 10)
    guess += str(damm.check_digit(guess))
    before = state(station)
    answer(station, guess)
    assert "E84" in station.shown() and station.station.vault.lockout.level == 1
    answer(station, good)
    assert "E85" in station.shown() and refusals(station)[-1] == (faults.TOKEN_STALE, "used")
    station.play(station.person.types(time_token.question() + "#"))
    station.play(station.person.reads("Please wait"))
    assert state(station) == before
    station.pass_time(10 * MINUTE)
    assert ask(station) != challenge


def test_a_typo_costs_nothing(station: WholeStation) -> None:
    challenge = ask(station)
    good = token(station, challenge)
    answer(station, good[:-1] + str((int(good[-1]) + 1) % 10))
    assert "Mistyped" in station.shown()
    assert ask(station) == challenge
    answer(station, good)
    assert "Clock is set" in station.shown()


def test_who_guesses_waits(station: WholeStation) -> None:
    guess = codes.entry(3, 1)
    for _ in range(5):
        station.play(station.person.types(guess + "#"))
        station.pass_time(40_000)
    assert station.station.vault.lockout.level >= 4
    station.play(station.person.types(guess + "#"))
    station.pass_time(1000)
    station.play(station.person.types(time_token.question() + "#"))
    station.play(station.person.reads("Please wait"))


def test_a_day_off_needs_a_second_source_and_the_floor_stands(station: WholeStation) -> None:
    before = state(station)
    for wrong_s, fault in ((3 * 86_400, 82), (-30 * 86_400, 81)):
        answer(station, token(station, ask(station), wrong_s))
        assert f"E{fault}" in station.shown() and state(station) == before


def test_nothing_is_set_by_a_try_that_cannot_be_counted(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.bench.rtc.set_unix(station.bench.now_ms, station.now_s() + 900)
    station.power_cut()
    station.pass_time(2000)
    digits = token(station, ask(station))
    before = state(station)
    with monkeypatch.context() as patch:
        station.fail_write(patch, 1)
        answer(station, digits)
    assert "E42" in station.shown() and state(station) == before
    answer(station, digits)
    assert "Clock is set" in station.shown()


def test_a_cut_at_any_write_of_a_token_never_leaves_a_wrong_time(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for failing in range(1, 9):
        station.bench.rtc.set_unix(station.bench.now_ms, station.now_s() + 400)
        station.power_cut()
        station.pass_time(2000)
        digits = token(station, ask(station))
        with monkeypatch.context() as patch:
            station.fail_write(patch, failing)
            station.play(station.person.types(digits + "#"))
            station.pass_time(300)
        station.power_cut()
        station.pass_time(2000)
        right = off_s(station) <= bound_s(station) or off_s(station) >= 395
        assert trust(station) == clock.UNSYNCED or right
        answer(station, token(station, ask(station)))
        assert off_s(station) <= bound_s(station)
