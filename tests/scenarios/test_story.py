"""The story of a parcel, and what must not work, on the whole firmware in virtual time."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from locker.core import compartments, damm, doors, faults, records
from talking import types
from virtual.journeys import deposits, picks_up
from virtual.people import StoryFailed
from whole_station import WholeStation


def refusals(station: WholeStation) -> list[tuple[int, int, int]]:
    """(door, reason, fault) of each refusal in the journal."""
    return [(r.door, r.reason, r.fault) for r in station.journal() if r.kind == records.REFUSED]


def wrong(digits: str) -> str:
    """Another well-formed entry for the same door."""
    body = digits[:2] + f"{(int(digits[2:-1]) + 1) % 10 ** (len(digits) - 3):0{len(digits) - 3}d}"
    return body + str(damm.check_digit(body))


def test_deposit_then_pickup_opens_the_door_twice(station: WholeStation) -> None:
    door = station.play(deposits(station.person, station.courier(), "1"))
    code = station.code(door)
    station.play(picks_up(station.person, door, code))
    station.pass_time(1000)
    assert station.openings() == [door, door]
    kinds = station.kinds()
    assert kinds.index("deposited") < kinds.index("claimed") < kinds.index("collected")


@pytest.mark.parametrize("offset", [0, (1 << 30) - 6000])
def test_the_story_holds_while_ticks_wrap(
    make_station: Callable[..., WholeStation], offset: int
) -> None:
    station = make_station(ticks_offset=offset)
    door = station.play(deposits(station.person, station.courier(), "2"))
    station.play(picks_up(station.person, door, station.code(door)))
    assert station.openings() == [door, door]


def test_the_least_worn_free_door_of_the_size_opens(station: WholeStation) -> None:
    station.station.vault.compartment(4).wear = 9
    station.station.vault.compartment(6).wear = 8
    assert station.play(deposits(station.person, station.courier(), "2")) == 6


def test_a_wrong_code_opens_nothing_and_is_in_the_journal(station: WholeStation) -> None:
    types(station, wrong(station.code(3)) + "#", "not accepted e11")
    assert station.openings() == []
    assert refusals(station) == [(3, faults.WRONG_CODE, 0)]


def test_a_typo_costs_no_attempt_and_no_flash_write(station: WholeStation) -> None:
    before = len(station.journal())
    code = station.code(3)
    station.play(
        station.person.types(
            code[:4] + code[5] + code[4] + code[6:] + "#"
            if code[4] != code[5]
            else code[:-1] + "#"
        )
    )
    station.play(station.person.reads("mistyped"))
    station.pass_time(500)
    assert len(station.journal()) == before
    assert station.station.vault.lockout.level == 0


def test_the_same_code_works_once(station: WholeStation) -> None:
    code = station.code(3)
    station.play(picks_up(station.person, 3, code))
    station.pass_time(9000)
    station.play(station.person.types(code + "#"))
    station.play(station.person.reads("not accepted e11"))  # the journal knows better
    assert station.openings() == [3]
    assert refusals(station) == [(3, faults.SPENT, 0)]


def test_a_code_of_the_parcel_before_is_dead_when_the_door_is_used_again(
    station: WholeStation,
) -> None:
    old = station.code(3)
    station.play(picks_up(station.person, 3, old))
    for door in (1, 3):
        assert station.play(deposits(station.person, station.courier(), "1")) in (1, 3), door
        station.pass_time(1000)
    types(station, old + "#", "not accepted")
    assert refusals(station)[-1] == (3, faults.WRONG_CODE, 0)


def test_a_jam_is_told_and_the_same_code_opens_when_it_is_freed(station: WholeStation) -> None:
    code = station.code(3)
    station.bench.fault(3, "jam")
    station.play(station.person.types(code + "#"))
    station.play(station.person.reads("is stuck", timeout_ms=15_000))
    assert station.openings() == []
    assert len(station.bench.cabinet.pulses) == 2  # one, and one retry
    assert faults.JAMMED in [r.fault for r in station.journal()]
    station.bench.fault(3, "jam", False)
    station.play(station.person.types("*"))
    station.play(picks_up(station.person, 3, code))
    assert station.openings() == [3]


def test_a_claim_gives_three_releases_and_then_asks_for_service(station: WholeStation) -> None:
    station.bench.fault(3, "jam")
    station.play(station.person.types(station.code(3) + "#"))
    for _ in range(2):
        station.play(station.person.reads("is stuck", timeout_ms=15_000))
        station.play(station.person.types("#"))
        station.pass_time(1000)
    station.play(station.person.reads("is stuck", timeout_ms=15_000))
    types(station, "#", "e17")
    assert [r.kind for r in station.journal()].count(records.AUTHORISED) == 3


def test_a_conflict_fails_closed_and_only_the_right_code_learns_it(station: WholeStation) -> None:
    station.bench.fault(3, "reed_stuck_off")  # the bolt says locked, the reed says open
    station.pass_time(2000)
    assert station.station.bank.door(3).state == doors.FAIL_CLOSED
    types(station, wrong(station.code(3)) + "#", "not accepted")
    station.pass_time(1000)
    types(station, station.code(3) + "#", "out of service e29")
    assert station.bench.cabinet.pulses == []
    assert refusals(station)[-1] == (3, faults.DOOR_UNUSABLE, faults.CONFLICT)
    station.power_cut()
    station.pass_time(3000)
    assert station.station.bank.door(3).state == doors.FAIL_CLOSED, "latched across a power cut"


def test_swapped_coils_are_noticed_and_stop_the_bank(station: WholeStation) -> None:
    station.bench.swap_coils(3, 5)
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(2000)
    assert station.station.bank.halted
    assert {station.station.bank.door(d).state for d in (3, 5)} == {doors.FAIL_CLOSED}
    pulses = len(station.bench.cabinet.pulses)
    station.play(station.person.types(station.code(2) + "#"))
    station.pass_time(2000)
    assert len(station.bench.cabinet.pulses) == pulses


def test_a_released_door_that_nobody_pulls_is_not_called_collected(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=(3,))
    station.bench.layout.with_stiff_springs()
    station.bench.fault(3, "tight")
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(15_000)
    assert "collected" not in station.kinds()
    assert station.station.vault.compartment(3).occupancy == compartments.OCCUPIED


def test_a_forced_door_is_an_alarm_and_stays_out_of_service(station: WholeStation) -> None:
    station.bench.force(2)
    station.pass_time(1500)
    assert station.station.bank.door(2).state == doors.FAIL_CLOSED
    assert faults.FORCED_OPEN in [r.fault for r in station.journal()]


@pytest.mark.parametrize("days", [7, 13])
def test_after_idle_days_the_right_code_still_opens(station: WholeStation, days: int) -> None:
    for _ in range(days * 2):
        station.skip(43_200_000)
    station.play(picks_up(station.person, 3, station.code(3)))
    assert station.openings() == [3]


def test_a_pull_that_comes_after_the_jam_message_is_no_break_in(station: WholeStation) -> None:
    station.bench.fault(3, "jam")
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("is stuck", timeout_ms=15_000))
    station.bench.force(3)
    station.pass_time(1000)
    assert station.station.bank.door(3).state == doors.OPEN
    station.pass_time(2000)
    assert station.station.vault.compartment(3).opened


def test_the_grant_ends_a_minute_after_a_jam(station: WholeStation) -> None:
    station.bench.fault(3, "jam")
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("is stuck", timeout_ms=15_000))
    station.pass_time(61_000)
    station.bench.force(3)
    station.pass_time(1000)
    assert station.station.bank.door(3).state == doors.FAIL_CLOSED


def test_a_released_door_wants_a_pull_and_not_another_release(station: WholeStation) -> None:
    station.bench.cabinet.doors[3].spec = replace(station.bench.cabinet.doors[3].spec, pops=False)
    code = station.code(3)
    types(station, code + "#", "is free")
    station.pass_time(150_000)
    types(station, code + "#", "is free")
    assert len(station.bench.cabinet.pulses) == 1


@pytest.mark.parametrize("failing", range(1, 9))
def test_a_write_that_fails_in_a_pickup_costs_nothing_for_good(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    code = station.code(3)
    writes = station.fail_write(monkeypatch, failing)
    try:
        station.play(picks_up(station.person, 3, code))
    except StoryFailed:
        station.pass_time(10_000)
        if not station.openings():
            station.play(picks_up(station.person, 3, code))
    station.pass_time(5_000)
    assert writes[0] >= failing
    assert station.openings() == [3]
    if station.bench.door(3).parcel:
        return  # the person was turned away with the door open, and has not come back yet
    station.bench.push(3)
    station.pass_time(5_000)
    assert station.station.vault.compartment(3).occupancy == compartments.FREE
    assert station.kinds().count("collected") >= 1


def test_a_guesser_is_slowed_but_the_recipient_gets_in(station: WholeStation) -> None:
    guess = station.code(3)
    for _ in range(12):
        guess = wrong(guess)
        station.play(station.person.types(guess + "#"))
        station.pass_time(1500)
    level = station.station.vault.lockout.level
    assert 4 <= level < 12, "entries during a delay are not judged"
    station.power_cut()
    station.pass_time(2000)
    assert station.station.vault.lockout.level == level
    station.pass_time(60_000)
    station.play(picks_up(station.person, 3, station.recovery(3)))


def test_without_a_clock_recovery_codes_still_open(station: WholeStation) -> None:
    station.bench.bus.unplugged.add(0x68)
    station.power_cut()
    station.pass_time(12_000)
    types(station, station.code(3) + "#", "recovery code")
    station.play(picks_up(station.person, 3, station.recovery(3)))
    assert station.station.health.faults[:2] == [faults.RTC_SILENT, faults.CLOCK_UNSYNCED]


def test_when_the_clock_chip_dies_at_work_codes_stay_good(station: WholeStation) -> None:
    station.bench.bus.unplugged.add(0x68)
    station.pass_time(30_000)
    assert faults.RTC_SILENT in station.station.health.faults
    station.play(picks_up(station.person, 3, station.code(3)))


def test_without_network_or_broker_pickups_go_on_and_the_idle_screen_says_so(
    station: WholeStation,
) -> None:
    assert "e47" in station.shown().lower(), "no network"
    station.hal.link_up = True  # and nobody listens at the broker's port
    station.pass_time(3000)
    assert "e48" in station.shown().lower()
    station.play(picks_up(station.person, 3, station.code(3)))
    assert station.openings() == [3]


def test_flash_that_cannot_be_written_releases_nothing(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OSError(28)

    monkeypatch.setattr(station.station.vault, "save_door", full)
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(2000)
    assert station.bench.cabinet.pulses == []
    assert "e42" in station.shown().lower()


def test_a_door_open_at_boot_resumes_only_with_a_grant(station: WholeStation) -> None:
    types(station, station.code(3) + "#", "take your")
    station.bench.pull(3)
    station.pass_time(1000)
    station.power_cut()
    station.pass_time(2000)
    assert station.station.bank.door(3).state == doors.OPEN
    station.bench.push(3)
    station.pass_time(2000)
    assert station.kinds().count("collected") == 1


@pytest.mark.parametrize("after_ms", [0, 30, 90, 200, 400, 800, 1600, 2600, 4000])
def test_a_power_cut_in_a_jammed_pickup_never_kills_the_code(
    station: WholeStation, after_ms: int
) -> None:
    code = station.code(3)
    station.bench.fault(3, "jam")
    station.play(station.person.types(code + "#"))
    station.pass_time(after_ms)
    station.power_cut()
    station.bench.fault(3, "jam", False)
    station.pass_time(3000)
    station.play(picks_up(station.person, 3, code))
    station.pass_time(9000)
    types(station, code + "#", "not accepted")
    assert station.openings() == [3]


def test_keys_of_any_kind_at_any_speed_never_raise(station: WholeStation) -> None:
    for i, key in enumerate("0#*?12#9*#?#*0*1234567890123456789#*?" * 8):
        station.bench.keypad.tap(station.bench.now_ms, key, 25.0 + i % 7 * 5)
        station.pass_time(30 + i * 7 % 60)
    assert station.bench.cabinet.pulses == []


def test_fast_typing_loses_no_key(station: WholeStation) -> None:
    for i, key in enumerate("0123456789"):
        station.bench.keypad.tap(station.bench.now_ms, key, 60.0)
        station.pass_time(85 + i % 3)
    station.pass_time(500)
    assert "0123456789" in station.shown()
