"""Takes a station's events into the EventLog and acknowledges them after the commit, so that the
station may let them go. Tells a station the time when it asks.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from locker.core import wire
from locker.core.mac import Mac
from lockerctl import tenancy
from lockerctl.errors import ToolError
from lockerctl.event_log import Added, EventLog
from lockerctl.events import Event, parse
from lockerctl.journal_head import Finding, told
from lockerctl.mqtt import Message, Session, connect
from lockerctl.station import Station
from lockerctl.store import Store

_BATCH = 200
_TOPICS = ("evt", "door/+", "state", "hb", "unj", "time/ask")


@dataclass(frozen=True)
class Taken:
    """One batch. ack: payload to publish, None when there is nothing to acknowledge; findings:
    what the ends of the journal show; unjournalled: what the station could not write.
    """

    added: Added | None
    malformed: int
    ack: bytes | None
    findings: tuple[Finding, ...] = ()
    unjournalled: tuple[Event, ...] = ()


def listen(station: Station) -> AbstractContextManager[Session]:
    """The session of a station's one collector; the broker keeps for it what comes meanwhile."""
    topics = [wire.topic(station.name, leaf) for leaf in _TOPICS]
    return connect(
        station.broker_host, station.broker_port, topics, f"latchwork-collector-{station.name}"
    )


class Collector:
    """One station. store: where tenancies heard on the way are noted (None: nowhere)."""

    def __init__(self, station: Station, log: EventLog, store: Store | None = None) -> None:
        self._events_topic, self._unjournalled_topic, *heads = (
            wire.topic(station.name, leaf) for leaf in ("evt", "unj", "state", "hb")
        )
        self._heads_topics = heads
        self._question_topic = wire.topic(station.name, "time/ask")
        self._doors = {wire.topic(station.name, f"door/{d}"): d for d in station.sizes}
        self._station = station
        self._log = log
        self._store = store
        self._known = dict(station.known)
        self._mac = Mac(station.keys.command)

    def take(self, batch: list[Message]) -> Taken:
        """Store a batch; returns after the commit."""
        events: list[Event] = []
        findings: list[Finding] = []
        unjournalled: list[Event] = []
        malformed = 0
        for message in batch:
            if message.topic == self._events_topic and not message.retained:
                event = parse(message.payload)
                events += [event] if event else []
                malformed += event is None
            elif message.topic == self._unjournalled_topic:
                unjournalled += self._unjournalled(message)
            elif message.topic in self._heads_topics:
                findings += self._find(message, events)
            elif message.topic != self._question_topic:
                self._learn(message)
        rest = tuple(findings), tuple(unjournalled)
        if not events:
            return Taken(None, malformed, None, *rest)
        added = self._log.add(self._station.name, events)
        ack = wire.pack_ack(self._mac, self._station.name, added.held)
        return Taken(added, malformed, ack, *rest)

    def _find(self, message: Message, heard: list[Event]) -> list[Finding]:
        head = None if message.retained else told(message.fields())
        finding = self._log.take_head(self._station.name, head, heard) if head else None
        return [finding] if finding else []

    def _unjournalled(self, message: Message) -> list[Event]:
        event = parse(message.payload)
        is_new = event and self._log.add_unjournalled(self._station.name, event)
        return [event] if event and is_new else []

    def _learn(self, message: Message) -> None:
        known = tenancy.from_door_topic(message)
        door = self._doors.get(message.topic)
        if known is None or door is None:
            return
        old = self._known.get(door)
        is_news = old is None or (old.tenancy, old.occupied) != (known.tenancy, known.occupied)
        if self._store and is_news:
            self._store.learn(self._station.name, door, known)
        self._known[door] = known

    def tell_time(self, session: Session, question: Message) -> None:
        """Answer at once: the station believes no answer that took more than two seconds."""
        nonce = wire.parse_question(question.payload)
        if question.retained or not nonce:
            return
        seconds, ns = divmod(time.time_ns(), 1_000_000_000)
        name = self._station.name
        answer = wire.pack_time(self._mac, name, nonce, (seconds, ns // 1_000_000))
        with suppress(ToolError):  # no link just now: the station asks again
            session.publish(wire.topic(name, "time"), answer)

    def step(
        self, session: Session, wait_s: float, tell: Callable[[Taken], None] = lambda _taken: None
    ) -> None:
        """Wait for messages, store them, tell what came of it, and acknowledge them."""
        first = session.get(wait_s)
        if first is None:
            return
        batch = [first]
        while len(batch) < _BATCH and (message := session.get(0)) is not None:
            batch.append(message)
        for message in batch:
            if message.topic == self._question_topic:
                self.tell_time(session, message)
        taken = self.take(batch)
        tell(taken)  # first: it is no news any more, and the broker may not answer
        for message in batch:
            session.done(message)
        if taken.ack:
            with suppress(ToolError):  # no link just now: a later acknowledgement covers this one
                session.publish(wire.topic(self._station.name, "ack"), taken.ack)


@contextmanager
def collecting(station: Station, database: Path, store: Store | None = None) -> Iterator[None]:
    """Collect in a thread for the length of the block; what goes wrong there is raised at its end.

    The broker is the one of ``station``; database: SQLite file.
    """
    ending = threading.Event()

    def run(session: Session) -> None:
        with EventLog(database) as log:  # a SQLite connection stays in the thread that made it
            collector = Collector(station, log, store)
            while not ending.is_set():
                collector.step(session, 0.1)

    with (
        listen(station) as session,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="collector") as pool,
    ):
        work = pool.submit(run, session)
        try:
            yield
        finally:
            ending.set()
        work.result()
