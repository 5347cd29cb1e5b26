"""The collector answers a station that asks for the time."""

import time

import pytest
from lockerctl_parts import demo_station, run, run_json

from locker.core import clock, damm, faults, time_token, wire
from locker.core.mac import Mac
from lockerctl.collector import Collector
from lockerctl.errors import Exit
from lockerctl.event_log import EventLog
from lockerctl.mqtt import Message
from lockerctl.store import Store

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


def test_a_token_for_the_keypad_tells_the_time(tmp_path, monkeypatch):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    Store().create(STATION)
    before = int(time.time()) // 60
    asked = ("code", "time-token", "-s", STATION.name, "-c", "012345")
    found = run_json(*asked)
    mac = Mac(time_token.time_key(STATION.keys.command))
    minutes = time_token.minutes_of(found["token"], mac, STATION.name, 12345)
    assert before <= minutes + clock.EPOCH // 60 <= time.time() // 60
    assert damm.is_valid(found["token"]) and found["spoken"].replace("-", "") == found["token"]
    shown = run(*asked)
    assert shown.exit_code == 0 and "then #" in shown.output


def test_what_is_no_challenge_gets_no_token(tmp_path, monkeypatch):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    Store().create(STATION)
    for challenge in ("12345", "1234567", "12345x", "١٢٣٤٥٦"):
        done = run("code", "time-token", "-s", STATION.name, "-c", challenge)
        assert done.exit_code == Exit.USAGE and "912#" in done.output
    assert run("code", "time-token", "-s", "nobody", "-c", "123456").exit_code == Exit.NOT_FOUND
