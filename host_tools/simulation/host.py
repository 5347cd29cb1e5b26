"""The host behind the broker: keeps what the station publishes, acknowledges it, and an operator
who clears doors that failed closed once they have been mended.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from locker.core import records, wire
from locker.core.mac import Mac
from lockerctl import events
from lockerctl.events import Event
from lockerctl.station import Station
from simulation.network import Network
from virtual.bench import Bench

_PERIOD_MS = 5_000.0
_ANSWER_MS = 30_000.0
_EXPIRES_S = 120
_LOST = records.KIND_NAMES[records.LOST]


class Host:
    """An actor on a bench. heard: every event by its number; contradictions: two events that
    claim the same number in one boot.

    mended(door): may this door be cleared now?
    """

    def __init__(
        self,
        bench: Bench,
        record: Station,
        now_s: Callable[[], int],
        mended: Callable[[int], bool],
    ) -> None:
        self.network: Network
        self.heard: dict[int, Event] = {}
        self.contradictions: list[str] = []
        self.doors: dict[int, dict[str, Any]] = {}
        self.held = 0
        self.sent: list[bytes] = []
        self._bench = bench
        self._name = record.name
        self._mac = Mac(record.keys.command)
        self._now_s = now_s
        self._mended = mended
        self._number = 0
        self._acknowledged = 0
        self._at = _PERIOD_MS
        self._asked: dict[tuple[str, int], float] = {}

    def next_event(self) -> float:
        return self._at

    def step(self) -> None:
        self._at = self._bench.now_ms + _PERIOD_MS
        if self.held > self._acknowledged:
            self._acknowledged = self.held
            self._publish("ack", wire.pack_ack(self._mac, self._name, self.held))
        for door, told in self.doors.items():
            if told.get("st") == "fail_closed" and self._mended(door):
                self.order("clear", door)

    def receive(self, topic: str, payload: bytes) -> None:
        """A message from the station."""
        leaf = topic.split("/", 3)[3]
        if leaf == "evt":
            self._take(payload)
        elif leaf.startswith("door/"):
            self.doors[int(leaf[5:])] = json.loads(payload)

    def order(self, op: str, door: int, why: str = "") -> None:
        """Send a command, unless the same is under way."""
        if self._bench.now_ms < self._asked.get((op, door), 0.0):
            return
        self._asked[op, door] = self._bench.now_ms + _ANSWER_MS
        self._number += 1
        command = wire.Command(self._number, op, door, self._now_s() + _EXPIRES_S, "operator", why)
        payload = wire.pack_command(self._mac, self._name, command)
        self.sent.append(payload)
        self._publish("cmd", payload)

    def replay(self, n: int) -> None:
        """Somebody sends an old command again, or nonsense."""
        nonsense = (b"", b"{", b"[" * 300, b'{"v": 1}', bytes(range(256)), b"x" * 700)
        payload = self.sent[n % len(self.sent)] if self.sent and n % 2 else nonsense[n % 6]
        self._publish("ack" if n % 7 == 0 else "cmd", payload, retained=n % 5 == 0)

    def _publish(self, leaf: str, payload: bytes, retained: bool = False) -> None:
        self.network.publish(wire.topic(self._name, leaf), payload, retained)

    def _take(self, payload: bytes) -> None:
        event = events.parse(payload)
        if event is None:
            self.contradictions.append(f"an event that cannot be read: {payload[:60]!r}")
            return
        known = self.heard.get(event.seq)
        if known is not None and known != event and known.boot == event.boot:
            self.contradictions.append(f"record {event.seq} was {known.kind}, is {event.kind}")
        self.heard[event.seq] = event
        if event.kind == _LOST and event.tenancy and event.tenancy <= self.held + 1:
            self.held = max(self.held, event.value)
        while self.held + 1 in self.heard:
            self.held += 1
