"""What ends a return code before a parcel is in, and one that nobody fetches."""

from typing import Any

from locker.core import codes, faults, records, tickets, wire
from locker.core.mac import Mac
from lockerctl import grants
from lockerctl import returns as host
from lockerctl.persons import Revocation
from ordering import Operator
from returning import number_of, told
from talking import enters, types
from virtual.journeys import deposits
from whole_station import WholeStation

DAY_MS = 86_400_000


class Host:
    """Revokes at a station, over the network and by a typed token."""

    def __init__(self, station: WholeStation) -> None:
        self._station = station

    def revokes(self, number: int, count: int = 1) -> dict[str, Any]:
        expires = self._station.now_s() + 60
        more = number.to_bytes(4, "big").hex()
        command = wire.Command(
            count, "revoke", host.target_of(number), expires, "alice", more=more
        )
        mac = Mac(self._station.record.keys.command)
        return Operator(self._station).send(wire.pack_command(mac, "test", command))

    def token(self, number: int) -> str:
        row = Revocation(host.target_of(number), number, "a return", 0, 0, 0)
        return grants.token(self._station.record, row)


def test_the_operator_ends_a_code_and_no_other(station: WholeStation) -> None:
    code = station.give_back(serial=41)
    number = number_of(station, code)
    assert Host(station).revokes(number)["st"] == "done"
    assert Host(station).revokes(number, 2)["st"] == "done"
    enters(station, code, "not accepted e11")
    ended = [r for r in station.journal() if r.kind == records.REVOKED]
    assert {(r.door, r.tenancy, r.value) for r in ended} == {(0, number, codes.RETURNS)}
    station.power_cut()
    station.pass_time(2000)
    enters(station, code, "not accepted e11")
    enters(station, station.give_back(serial=42), "parcel size")


def test_a_typed_token_ends_a_code_without_a_network(station: WholeStation) -> None:
    code = station.give_back(serial=97)
    number = number_of(station, code)
    types(station, Host(station).token(number) + "#", "old codes ended")
    enters(station, code, "not accepted e11")
    enters(station, Host(station).token(number + 100 * 100), "not accepted e11")
    enters(station, station.give_back(serial=98), "parcel size")


def test_what_cannot_be_meant_is_not_revoked(station: WholeStation) -> None:
    number = number_of(station, station.give_back(serial=3))
    far = number + 3 * tickets.SERIALS
    assert Host(station).revokes(far)["err"] == faults.NOTHING_TO_REVOKE
    old = number - 60 * tickets.SERIALS
    assert Host(station).revokes(old, 2)["st"] in ("done", "rejected")
    enters(station, station.give_back(serial=3), "parcel size")


def test_a_return_that_nobody_fetches_is_overdue_and_staff_see_what_it_is(
    station: WholeStation,
) -> None:
    door = station.play(deposits(station.person, station.give_back(), "1"))
    station.skip(3_700_000)
    station.pass_time(1_500)
    station.skip(5 * DAY_MS)
    station.pass_time(1_500)
    assert told(station, door)["occ"] == "overdue" and told(station, door)["ret"] is True
    assert Operator(station).order(1, "empty", door)["st"] == "done"
    assert (told(station, door)["occ"], told(station, door)["ret"]) == ("free", False)


def test_a_lost_memory_of_the_codes_takes_none_of_before(station: WholeStation) -> None:
    station.play(deposits(station.person, station.give_back(), "1"))
    for copy in "ab":
        (station.flash / "cells" / f"returns.{copy}").write_bytes(b"rot")
    station.power_cut()
    station.pass_time(2000)
    assert "returns" in station.station.damaged
    enters(station, station.give_back(serial=1), "not accepted e11")
    slot_s = codes.slot_seconds(codes.RETURN_CLASS)
    station.skip(slot_s * 1000)
    enters(station, station.give_back(serial=1), "parcel size")
