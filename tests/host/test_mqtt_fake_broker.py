"""The firmware's MQTT against a broker with bad manners: it says so, it does not hang, it
recovers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from broker import Broker
from tests.host.station_process import INTERPRETERS, StationProcess

WANT = 20
# One step may not block. It takes 1 ms at most, the rest is a busy machine: that slows a few
# steps down, not each.
STEP_LIMIT_US = 2_000_000
SLOW_MAX = 3

# Mode, and the counter that tells it.
BAD = [
    ("mute", "timeouts"),
    ("early_close", "closed"),
    ("refuse", "refused"),
    ("garbage", "malformed"),
    ("half_connack", "timeouts"),
    ("no_suback", "timeouts"),
    ("slow_reader", "timeouts"),
    ("huge_length", "malformed"),
    ("lost_puback", "timeouts"),
    ("half_puback", "timeouts"),
    ("wrong_id", "timeouts"),
    ("close_at_publish", "closed"),
]


def wait_for(condition: Callable[[], bool], limit_s: float = 20) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


def has_published(broker: Broker, n: int) -> bool:
    return len(broker.published) > n


def journal(broker: Broker) -> list[int]:
    """Numbers of the journal entries that the broker has seen, in order, repeats dropped."""
    seen = [
        int(payload.split(b".")[0])
        for topic, payload, _, _ in broker.published
        if topic.endswith(b"/evt")
    ]
    return sorted(set(seen))


@pytest.mark.parametrize("interpreter", INTERPRETERS)
@pytest.mark.parametrize(("mode", "counter"), BAD)
def test_bad_broker_that_behaves_in_the_end(interpreter: str, mode: str, counter: str) -> None:
    with Broker(mode) as broker:
        # Ten seconds of deadline are a quarter of one.
        station = StationProcess(interpreter, broker.port, WANT, speed=40)
        wait_for(lambda: broker.connects >= 2)
        assert station.running
        broker.mode = "good"
        report = station.report()
    assert report["acked"] == WANT and journal(broker) == list(range(WANT))
    assert report["counters"][counter] >= 1
    assert report["worst_us"] < STEP_LIMIT_US and report["slow"] <= SLOW_MAX
    if mode == "refuse":
        assert report["refusal"] == 5
    if mode == "wrong_id":
        assert report["counters"]["unexpected"] >= 1


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_missing_pingresp_ends_the_session(interpreter: str) -> None:
    with Broker("no_pingresp") as broker:
        station = StationProcess(interpreter, broker.port, WANT, hear=1, speed=10)
        # 45 s to the ping and 10 s to its deadline are 5.5 s here.
        wait_for(lambda: broker.connects >= 2)
        broker.mode = "good"
        wait_for(lambda: len(broker.subscribed) >= 4)
        broker.publish(b"lk/v1/demo/cmd", b"stop")
        report = station.report()
    assert report["counters"]["timeouts"] == 1 and report["counters"]["drops"] == 1
    assert report["heard"] == ["stop"]


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_no_broker_at_first(interpreter: str) -> None:
    with Broker() as broker:
        port = broker.port
    station = StationProcess(interpreter, port, WANT)
    time.sleep(2)
    with Broker(port=port) as broker:
        report = station.report()
    assert report["acked"] == WANT and report["counters"]["unreachable"] >= 1
    assert report["counters"]["connects"] == 1
    assert report["worst_us"] < STEP_LIMIT_US and report["slow"] <= SLOW_MAX


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_broken_connections_lose_nothing(interpreter: str) -> None:
    with Broker() as broker:
        station = StationProcess(interpreter, broker.port, 2000)
        for n in (300, 700, 1100):
            wait_for(partial(has_published, broker, n))
            broker.drop()
        report = station.report()
    assert report["acked"] == 2000 and journal(broker) == list(range(2000))
    assert report["counters"]["connects"] == 4 and report["counters"]["drops"] == 3
    assert broker.subscribed == [b"lk/v1/demo/cmd", b"lk/v1/demo/ack"] * 4


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_commands_large_retained_and_in_pieces(interpreter: str) -> None:
    with Broker() as broker:
        station = StationProcess(interpreter, broker.port, 0, hear=3)
        wait_for(lambda: len(broker.subscribed) == 2)
        # In pieces first: nothing else is said in between, not even a PUBACK.
        broker.say(b"\x30\x10\x00\x0elk/v1/")
        time.sleep(0.1)
        broker.say(b"demo/cmd")
        broker.publish(b"lk/v1/demo/cmd", b"x" * 3000, 10)
        broker.publish(b"lk/v1/demo/cmd", b"second", 11, retained=True)
        broker.publish(b"lk/v1/demo/cmd", b"third", 12)
        report = station.report()
    assert report["heard"] == ["", "second", "third"] and report["retained"] == 1
    assert report["counters"]["oversized"] == 1 and report["counters"]["drops"] == 0
    assert broker.acks == 3


def test_memory_stays_where_it_is_on_a_small_heap() -> None:
    with Broker() as broker:
        report = StationProcess("micropython", broker.port, 3000).report()
    before, after = report["heap"]
    assert report["acked"] == 3000
    assert after - before < 1024, report["heap"]
