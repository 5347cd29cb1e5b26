"""The firmware's MQTT against a real Mosquitto."""

from __future__ import annotations

import queue
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.host.station_process import INTERPRETERS, StationProcess

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Mosquitto:
    """One broker process on a port of its own; stop() and start() as often as wanted."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
        )
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)], stderr=subprocess.DEVNULL
        )
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError("mosquitto did not start")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class Host:
    """A subscriber to everything of the station, and a sender of commands."""

    def __init__(self, port: int) -> None:
        self.inbox: queue.Queue[paho.MQTTMessage] = queue.Queue()
        ready: queue.Queue[bool] = queue.Queue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _c, _u, message: self.inbox.put(message)
        self._client.on_subscribe = lambda *_args: ready.put(True)
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("lk/v1/demo/#", 1)
        self._client.loop_start()
        ready.get(timeout=30)

    def send(self, topic: str, payload: bytes, qos: int = 1, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos, retain).wait_for_publish(10)

    def wait(self, topic: str, limit_s: float = 30) -> bytes:
        """Payload of the next message of a topic; others are passed over. Raises queue.Empty."""
        end = time.monotonic() + limit_s
        while True:
            message = self.inbox.get(timeout=max(0.0, end - time.monotonic()))
            if message.topic == topic:
                return bytes(message.payload)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    yield mosquitto
    mosquitto.stop()


@pytest.fixture
def host(broker: Mosquitto) -> Iterator[Host]:
    client = Host(broker.port)
    yield client
    client.close()


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_journal_of_a_thousand_entries(interpreter: str, broker: Mosquitto, host: Host) -> None:
    report = StationProcess(interpreter, broker.port, 1000, speed=1).report()
    seen = [int(host.wait("lk/v1/demo/evt").split(b".")[0]) for _ in range(1000)]
    assert seen == list(range(1000)) and report["acked"] == 1000
    assert {name for name, n in report["counters"].items() if n} == {"connects"}
    assert report["slow"] <= 3, "a step of 150 ms: this machine may be busy now and then"


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_commands_and_their_retained_mark(interpreter: str, broker: Mosquitto, host: Host) -> None:
    host.send("lk/v1/demo/cmd", b"stale", retain=True)
    station = StationProcess(interpreter, broker.port, 0, hear=4, speed=1)
    assert host.wait("lk/v1/demo/rsp") == b"stale"
    host.send("lk/v1/demo/cmd", b"x" * 1000)
    host.send("lk/v1/demo/cmd", b"one")
    host.send("lk/v1/demo/ack", b"two", qos=0)
    host.send("lk/v1/demo/cmd", b"")
    assert [host.wait("lk/v1/demo/rsp") for _ in range(3)] == [b"one", b"two", b""]
    report = station.report()
    assert (
        report["retained"] == 1
        and report["counters"]["oversized"] == 1
        and report["counters"]["drops"] == 0
    )


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_pings_keep_an_idle_session(interpreter: str, broker: Mosquitto, host: Host) -> None:
    # 2.5 s at a 40-fold clock are 100 s of the station's: two pings.
    station = StationProcess(interpreter, broker.port, 0, hear=1, speed=40)
    time.sleep(2.5)
    assert station.running
    host.send("lk/v1/demo/cmd", b"still there?")
    report = station.report()
    assert report["counters"]["connects"] == 1 and report["counters"]["drops"] == 0


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_the_will_of_a_station_that_dies(interpreter: str, broker: Mosquitto, host: Host) -> None:
    station = StationProcess(interpreter, broker.port, 1, hear=1)
    host.wait("lk/v1/demo/evt")
    station.kill()
    assert host.wait("lk/v1/demo/state") == b"gone"
    late = Host(broker.port)
    assert late.wait("lk/v1/demo/state") == b"gone"
    late.close()


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_broker_that_restarts(interpreter: str, broker: Mosquitto, host: Host) -> None:
    station = StationProcess(interpreter, broker.port, 5, hear=1)
    for _ in range(5):
        host.wait("lk/v1/demo/evt")
    broker.stop()
    time.sleep(2)
    broker.start()
    again = Host(broker.port)
    for _ in range(50):
        again.send("lk/v1/demo/cmd", b"back?")
        if not station.running:
            break
        time.sleep(0.2)
    report = station.report()
    again.close()
    assert report["heard"][0] == "back?" and report["counters"]["connects"] == 2
    assert report["counters"]["unreachable"] >= 1 and report["counters"]["drops"] == 1


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_second_station_of_the_same_name_is_a_counted_drop(
    interpreter: str, broker: Mosquitto, host: Host
) -> None:
    station = StationProcess(interpreter, broker.port, 1, hear=1)
    host.wait("lk/v1/demo/evt")
    thief = paho.Client(CallbackAPIVersion.VERSION2, client_id="demo")
    thief.connect("127.0.0.1", broker.port)
    thief.loop_start()
    time.sleep(0.3)
    thief.disconnect()
    thief.loop_stop()
    time.sleep(0.5)
    for _ in range(50):
        host.send("lk/v1/demo/cmd", b"hello")
        if not station.running:
            break
        time.sleep(0.2)
    report = station.report()
    assert report["counters"]["closed"] >= 1 and report["counters"]["connects"] >= 2
