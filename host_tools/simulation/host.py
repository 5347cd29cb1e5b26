"""The host behind the broker: keeps what the station publishes, acknowledges it, and an operator
who clears doors that failed closed once they have been mended, locks doors down, has given one
courier an app, and customers codes to give a parcel back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from hashlib import sha1
from typing import Any

from locker.core import clock, codes, faults, people, records, tickets, window, wire
from locker.core.compartments import FREE, OCCUPANCY_NAMES
from locker.core.mac import Mac
from lockerctl import events
from lockerctl.events import Event
from lockerctl.station import Station
from simulation.network import Network
from virtual.bench import Bench

_PERIOD_MS = 5_000.0
_ANSWER_MS = 30_000.0
_EXPIRES_S = 120
EXPIRES_MS = 1000.0 * _EXPIRES_S  # of a command: later than that it does nothing
_LOST = records.KIND_NAMES[records.LOST]
_COMMAND = records.KIND_NAMES[records.COMMAND]
_PLACE, _GENERATION = 4, 1  # of the courier with an app
_EVERY_DAY, _ALL_DAY = 127, (0, 96)


class Host:
    """An actor on a bench. heard: every event by its number; contradictions: two events that
    claim the same number in one boot.

    mended(door): may this door be cleared now? locked: doors that the operator wants locked down.
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
        self.locked: set[int] = set()
        self.has_granted = False
        self._granting = 0  # number of the command
        self._given: Counter[int] = Counter()  # return codes of a slot
        self._staff_key = record.keys.staff
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
                self._look_inside(door, told)
                self.order("clear", door)
            if self._is_locked(door) != (door in self.locked):
                self.order("lockdown" if door in self.locked else "lift", door)
        if not self.has_granted and self.doors:
            self._grant()

    def receive(self, topic: str, payload: bytes) -> None:
        """A message from the station."""
        leaf = topic.split("/", 3)[3]
        if leaf == "evt":
            self._take(payload)
        elif leaf.startswith("door/"):
            self.doors[int(leaf[5:])] = json.loads(payload)

    @property
    def is_settled(self) -> bool:
        """True when every door is as the operator wants it, as far as the station has told."""
        return not self.locked and not any(map(self._is_locked, self.doors))

    def app_code(self) -> str:
        """The entry that the courier with an app types now."""
        key = people.key(self._staff_key, _PLACE, _GENERATION, False)
        step = (self._now_s() - clock.EPOCH) // window.STEP_S
        return f"{codes.PERSON}{_PLACE}{people.rotating_code(Mac(key, sha1), step):08d}"

    def give_return(self) -> int:
        """The number of a return code that nobody has yet."""
        slot = (self._now_s() - clock.EPOCH) // codes.slot_seconds(codes.RETURN_CLASS)
        self._given[slot] += 1
        return slot * tickets.SERIALS + self._given[slot] - 1

    def _look_inside(self, door: int, told: dict[str, Any]) -> None:
        """A forced door is cleared on site, as the hint of its fault asks: what somebody has laid
        into a compartment that the station keeps free does not stay there.
        """
        if told["e"] == faults.FORCED_OPEN and told["occ"] == OCCUPANCY_NAMES[FREE]:
            self._bench.door(door).parcel = ""

    def _is_locked(self, door: int) -> bool:
        return self.doors[door].get("mode") == "locked_down"

    def _grant(self) -> None:
        ends = self._now_s() - clock.EPOCH + people.LONGEST_S[people.COURIER] - _EXPIRES_S
        row = (people.COURIER, _GENERATION, ends, _EVERY_DAY, *_ALL_DAY, 0, people.UNLIMITED)
        if self.order("grant", _PLACE, more=people.Grant(row).pack().hex()):
            self._granting = self._number

    def order(self, op: str, door: int, why: str = "", more: str = "") -> bool:
        """Send a command, unless the same is under way."""
        if self._bench.now_ms < self._asked.get((op, door), 0.0):
            return False
        self._asked[op, door] = self._bench.now_ms + _ANSWER_MS
        self._number += 1
        expires = self._now_s() + _EXPIRES_S
        command = wire.Command(self._number, op, door, expires, "operator", why, more=more)
        payload = wire.pack_command(self._mac, self._name, command)
        self.sent.append(payload)
        self._publish("cmd", payload)
        return True

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
        if (event.kind, event.tenancy, event.reason) == (_COMMAND, self._granting, 0):
            self.has_granted = True
        if event.kind == _LOST and event.tenancy and event.tenancy <= self.held + 1:
            self.held = max(self.held, event.value)
        while self.held + 1 in self.heard:
            self.held += 1
