"""An operator who grants and revokes, and people who type codes of their own."""

from hashlib import sha1
from typing import Any

from locker.core import clock, codes, people, wire
from locker.core.mac import Mac
from lockerctl import issue
from ordering import Operator
from whole_station import WholeStation

PLACE = 3


class Host:
    """Grants, revokes and knows what the apps show."""

    def __init__(self, station: WholeStation) -> None:
        self._station = station
        self._number = 0

    def order(self, op: str, target: int, more: bytes, expires_in_s: int = 60) -> dict[str, Any]:
        self._number += 1
        expires = self._station.now_s() + expires_in_s
        command = wire.Command(self._number, op, target, expires, "alice", more=more.hex())
        mac = Mac(self._station.record.keys.command)
        return Operator(self._station).send(wire.pack_command(mac, "test", command))

    def grant(self, role: int = people.STAFF, place: int = PLACE, **more: Any) -> dict[str, Any]:
        """fixed, generation, lasts (s), days, hours, uses."""
        now_s = self._station.now_s() - clock.EPOCH
        lasts = more.get("lasts", people.LONGEST_S[role])
        row = (role | more.get("fixed", 0) << 2, more.get("generation", 1), now_s + lasts)
        hours = more.get("hours", (0, 96))
        row += (more.get("days", 127), *hours, 0, more.get("uses", people.UNLIMITED))
        return self.order("grant", place, people.Grant(row).pack())

    def revoke(self, target: int, number: int) -> dict[str, Any]:
        return self.order("revoke", target, number.to_bytes(4, "big"))

    def token(self, target: int, number: int) -> str:
        mac = Mac(self._station.record.keys.command)
        return issue.revocation_entry(target, codes.revocation(mac, "test", target, number))

    def secret(self, place: int = PLACE, generation: int = 1, silent: bool = False) -> bytes:
        return people.key(self._station.record.keys.staff, place, generation, silent)

    def shown(self, later_s: int = 0, **whose: Any) -> str:
        """What an app shows now."""
        step = (self._station.now_s() + later_s - clock.EPOCH) // 30
        return f"{people.rotating_code(Mac(self.secret(**whose), sha1), step):08d}"

    def code(self, place: int = PLACE, later_s: int = 0, **whose: Any) -> str:
        return f"90{place}" + self.shown(later_s, place=place, **whose)
