"""An operator who signs commands as the host does."""

import json
from typing import Any

from locker.core import wire
from locker.core.mac import Mac
from whole_station import WholeStation


class Operator:
    """Signs commands as the host does and reads the answers."""

    def __init__(self, station: WholeStation) -> None:
        self._station = station
        self._mac = Mac(station.record.keys.command)
        self.report = next(s.task for s in station.reactor.slots if s.name == "report")

    def payload(
        self, number: int, op: str, door: int, expires_in_s: int = 60, present: bool = False
    ) -> bytes:
        expires = self._station.now_s() + expires_in_s
        why = "sensor" if op == "release" else ""
        return wire.pack_command(
            self._mac, "test", wire.Command(number, op, door, expires, "alice", why, present)
        )

    def send(self, payload: bytes, retained: bool = False) -> dict[str, Any]:
        """The station's answer."""
        self.report.on_message(self.report.topic("cmd"), payload, retained)
        responses = self._station.desk.responses
        for _ in range(20):
            self._station.pass_time(100)
            if self.report._replies or responses:
                break
        said = self.report._replies.pop() if self.report._replies else None
        answer: dict[str, Any] = json.loads(said or wire.response(*responses.pop()))
        return answer

    def order(self, number: int, op: str, door: int, **more: Any) -> dict[str, Any]:
        return self.send(self.payload(number, op, door, **more))
