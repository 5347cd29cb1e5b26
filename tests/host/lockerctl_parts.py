"""What the lockerctl tests share: a station's record, its messages, and one that answers."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from locker.core import records, wire
from locker.core.mac import Mac
from lockerctl import provision
from lockerctl.cli import app
from lockerctl.events import Event, parse
from lockerctl.mqtt import Message, connect
from lockerctl.station import Station

REPO = Path(__file__).parents[2]
BOARD = json.loads((REPO / "boards" / "virtual" / "board.json").read_text())
NOBODY = ("127.0.0.1", 9)  # discard: nobody listens there


def demo_station(broker: tuple[str, int] = NOBODY, **changes: Any) -> Station:
    setup = provision.Setup(occupied={3})
    return replace(
        provision.new_station("demo", BOARD, provision.demo_keys(42), broker, setup), **changes
    )


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def run_json(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def body(seq: int, boot: int = 1, kind: int = records.DOOR, **fields: Any) -> tuple[Any, ...]:
    """The fields of a record up to its note, in the order of records.pack_record()."""
    plain = {"door": 3, "actor": 0, "reason": 0, "fault": 0, "trust": 0}
    plain |= {"time_s": 200_000_000 + seq, "uncertainty_s": 2, "tenancy": 0, "value": 0}
    plain |= fields
    note = plain.pop("note", bytes(20))
    return (seq, boot, kind, *plain.values(), note)


def record(seq: int, boot: int = 1, kind: int = records.DOOR, **fields: Any) -> records.Record:
    return records.Record(body(seq, boot, kind, **fields), bytes(16))


def event(seq: int, boot: int = 1, kind: int = records.DOOR, **fields: Any) -> Event:
    found = parse(wire.event(record(seq, boot, kind, **fields)))
    assert found is not None
    return found


def door_payload(**fields: Any) -> bytes:
    plain = {"v": 1, "door": "closed", "lock": "locked", "st": "secured", "mode": "normal", "e": 0}
    return json.dumps(plain | {"occ": "free", "tn": 1, "size": "S", "q": 1} | fields).encode()


def publish_retained(broker: tuple[str, int], topics: dict[str, bytes]) -> None:
    with connect(*broker) as session:
        for topic, payload in topics.items():
            session._client.publish(topic, payload, qos=1, retain=True).wait_for_publish(5)


class AnsweringStation:
    """Takes commands as the firmware does (counter, signature) and answers with ``fault``."""

    def __init__(self, station: Station, fault: int) -> None:
        self.commands: list[wire.Command] = []
        self._station = station
        self._fault = fault
        self._mac = Mac(station.keys.command)

    def answer(self, message: Message) -> bytes:
        fault, command = wire.parse_command(
            self._mac, self._station.name, message.payload, message.retained
        )
        if fault or command is None:
            return wire.response(0, "rejected", fault)
        self.commands.append(command)
        status = "rejected" if self._fault else "done"
        return wire.response(command.number, status, self._fault)


@contextmanager
def answering(station: Station, fault: int = 0) -> Iterator[AnsweringStation]:
    fake = AnsweringStation(station, fault)
    ending = threading.Event()
    topics = [wire.topic(station.name, "cmd")]
    with connect(station.broker_host, station.broker_port, topics) as session:

        def serve() -> None:
            while not ending.is_set():
                message = session.get(0.05)
                if message:
                    session.publish(wire.topic(station.name, "rsp"), fake.answer(message))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield fake
        finally:
            ending.set()
            thread.join()


def wait_until(test: Any, timeout_s: float = 30.0) -> bool:
    end = time.monotonic() + timeout_s
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def told(leaf: str, payload: bytes, retained: bool = False) -> Message:
    """What the broker brings of the station."""
    return Message(wire.topic("demo", leaf), payload, retained)
