"""Commands from the network: taken once, in order and in time, or refused with a reason and
without effect.
"""

import pytest

from locker.core import doors, faults, records, wire
from locker.core.mac import Mac
from ordering import Operator
from whole_station import WholeStation


@pytest.fixture
def operator(station: WholeStation) -> Operator:
    return Operator(station)


def state_of(station: WholeStation) -> list[bytes]:
    """Everything that a command could change."""
    vault = station.station.vault
    return [c.pack() for c in vault.compartments] + [vault.lockout.pack(), vault.counters.pack()]


def test_block_keeps_a_right_code_out_and_unblock_lets_it_in(
    station: WholeStation, operator: Operator
) -> None:
    assert operator.order(1, "block", 3)["st"] == "done"
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("out of service"))
    assert station.bench.cabinet.pulses == []
    assert operator.order(2, "unblock", 3)["st"] == "done"
    station.pass_time(9000)
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    assert station.openings() == [3]


def test_a_conflict_is_left_by_a_service_clear_with_good_readings_only(
    station: WholeStation, operator: Operator
) -> None:
    station.bench.fault(3, "reed_stuck_off")
    station.pass_time(2000)
    answer = operator.order(1, "clear", 3)
    assert (answer["st"], answer["err"]) == ("rejected", faults.COMMAND_NOT_NOW)
    assert station.station.bank.door(3).state == doors.FAIL_CLOSED
    station.bench.fault(3, "reed_stuck_off", False)
    station.pass_time(2000)
    assert operator.order(2, "clear", 3)["st"] == "done"
    station.power_cut()
    station.pass_time(2000)
    assert station.station.bank.door(3).state == doors.SECURED


def test_a_clear_in_the_middle_of_a_pickup_ends_the_claim(
    station: WholeStation, operator: Operator
) -> None:
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    station.bench.fault(3, "latch_stuck_on")
    station.pass_time(2000)
    assert station.station.bank.door(3).state == doors.FAIL_CLOSED
    station.bench.fault(3, "latch_stuck_on", False)
    station.bench.push(3)
    station.pass_time(2000)
    assert operator.order(1, "clear", 3)["st"] == "done"
    station.pass_time(2000)
    assert station.kinds().count("collected") == 1


def test_who_asked_and_what_for_is_in_the_journal(
    station: WholeStation, operator: Operator
) -> None:
    operator.order(7, "block", 3)
    record = [r for r in station.journal() if r.kind == records.COMMAND][-1]
    assert (record.door, record.tenancy, wire.COMMANDS[record.value]) == (3, 7, "block")
    assert wire.printable(record.note) == "alice"


def test_an_old_number_is_refused_even_after_a_power_cut(
    station: WholeStation, operator: Operator
) -> None:
    first = operator.payload(5, "block", 3)
    operator.send(first)
    operator.order(6, "unblock", 3)
    station.power_cut()
    station.pass_time(1000)
    again = Operator(station)
    before = state_of(station)
    answer = again.send(first)
    assert (answer["st"], answer["err"]) == ("rejected", faults.COMMAND_OUT_OF_ORDER)
    assert state_of(station) == before


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        ("retained", faults.MESSAGE_RETAINED),
        ("expired", faults.COMMAND_EXPIRED),
        ("oversized", faults.MESSAGE_OVERSIZED),
        ("malformed", faults.MESSAGE_MALFORMED),
        ("unknown", faults.COMMAND_UNKNOWN),
        ("forged", faults.COMMAND_FORGED),
        ("no such door", faults.NO_SUCH_DOOR),
    ],
)
def test_a_bad_message_is_refused_counted_and_changes_nothing(
    station: WholeStation, operator: Operator, case: str, fault: int
) -> None:
    payload = {
        "expired": operator.payload(1, "block", 3, expires_in_s=-10),
        "oversized": b"{" + b" " * 600 + b"}",
        "malformed": b'{"id":',
        "unknown": operator.payload(1, "explode", 3),
        "forged": operator.payload(1, "block", 3).replace(b'"n": 3', b'"n": 4'),
        "no such door": operator.payload(1, "block", 19),
    }.get(case, operator.payload(1, "block", 3))
    before = state_of(station)
    answer = operator.send(payload, retained=case == "retained")
    assert (answer["st"], answer["err"]) == ("rejected", fault)
    assert state_of(station) == before
    assert station.station.refused == {fault: 1}


def test_without_the_time_no_command_is_taken(station: WholeStation) -> None:
    station.bench.bus.unplugged.add(0x68)
    station.power_cut()
    station.pass_time(1000)
    assert Operator(station).order(1, "block", 3)["err"] == faults.CLOCK_NOT_SURE


def test_acknowledgements_move_forward_only_and_not_past_the_journal(
    station: WholeStation, operator: Operator
) -> None:
    mac = Mac(station.record.keys.command)
    journal = station.station.book.journal
    for seq, held in ((1, 1), (journal.last + 50, 1), (0, 1)):
        operator.report.on_message(
            operator.report.topic("ack"), wire.pack_ack(mac, "test", seq), False
        )
        station.pass_time(100)
        assert journal.acknowledged == held
