"""What a watcher may say about a station, from what it has heard. Pure: messages and the time come
in, rows come out.

Presence is the age of the last live message (research/host.md): the retained ``state`` and the
will are hints only, and a station that has not been heard yet is unknown, never online.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from locker.core.compartments import OCCUPANCY_NAMES
from locker.core.mac import Mac
from lockerctl.events import Event, parse
from lockerctl.mqtt import Message

PATIENCE = 2.5  # heartbeats that may be missing before a station counts as silent

_EVENTS_KEPT = 50


class Presence(Enum):
    """How sure we are that the station lives."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    SILENT = "silent"
    OFFLINE = "offline"


class Verdict(Enum):
    """One word for a door. STALE: the last word of a station that is not online."""

    LOCKED = "locked"
    OPEN = "open"
    RELEASED = "released"
    AJAR = "not locked"
    FAULT = "fault"
    OUT_OF_SERVICE = "out of service"
    BLOCKED = "blocked"
    LOCKED_DOWN = "locked down"
    UNKNOWN = "unknown"
    STALE = "stale"


@dataclass(frozen=True)
class DoorRow:
    """One line of the table. last: what was last heard, however old."""

    door: int
    size: str
    verdict: Verdict
    last: Verdict
    occupancy: str
    tenancy: int
    fault: int


class Watch:
    """One station. heartbeat_s: how often it should be heard; sizes: its doors; journal: of its
    journal key, to see alarms with.
    """

    def __init__(
        self,
        station: str,
        sizes: Mapping[int, str],
        heartbeat_s: int,
        journal: Mac | None = None,
    ) -> None:
        self.journal = journal
        self.events: deque[Event] = deque(maxlen=_EVENTS_KEPT)
        self.boot = 0
        self.vitals: dict[str, Any] = {}
        self._prefix = f"lk/v1/{station}/"
        self._sizes = sizes
        self._leaves = {f"door/{door}": door for door in sizes}
        self._limit_s = PATIENCE * heartbeat_s
        self._heard_at: float | None = None
        self._said_down = False
        self._doors: dict[int, dict[str, Any]] = {}

    def take(self, message: Message, now: float) -> str:
        """Note a message; returns its topic below the station's, '' for somebody else's.

        now: time.monotonic().
        """
        if not message.topic.startswith(self._prefix):
            return ""
        leaf = message.topic[len(self._prefix) :]
        fields = message.fields()
        if leaf == "state":
            self._take_state(fields, message.retained, now)
        elif leaf not in ("cmd", "ack", "time") and not message.retained:
            self._heard(now)
        if leaf == "hb":
            self.vitals = fields
        elif leaf == "evt":
            self._take_event(message)
        elif leaf in self._leaves:
            self._doors[self._leaves[leaf]] = fields
        return leaf

    def presence(self, now: float) -> Presence:
        """See the module's text."""
        if self._said_down:
            return Presence.OFFLINE
        age = self.age_s(now)
        if age is None:
            return Presence.UNKNOWN
        return Presence.ONLINE if age <= self._limit_s else Presence.SILENT

    def age_s(self, now: float) -> float | None:
        """How long ago the station itself was heard; None when not since the watch began."""
        return None if self._heard_at is None else now - self._heard_at

    def rows(self, now: float) -> list[DoorRow]:
        """One row a door, also for doors never heard of."""
        fresh = self.presence(now) is Presence.ONLINE
        return [self._row(door, self._sizes[door], fresh) for door in sorted(self._sizes)]

    def _heard(self, now: float) -> None:
        self._heard_at = now
        self._said_down = False

    def _take_state(self, fields: Mapping[str, Any], retained: bool, now: float) -> None:
        boot = _whole(fields.get("boot"))
        if boot < self.boot:
            return  # the will of an earlier boot, published late
        self.boot = boot
        if fields.get("up") is not True:
            self._said_down = True
        elif not retained:
            self._heard(now)

    def _take_event(self, message: Message) -> None:
        event = parse(message.payload)
        if event is not None and all(event.id != known.id for known in self.events):
            self.events.append(event)

    def _row(self, door: int, size: str, fresh: bool) -> DoorRow:
        fields = self._doors.get(door, {})
        last = verdict_of(fields)
        verdict = last if fresh or last is Verdict.UNKNOWN else Verdict.STALE
        occupancy = str(fields["occ"]) if fields.get("occ") in OCCUPANCY_NAMES else ""
        if fields.get("ret") is True:
            occupancy += " (return)"
        return DoorRow(
            door,
            size,
            verdict,
            last,
            occupancy,
            _whole(fields.get("tn")),
            _whole(fields.get("e")),
        )


def verdict_of(fields: Mapping[str, Any]) -> Verdict:
    """The word for a door's payload; what is worst for the operator comes first."""
    if fields.get("mode") == "out_of_service":
        return Verdict.OUT_OF_SERVICE
    if fields.get("mode") == "locked_down":
        return Verdict.LOCKED_DOWN
    contacts = fields.get("door"), fields.get("lock")
    if "fault" in contacts:
        return Verdict.FAULT
    if fields.get("mode") == "blocked":
        return Verdict.BLOCKED
    if contacts[0] == "open":
        return Verdict.OPEN
    if contacts == ("closed", "locked"):
        return Verdict.LOCKED
    if contacts == ("closed", "unlocked"):
        return Verdict.RELEASED if fields.get("st") in ("releasing", "released") else Verdict.AJAR
    return Verdict.UNKNOWN


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
