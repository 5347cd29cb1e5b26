"""Whatever is wrong with a code, the display says the same, as late; the journal knows why."""

from collections.abc import Callable
from typing import Any

import pytest

from granting import Host
from locker.core import clock, codes, faults, records
from locker.core.mac import Mac
from locker.core.storm import Storm
from lockerctl import issue
from talking import types
from whole_station import WholeStation


def bad_inputs(
    station: WholeStation, host: Host
) -> dict[str, tuple[str | Callable[[], str], int]]:
    """What issue 6 lists: the keys, and the reason in the journal."""
    mac = Mac(station.station.vault.compartment(3).key)
    slot = (station.now_s() - clock.EPOCH) // codes.slot_seconds("3d")
    elsewhere = codes.revocation(Mac(bytes(32)), "other", 3, 1)

    def used() -> str:
        code = host.code(5)
        types(station, code + "#", "door number")
        types(station, "*", "code")
        return code

    assert host.revoke(codes.PERSON + 4, 1)["st"] == "done"
    return {
        "non-digits": ("03ABCD56781", faults.TYPO),
        "too many digits": ("1234567890" * 2, faults.TYPO),
        "expired": (
            codes.entry(3, codes.recipient_code(mac, "3d", slot - 5)),
            faults.CODE_EXPIRED,
        ),
        "revoked": (lambda: host.code(4), faults.CODE_REVOKED),
        "revoked, and granted anew": (lambda: host.code(6), faults.CODE_REVOKED),
        "wrong door": (codes.entry(2, int(station.code(3)[2:-1])), faults.CODE_OF_OTHER_DOOR),
        "wrong station, a door too many": (codes.entry(19, 12345678), faults.NO_SUCH_DOOR),
        "wrong station": (issue.revocation_entry(3, elsewhere), faults.WRONG_CODE),
        "replayed": (used, faults.CODE_REPLAYED),
        "future": (codes.entry(3, codes.recipient_code(mac, "3d", slot + 2)), faults.CODE_EARLY),
    }


def test_bad_input_gets_one_neutral_message_and_its_reason_is_in_the_journal(
    station: WholeStation, host: Host
) -> None:
    for place in (4, 5, 6):
        host.grant(place=place)
    cases = bad_inputs(station, host)
    host.grant(place=6, generation=2)
    for name, (typed, reason) in cases.items():
        station.pass_time(60_000)
        station.station.vault.lockout.level = 0  # the throttle has tests of its own
        keys = typed if isinstance(typed, str) else typed()
        before = len(station.journal())
        for key in keys:
            station.station.session.key(key, station.hal.system.ticks_ms())
        station.station.session.key("#", station.hal.system.ticks_ms())
        station.pass_time(1000)
        number = reason if reason in (faults.TYPO, faults.NO_SUCH_DOOR) else faults.WRONG_CODE
        assert f"E{number}" in station.shown(), name
        station.pass_time(20_000)
        new = station.journal()[before:]
        assert new[-1].reason == reason and len(new) <= 2, name
        raw = b"".join(records.pack_record(Mac(bytes(32)), bytes(16), row(r)) for r in new)
        assert keys.encode() not in raw and keys[2:-1].encode() not in raw, name
        if keys.isdigit():
            assert (int(keys[2:-1]) & 0xFFFFFFFF).to_bytes(4, "big") not in raw, name
    assert station.openings() == []


def row(record: records.Record) -> tuple[Any, ...]:
    """The fields of a record without its chain."""
    fields = vars(record).copy()
    del fields["tag"]
    return tuple(fields.values())


def test_no_wrong_code_takes_the_station_longer_than_another(
    station: WholeStation, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HMACs and flash writes until a refusal is shown: whatever was near, the same."""
    counted = [0]
    digest = Mac.digest

    def counting(self: Mac, message: bytes) -> bytes:
        counted[0] += 1
        return digest(self, message)

    host.grant(place=4)
    host.grant(place=5, fixed=1)
    host.revoke(codes.PERSON + 6, 1)
    mac = Mac(station.station.vault.compartment(3).key)
    slot = (station.now_s() - clock.EPOCH) // codes.slot_seconds("3d")
    alike = {
        "recipient": [
            codes.entry(3, 12345678),
            codes.entry(3, codes.recipient_code(mac, "3d", slot - 5)),
            codes.entry(2, int(station.code(3)[2:-1])),
            codes.entry(1, 12345678),  # an empty one
        ],
        "recovery": [
            codes.entry(door, int(station.recovery(3)[2:-1]), recovery=True) for door in (1, 2)
        ],
        "person": [
            "90412345678",
            host.code(4, later_s=-600),
            host.code(5),
            "90612345678",
            "90712345678",
        ],
        "fixed": [issue.person_entry(place, 123456789012) for place in (4, 5, 6, 7)],
        "courier": [
            codes.entry(0, 12345678),
            codes.entry(0, codes.courier_code(station.station.courier, slot * 12 + 20)),
        ],
    }
    monkeypatch.setattr(Mac, "digest", counting)
    for kind, entries in alike.items():
        costs = set()
        for keys in entries:
            now_ms = station.now_s() * 1000
            station.pass_time(100_000 - now_ms % 30_000)  # as many steps are good each time
            station.station.vault.lockout.level = 0
            station.station.book._storm = Storm()  # each refusal has a record
            writes = station.station.vault.cells.writes
            station.play(station.person.types(keys))
            counted[0] = 0
            types(station, "#", "not accepted e11")
            costs.add((counted[0], station.station.vault.cells.writes - writes))
        assert len(costs) == 1, (kind, costs)
