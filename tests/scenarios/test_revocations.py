"""Codes that are ended before their time: by command, by a typed token, across lost writes."""

from collections.abc import Callable

import pytest

from granting import PLACE, Host
from locker.core import clock, codes, compartments, faults, people, records, wire
from locker.core.mac import Mac
from lockerctl import issue
from ordering import Operator
from talking import enters, reasons, types
from whole_station import WholeStation


def test_a_revoked_person_is_refused_by_command_and_by_token(
    station: WholeStation, host: Host
) -> None:
    host.grant()
    host.grant(place=4)
    assert host.revoke(codes.PERSON + PLACE, 1)["st"] == "done"
    assert host.revoke(codes.PERSON + PLACE, 1)["st"] == "done", "said twice is as good"
    enters(station, host.code(), "not accepted e11")
    token = host.token(codes.PERSON + 4, 1)
    enters(station, token, "old codes ended")
    station.power_cut()
    station.pass_time(2000)
    enters(station, host.code(4), "not accepted e11")
    enters(station, token, "not accepted e11")
    revoked = faults.CODE_REVOKED
    assert reasons(station) == [revoked, revoked, faults.CODE_REPLAYED]


def test_a_token_works_without_the_time_once_and_only_here(
    station: WholeStation, host: Host
) -> None:
    old = station.code(3)
    station.bench.bus.unplugged.add(0x68)
    station.power_cut()
    station.pass_time(1000)
    wrong = codes.revocation(Mac(station.record.keys.command), "other", 3, 1)
    enters(station, issue.revocation_entry(3, wrong), "not accepted e11")
    token = host.token(3, 1)
    enters(station, token, "old codes ended 03-")
    enters(station, token, "not accepted e11")
    compartment = station.station.vault.compartment(3)
    assert (compartment.tenancy, compartment.occupancy) == (4, compartments.OCCUPIED)
    assert reasons(station) == [faults.WRONG_CODE, faults.CODE_REPLAYED]
    station.bench.bus.unplugged.clear()
    station.power_cut()
    station.pass_time(1000)
    enters(station, old, "not accepted e11")
    enters(station, station.code(3), "take your")


def test_codes_issued_ahead_end_with_the_parcels(station: WholeStation, host: Host) -> None:
    key = codes.key_of_tenancy(station.record.keys.door_root, 3, 3)
    ahead = codes.entry(3, codes.recovery_code(Mac(key)), recovery=True)
    assert host.revoke(3, 1)["st"] == "done"
    enters(station, ahead, "not accepted e11")
    assert host.revoke(3, 1)["st"] == "done"
    assert station.station.vault.compartment(3).tenancy == 4, "once only"
    assert host.revoke(3, 99)["err"] == faults.NOTHING_TO_REVOKE
    assert host.revoke(19, 1)["err"] == faults.NO_SUCH_DOOR


def test_a_door_in_use_is_not_recoded(station: WholeStation, host: Host) -> None:
    types(station, station.code(3) + "#", "take your")
    assert host.revoke(3, 1)["err"] == faults.NOTHING_TO_REVOKE
    assert station.station.vault.compartment(3).tenancy == 1


def test_revoked_day_codes_stay_dead_across_a_power_cut(station: WholeStation, host: Host) -> None:
    old = station.courier()
    assert host.revoke(0, 0)["st"] == "done"
    for _ in range(2):
        enters(station, old, "not accepted e11")
        station.pass_time(12_000)
        assert reasons(station)[-2:] == [faults.WRONG_CODE, faults.CODE_REVOKED]
        station.power_cut()
        station.pass_time(2000)
    key = people.courier_key(station.record.keys.courier, 1)
    slot = (station.now_s() - clock.EPOCH) // codes.slot_seconds(codes.COURIER_CLASS)
    enters(station, codes.entry(0, codes.courier_code(Mac(key), slot)), "parcel size")


def test_a_revocation_is_whole_or_not_at_all(
    make_station: Callable[..., WholeStation], monkeypatch: pytest.MonkeyPatch
) -> None:
    for target, number in ((codes.PERSON + PLACE, 1), (0, 0), (2, 1)):
        write, failed = 0, True
        while failed:
            write += 1
            station = make_station(occupied=(2,))
            host = Host(station)
            host.grant()
            with monkeypatch.context() as broken:
                count = station.fail_write(broken, write)
                mac = Mac(station.record.keys.command)
                more = number.to_bytes(4, "big").hex()
                expires = station.now_s() + 60
                order = wire.Command(9, "revoke", target, expires, "alice", more=more)
                payload = wire.pack_command(mac, "test", order)
                Operator(station).report.on_message(b"lk/v1/test/cmd", payload, False)
                station.pass_time(300)
                failed = count[0] >= write
                answer = station.desk.responses
            if not failed:
                assert [row[1:] for row in answer] == [("done", 0)]
            station.power_cut()
            station.pass_time(2000)
            again = Host(station)
            again._number = 10
            assert again.revoke(target, number)["st"] == "done"
            ended = [r for r in station.journal() if r.kind == records.REVOKED]
            assert ended, (target, write)
            tenancy = station.station.vault.compartment(2).tenancy
            assert tenancy == (4 if target == 2 else 1)
            station.forget()
        assert write > 2
