"""The collector answers a station that asks for the time."""

import time

import pytest
from lockerctl_parts import demo_station

from locker.core import clock, faults, wire
from locker.core.mac import Mac
from lockerctl.collector import Collector
from lockerctl.event_log import EventLog
from lockerctl.mqtt import Message

STATION = demo_station()
NONCE = "0123456789abcdef"


class Told:
    """A session that keeps what is published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes) -> None:
        self.published.append((topic, payload))


@pytest.fixture
def told(tmp_path):
    def ask(payload: bytes, retained: bool = False) -> list[tuple[str, bytes]]:
        session = Told()
        topic = wire.topic(STATION.name, "time/ask")
        with EventLog(tmp_path / "events.db") as log:
            Collector(STATION, log).tell_time(session, Message(topic, payload, retained))
        return session.published

    return ask


def test_the_answer_is_the_time_signed_for_the_question(told):
    before = int(time.time())
    ((topic, payload),) = told(wire.time_question(NONCE))
    assert topic == wire.topic(STATION.name, "time")
    mac = Mac(STATION.keys.command)
    fault, at = wire.parse_time(mac, STATION.name, NONCE, payload, False)
    assert fault == faults.NONE and before <= at[0] + clock.EPOCH <= time.time()
    for name, nonce in ((STATION.name, NONCE[:-1] + "0"), ("other", NONCE)):
        assert wire.parse_time(mac, name, nonce, payload, False)[0] == faults.TIME_FORGED


def test_what_is_no_question_gets_no_answer(told):
    for payload in (b"", b"{}", b'{"nonce": 5}', b'{"nonce": "' + b"0" * 40 + b'"}'):
        assert told(payload) == []
    assert told(wire.time_question(NONCE), retained=True) == []
