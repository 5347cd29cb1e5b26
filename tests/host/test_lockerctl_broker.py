"""Brokers of our own, the witness, presence and commands, over a real broker."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from lockerctl_parts import (
    answering,
    demo_station,
    door_payload,
    publish_retained,
    record,
    run,
    run_json,
    wait_until,
)

from locker.core import faults, wire
from locker.core.mac import Mac
from lockerctl import broker, collector, command, ending, tenancy
from lockerctl.ending import asked_to_end
from lockerctl.errors import Exit, ToolError
from lockerctl.event_log import Added, EventLog
from lockerctl.events import Event
from lockerctl.mqtt import Message, connect
from lockerctl.store import Store
from lockerctl.subscriber import Subscriber


def is_open(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


@pytest.fixture(scope="module")
def mosquitto():
    with broker.running(broker.MOSQUITTO) as running:
        yield running.host, running.port


@pytest.fixture
def store(tmp_path, monkeypatch, mosquitto):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    store = Store()
    store.create(demo_station(mosquitto))
    return store


@pytest.mark.parametrize("kind", broker.KINDS)
def test_a_broker_serves_on_loopback_and_leaves_nothing_behind(kind):
    with (
        broker.running(kind) as running,
        Subscriber(running.host, running.port, "demo") as witness,
    ):
        assert (running.kind, running.host) == (kind, "127.0.0.1")
        with connect(running.host, running.port) as session:
            for seq in (1, 2, 4, 2):
                session.publish(wire.topic("demo", "evt"), wire.event(record(seq)))
            session.publish(wire.topic("demo", "evt"), b"nonsense")
            session.publish(wire.topic("other", "evt"), wire.event(record(3)))
        assert witness.wait_for(lambda found: len(found) == 3 and witness.malformed == 1, 30)
        assert [found.id for found in witness.events] == [(1, 1), (1, 2), (1, 4)]
        assert witness.duplicates == 1
    assert not is_open(running.port)


@pytest.mark.parametrize("kind", broker.KINDS)
def test_a_broker_ends_when_its_owner_is_killed(kind):
    program = (
        "import sys, time; from lockerctl import broker\n"
        f"with broker.running({kind!r}) as b: print(b.port, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        port = int(owner.stdout.readline())
        assert is_open(port)
        os.kill(owner.pid, signal.SIGKILL)
    assert wait_until(lambda: not is_open(port))


def test_without_mosquitto_the_broker_is_amqtt(monkeypatch):
    monkeypatch.setattr(broker, "mosquitto_path", lambda: None)
    assert broker.available() == [broker.AMQTT]
    with pytest.raises(ToolError) as refused, broker.running(broker.MOSQUITTO):
        pass
    assert refused.value.code == Exit.UNFIT


def test_nobody_there_is_an_answer_not_a_traceback(store):
    store.create(demo_station(), again=True)
    for words in (("watch",), ("collect",), ("clear", "--door", "3", "--by", "ann")):
        result = run("station", *words, "-s", "demo")
        assert result.exit_code == Exit.NO_ANSWER
        assert "No MQTT broker answers at 127.0.0.1:9" in result.stderr


def test_the_witness_waits_in_vain_for_what_does_not_come(mosquitto):
    with Subscriber(*mosquitto, "demo") as witness:
        assert not witness.wait_for(len, 0.05)


# --- which tenancy ---


@pytest.mark.parametrize(
    ("told", "ahead", "expected"),
    [
        ({"occ": "occupied", "tn": 5}, 0, 5),
        ({"occ": "occupied", "tn": 5}, 2, 7),
        ({"occ": "free", "tn": 5}, 1, 5),
        ({"occ": "reserved", "tn": 5}, 2, 6),
        ({"occ": "collected_unconfirmed", "tn": 5}, 1, 6),
    ],
)
def test_the_station_s_word_decides(store, mosquitto, told, ahead, expected):
    topics = {wire.topic("demo", "door/2"): door_payload(**told)}
    topics[wire.topic("demo", "state")] = wire.state(True, 1, "0.1")
    publish_retained(mosquitto, topics)
    found = run_json("code", "issue", "-s", "demo", "-d", "2", "--ahead", str(ahead))
    assert (found["tenancy"], found["tenancy_source"]) == (expected, "station")
    # Offline, memory now gives the same answer.
    store.create(demo_station(), again=True)
    known = tenancy.from_door_topic(message(door_payload(**told)))
    assert known
    store.learn("demo", 2, known)
    found = run_json("code", "issue", "-s", "demo", "-d", "2", "--ahead", str(ahead))
    assert (found["tenancy"], found["tenancy_source"]) == (expected, "memory")


def test_the_last_word_of_a_dead_station_comes_with_a_warning(store, mosquitto):
    topics = {wire.topic("demo", "door/2"): door_payload(occ="occupied", tn=3)}
    topics[wire.topic("demo", "state")] = wire.state(False, 1, "0.1")
    publish_retained(mosquitto, topics)
    result = run("code", "issue", "-s", "demo", "-d", "2")
    assert result.exit_code == 0
    assert "not online" in result.stderr


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        door_payload(tn="5"),
        door_payload(tn=True),
        door_payload(tn=0),
    ]
    + [door_payload(tn=1 << 40), door_payload(occ="gone"), door_payload(occ=None)],
)
def test_a_door_topic_of_nonsense_says_nothing(payload):
    assert tenancy.from_door_topic(message(payload)) is None


def message(payload: bytes):
    return Message(wire.topic("demo", "door/2"), payload, True)


# --- commands ---


@pytest.mark.parametrize("op", wire.COMMANDS[:7])  # the others are of `code`
def test_a_command_is_signed_counted_and_answered_by_the_station(store, op):
    with answering(store.load("demo")) as fake:
        why = ("--why", "sensor") if op == "release" else ()
        first = run_json("station", op, "-s", "demo", "-d", "3", "--by", "ann", *why)
        second = run_json("station", op, "-s", "demo", "-d", "4", "--by", "ann", *why)
    assert (first["status"], first["command"], second["command"]) == ("done", 1, 2)
    assert [(c.op, c.door, c.by) for c in fake.commands] == [(op, 3, "ann"), (op, 4, "ann")]
    assert 0 < fake.commands[0].expires - time.time() <= 60
    assert store.load("demo").counter == 2


def test_a_rejected_command_says_why(store):
    with answering(store.load("demo"), faults.COMMAND_NOT_NOW):
        result = run("station", "clear", "-s", "demo", "-d", "3", "--by", "ann")
    assert result.exit_code == Exit.REJECTED
    assert "E67 not_now" in result.stderr


def test_silence_is_told_and_the_number_is_spent(store):
    with pytest.raises(ToolError) as refused:
        command.send(store, "demo", command.Order("clear", 3, "ann", wait_s=0.2))
    assert refused.value.code == Exit.NO_ANSWER
    assert "may still" in refused.value.hint
    assert store.load("demo").counter == 1


@pytest.mark.parametrize("by", ["", "a" * 19, "Zoë", "a\nb"])
def test_a_name_that_the_station_would_refuse_is_not_sent(store, by):
    result = run("station", "clear", "-s", "demo", "-d", "3", "--by", by)
    assert result.exit_code == Exit.USAGE
    assert store.load("demo").counter == 0


# --- watching ---


def test_watch_shows_doors_presence_and_events(store, mosquitto):
    topics = {wire.topic("demo", f"door/{n}"): door_payload() for n in range(1, 9)}
    topics[wire.topic("demo", "door/2")] = door_payload(door="open", lock="unlocked", st="open")
    topics[wire.topic("demo", "door/5")] = door_payload(mode="out_of_service", e=29)
    topics[wire.topic("demo", "state")] = wire.state(True, 4, "0.1")
    publish_retained(mosquitto, topics)
    result = run("station", "watch", "-s", "demo", "--for", "1")
    assert result.exit_code == 0
    assert "unknown, not heard yet" in result.stdout
    assert "stale (was open)" in result.stdout
    assert "online" not in result.stdout


def test_watch_as_json_gives_one_line_a_message(store, mosquitto):
    publish_retained(mosquitto, {wire.topic("demo", "state"): wire.state(True, 4, "0.1")})
    lines = run("station", "watch", "-s", "demo", "--for", "1", "--json").stdout.splitlines()
    state = next(found for line in lines if (found := json.loads(line))["topic"] == "state")
    assert state["retained"] and state["presence"] == "unknown"
    assert state["fields"]["boot"] == 4


def _interruptible() -> None:
    """A shell starts its background jobs with Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_collect_stores_and_acknowledges_until_ctrl_c(store, mosquitto, tmp_path):
    mac = Mac(store.load("demo").keys.command)
    program = [sys.executable, "-c", "from lockerctl.cli import app; app()"]
    words = ["station", "collect", "-s", "demo", "--json"]
    environment = os.environ | {"LATCHWORK_HOME": str(tmp_path)}
    topic = wire.topic("demo", "evt")
    with (
        connect(*mosquitto, [wire.topic("demo", "ack")]) as session,
        subprocess.Popen(
            program + words, stdout=subprocess.PIPE, env=environment, preexec_fn=_interruptible
        ) as collecting,
    ):

        def is_listening() -> bool:
            session.publish(topic, wire.event(record(1)))
            return session.get(0.2) is not None

        def stored() -> list[Event]:
            with EventLog(tmp_path / "events.sqlite3") as log:
                return log.events("demo")

        def last_ack() -> int:
            found = session.get(15)
            assert found
            return wire.parse_ack(mac, "demo", found.payload, False)[1]

        assert wait_until(is_listening, 20)
        session.publish(wire.topic("demo", "door/4"), door_payload(occ="occupied", tn=9))
        for seq in (2, 3, 5):
            session.publish(topic, wire.event(record(seq)))
        assert wait_until(lambda: last_ack() == 3)
        assert wait_until(lambda: len(stored()) == 4)
        collecting.send_signal(signal.SIGINT)
        totals = json.loads(collecting.communicate(timeout=30)[0])
    assert collecting.returncode == 0
    assert {k: totals[k] for k in ("new", "malformed", "held")} == {
        "new": 4,
        "malformed": 0,
        "held": 3,
    }
    assert store.load("demo").known[4].tenancy == 9


@pytest.fixture
def at_signal():
    """Sets what a signal does for the length of a test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield signal.signal
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_committed_when_the_end_was_asked_for_is_told(
    store, mosquitto, monkeypatch, at_signal, number
):
    at_signal(number, signal.default_int_handler)

    def add(log: EventLog, station: str, batch: list[Event]) -> Added:
        added = commit(log, station, batch)
        signal.raise_signal(number)
        signal.raise_signal(number)  # to the process and to its group
        return added

    commit = EventLog.add
    monkeypatch.setattr(EventLog, "add", add)
    station = demo_station(mosquitto, name=f"told{number:d}")  # nothing of another test is kept
    store.create(station)
    with collector.listen(station), connect(*mosquitto) as session:  # the broker keeps it
        session.publish(wire.topic(station.name, "evt"), wire.event(record(1, door=7)))
    result = run("station", "collect", "-s", station.name, "--for", "30")
    assert result.exit_code == 0
    assert "door 7" in result.stdout and "new 1," in result.stdout


class Witness:
    """A session that notes in which order things are done with its one message."""

    def __init__(self, message: Message) -> None:
        self.order: list[str] = []
        self._messages = [message]

    def get(self, _wait_s: float) -> Message | None:
        return self._messages.pop() if self._messages else None

    def done(self, _message: Message) -> None:
        self.order.append("done")

    def publish(self, topic: str, _payload: bytes) -> None:
        self.order.append(topic)


def test_what_is_stored_is_told_before_the_broker_answers(tmp_path):
    session = Witness(Message(wire.topic("demo", "evt"), wire.event(record(1)), False))

    def tell(taken: collector.Taken) -> None:
        assert [event.seq for event in log.events("demo")] == [1] and taken.added
        session.order.append("told")

    with EventLog(tmp_path / "events.sqlite3") as log:
        collector.Collector(demo_station(), log).step(session, 10, tell)
    assert session.order == ["told", "done", wire.topic("demo", "ack")]


def test_a_second_ctrl_c_ends_at_once(at_signal, monkeypatch):
    at_signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(ending, "_SAME_S", -1.0)
    with pytest.raises(KeyboardInterrupt), asked_to_end():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    monkeypatch.setattr(ending, "_SAME_S", 0.05)
    with pytest.raises(KeyboardInterrupt), asked_to_end() as asked:
        signal.raise_signal(signal.SIGINT)
        assert asked.is_set()
        time.sleep(0.1)
        signal.raise_signal(signal.SIGINT)


def test_a_background_job_goes_on_ignoring_ctrl_c(at_signal):
    at_signal(signal.SIGINT, signal.SIG_IGN)
    with asked_to_end() as asked:
        signal.raise_signal(signal.SIGINT)
        assert not asked.is_set()
