"""Where users of lockers and locks hurt, by the numbers of research/field.md: each pain is a test.

Pain 8 has its own tests in test_service.py; what the pulse hardware does is tried on the real
image in tests/emulator.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from locker.core import compartments, damm, doors, faults, records
from lockerctl import issue, provision
from ordering import Operator
from virtual.journeys import picks_up
from whole_station import WholeStation


def starts_pulse(station: WholeStation, code: str) -> None:
    """Somebody types a code; returns with the coil on."""
    station.stage.add(station.person.types(code + "#"))
    for _ in range(2000):
        if station.station.solenoid.busy():
            return
        station.pass_time(5)
    raise AssertionError("no pulse")


def told(station: WholeStation, door: int) -> dict[str, Any]:
    """What the host is told of a door now."""
    report = next(s.task for s in station.reactor.slots if s.name == "report")
    fields: dict[str, Any] = json.loads(report._door(door))
    return fields


def wrong(digits: str, by: int) -> str:
    body = f"{digits[:2]}{(int(digits[2:-1]) + by) % 10 ** (len(digits) - 3):0{len(digits) - 3}d}"
    return body + str(damm.check_digit(body))


def test_pain_1_restarts_and_brownouts_fire_nothing(station: WholeStation) -> None:
    for after_ms in (5, 50, 500, 2000, 1):
        station.power_cut()
        station.pass_time(after_ms)
    assert station.bench.cabinet.pulses == []


def test_pain_2_a_reset_by_the_coil_s_inrush_is_blamed_on_its_door_and_not_repeated(
    station: WholeStation,
) -> None:
    starts_pulse(station, station.code(3))
    station.power_cut()
    station.pass_time(10_000)
    assert [r.door for r in station.journal() if r.fault == faults.RESET_IN_PULSE] == [3]
    assert len(station.bench.cabinet.pulses) == 1


def test_pain_3_a_firmware_that_hangs_in_a_pulse_leaves_no_coil_on(station: WholeStation) -> None:
    starts_pulse(station, station.code(3))
    station.bench.advance(station.bench.now_ms + 10_000)  # and no step of the firmware
    (pulse,) = station.bench.cabinet.pulses
    assert pulse.end_ms is not None
    assert pulse.end_ms - pulse.start_ms <= station.board["coils"]["limit_ms"]


def test_pain_4_a_door_that_never_opened_is_no_success(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=(3,))
    station.bench.fault(3, "tight")
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(20_000)
    assert "collected" not in station.kinds()
    assert station.station.vault.compartment(3).occupancy == compartments.OCCUPIED


def test_pain_5_a_command_that_comes_late_opens_nothing(station: WholeStation) -> None:
    operator = Operator(station)
    late = operator.payload(1, "release", 3, expires_in_s=30)
    station.pass_time(40_000)
    assert operator.send(late)["err"] == faults.COMMAND_EXPIRED
    station.pass_time(2000)
    assert station.bench.cabinet.pulses == []


def test_pain_6_a_retained_command_opens_nothing(station: WholeStation) -> None:
    operator = Operator(station)
    answer = operator.send(operator.payload(1, "release", 3), retained=True)
    assert answer["err"] == faults.MESSAGE_RETAINED
    station.pass_time(2000)
    assert station.bench.cabinet.pulses == []


def test_pain_7_a_door_that_moved_is_not_fired_again(station: WholeStation) -> None:
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    station.pass_time(30_000)
    assert len(station.bench.cabinet.pulses) == 1


def test_pain_9_a_flapping_reed_is_a_fault_of_its_own(station: WholeStation) -> None:
    station.bench.fault(3, "reed_flapping")
    station.pass_time(60_000)
    door = station.station.bank.door(3)
    assert door.state in (doors.INHIBITED, doors.FAIL_CLOSED)
    said = {r.fault for r in station.journal() if r.door == 3}
    assert faults.FLAPPING in said
    assert len(station.journal()) < 40, "and does not fill the journal"
    assert told(station, 3)["door"] == "unknown"


def test_pain_10_guessing_is_slowed(station: WholeStation) -> None:
    for by in range(1, 12):
        station.play(station.person.types(wrong(station.code(3), by) + "#"))
        station.pass_time(1500)
    assert 4 <= station.station.vault.lockout.level < 11, "some were not even judged"


def test_pain_11_a_right_code_in_an_attack_forgives_nothing(station: WholeStation) -> None:
    for by in (1, 2):
        station.play(station.person.types(wrong(station.code(3), by) + "#"))
        station.pass_time(1500)
    level = station.station.vault.lockout.level
    station.play(picks_up(station.person, 2, station.code(2)))
    assert station.station.vault.lockout.level == level > 0
    station.power_cut()
    assert station.station.vault.lockout.level == level


def test_pain_12_what_is_not_known_is_not_told_as_known(station: WholeStation) -> None:
    station.power_cut()
    assert doors.PHYSICAL[station.station.bank.door(3).reading] == ("unknown", "unknown")
    assert not station.station.bank.may_release(3)
    station.pass_time(5000)
    assert (told(station, 3)["door"], told(station, 3)["lock"]) == ("closed", "locked")


def test_pain_13_a_jam_and_a_bolt_not_locked_yet_are_told_apart(station: WholeStation) -> None:
    station.bench.fault(3, "jam")
    station.bench.fault(5, "latch_stuck_off")
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("is stuck", timeout_ms=15_000))
    assert (told(station, 3)["e"], told(station, 5)["e"]) == (faults.JAMMED, faults.NOT_LATCHED)


def test_pain_14_a_network_that_never_answers_delays_nobody(station: WholeStation) -> None:
    station.hal.link_up = True  # and nobody listens at the broker's port
    station.pass_time(5000)
    station.play(picks_up(station.person, 3, station.code(3)))
    assert station.openings() == [3]


def test_pain_15_one_dead_door_leaves_the_others_at_work(station: WholeStation) -> None:
    station.bench.fault(3, "jam")
    station.bench.fault(5, "reed_stuck_off")
    station.play(station.person.types(station.code(3) + "#"))
    for _ in range(3):
        station.play(station.person.reads("is stuck", timeout_ms=15_000))
        station.play(station.person.types("#"))
        station.pass_time(1000)
    station.play(station.person.reads(f"e{faults.CLAIM_USED_UP}"))
    station.pass_time(9000)
    station.play(picks_up(station.person, 2, station.code(2)))
    assert station.openings() == [2]


def test_two_boards_with_one_address_so_both_fire_stop_the_bank(station: WholeStation) -> None:
    station.bench.swap_coils(3, 5)
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(2000)
    assert station.station.bank.halted
    assert faults.WRONG_DOOR in [r.fault for r in station.journal() if r.kind == records.DOOR]


@pytest.mark.parametrize("of", ["code", "courier", "recovery"])
def test_one_extracted_key_opens_one_station(
    station: WholeStation, tmp_path: Path, of: str
) -> None:
    """What another station of the same site would take, this one refuses."""
    other = provision.new_station(
        "other", station.board, provision.random_keys(), ("127.0.0.1", 1), provision.Setup()
    )
    digits = {
        "code": issue.recipient(other, 3, 1, other.classes[0], station.now_s()).digits,
        "courier": issue.courier(other, station.now_s()).digits,
        "recovery": issue.recovery(other, 3, 1).digits,
    }[of]
    station.play(station.person.types(digits + "#"))
    station.play(station.person.reads("not accepted"))
    station.pass_time(1000)
    assert station.bench.cabinet.pulses == []
