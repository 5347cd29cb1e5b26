"""Whatever the broker says and however the network cuts it, the session does not raise, does not
grow, and comes back.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vendored import use_umqtt
from wire import CONNACK, PINGRESP, FakeWire, packet, puback, publish, split, suback

use_umqtt()

from locker.core import ticks  # noqa: E402 - umqtt has to be found first
from locker.net.frames import Frame  # noqa: E402
from locker.net.mqtt import Mqtt  # noqa: E402
from locker.net.profile import Profile  # noqa: E402

TOPICS = (b"lk/v1/demo/cmd", b"lk/v1/demo/ack")
LARGEST_SENT = 2048


class Station:
    """A session over a scripted wire; its listener answers and sometimes hangs up."""

    def __init__(self) -> None:
        self.now = 0
        self.wire = FakeWire()
        profile = Profile(b"demo", TOPICS, (b"lk/v1/demo/state", b"gone"), 60)
        self.mqtt = Mqtt(profile, self.wire, self, lambda n: bytes(n))

    def on_message(self, topic: bytes, payload: bytes, retained: bool) -> None:
        assert len(topic) <= 640 and len(payload) <= 640 and retained in (True, False)
        if payload == b"bye":
            self.mqtt.hang_up()
        else:
            self.mqtt.publish(b"rsp", payload, 1, False)

    def on_acked(self, pid: int) -> None:
        assert 1 <= pid <= 65_535

    def poll(self) -> None:
        opens = self.wire.opens
        before = len(self.wire.sent)
        self.mqtt.poll(self.now)
        if self.wire.opens != opens:
            self.wire.sent = bytearray()
            return
        assert len(self.wire.sent) - before <= 256

    def check(self) -> None:
        stream = self.mqtt._stream
        assert len(stream.frame.raw) == 643 and len(stream.outbox._buf) == LARGEST_SENT
        assert len(self.mqtt._flight._pids) == 8 and len(self.mqtt._unanswered) <= len(TOPICS)
        assert not self.mqtt.up or self.wire.is_open
        assert sum(self.mqtt.counters.values()) < 10_000

    def behave(self) -> None:
        """A good broker from here on: the session must be up within the longest wait and a
        handshake.
        """
        self.wire = FakeWire()
        self.mqtt._wire = self.mqtt._stream._wire = self.wire
        self.mqtt.hang_up()
        for _ in range(100):
            self.now = ticks.add(self.now, 10)
            self.poll()
            for first, body in self.wire.take():
                self.wire.inbox += CONNACK if first == 0x10 else b""
                self.wire.inbox += suback(body[0] << 8 | body[1]) if first == 0x82 else b""
        assert self.mqtt.up


PIDS = st.integers(0, 12)
SOUND = st.one_of(
    st.just(CONNACK),
    st.just(PINGRESP),
    st.builds(suback, PIDS, st.sampled_from([0, 1, 2, 0x80])),
    st.builds(puback, PIDS),
    st.builds(
        publish,
        st.sampled_from(TOPICS),
        st.sampled_from([b"", b"x", b"bye", b"y" * 600, b"z" * 4000]),
        PIDS,
    ),
    st.builds(packet, st.integers(0, 255), st.binary(max_size=300)),
)
HANDSHAKE = CONNACK + suback(1) + suback(2)


def damage(data: bytes, at: int, byte: int) -> bytes:
    """The same bytes with one of them changed."""
    at %= len(data)
    return data[:at] + bytes((byte,)) + data[at + 1 :]


SAID = st.one_of(
    st.just(HANDSHAKE),
    SOUND,
    st.builds(damage, SOUND, st.integers(0, 5000), st.integers(0, 255)),
    st.binary(max_size=700),
)
STEPS = st.one_of(
    st.tuples(st.just("say"), SAID),
    st.tuples(st.just("wait"), st.integers(0, 70_000)),
    st.tuples(st.just("publish"), st.integers(0, 2500)),
    st.tuples(st.just("room"), st.integers(0, 600)),
    st.tuples(st.just("end"), st.just(0)),
    st.tuples(st.just("dial"), st.booleans()),
)


def do(station: Station, step: str, value: Any) -> None:
    wire = station.wire
    if step == "say":
        wire.inbox += value
    elif step == "wait":
        station.now = ticks.add(station.now, value)
    elif step == "publish":
        station.mqtt.publish(b"t", bytes(value), value & 1, False)
    elif step == "room":
        wire.room = value
    elif step == "end":
        wire.ended = True
    else:
        wire.open_works = value


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_no_sequence_breaks_the_session(steps: list[tuple[str, Any]]) -> None:
    station = Station()
    for _ in range(3):
        station.poll()
    for step, value in steps:
        do(station, step, value)
        for _ in range(4):
            station.poll()
        station.check()
    station.behave()
    station.check()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=6000), st.booleans())
def test_random_bytes(data: bytes, greeted: bool) -> None:
    station = Station()
    for _ in range(3):
        station.poll()
    station.wire.inbox += (HANDSHAKE if greeted else b"") + data
    for _ in range(60):
        station.poll()
    station.check()
    station.behave()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 500), max_size=30),
    st.lists(st.integers(0, 300), min_size=1, max_size=30),
)
def test_what_is_sent_is_whole_packets_in_order(sizes: list[int], rooms: list[int]) -> None:
    station = Station()
    station.behave()
    station.wire.sent = bytearray()
    taken = []
    for n, size in enumerate(sizes):
        payload = bytes((n,)) * size
        if station.mqtt.publish(b"t", payload, 0, False):
            taken.append(payload)
        station.wire.room = rooms[n % len(rooms)]
        station.poll()
    station.wire.room = 1 << 20
    station.wire.inbox += PINGRESP
    for _ in range(60):
        station.poll()
    sent = [body[3:] for first, body in split(station.wire.sent) if first == 0x30]
    assert sent == taken


@settings(max_examples=200, deadline=None)
@given(st.lists(SOUND, max_size=8), st.lists(st.integers(1, 200), min_size=1))
def test_frames_do_not_depend_on_the_cuts(packets: list[bytes], cuts: list[int]) -> None:
    data = b"".join(packets)
    assert frames(data, [len(data) or 1]) == frames(data, cuts)


def frames(data: bytes, cuts: list[int]) -> list[tuple[int, int, bytes]]:
    """What a Frame makes of data that comes in pieces of these sizes."""
    found = []
    frame, start, turn = Frame(), 0, 0
    while start < len(data) and not frame.bad:
        end = min(start + cuts[turn % len(cuts)], len(data))
        turn += 1
        while start < end and not frame.bad:
            start = frame.feed(memoryview(data), start, end)
            if frame.done:
                found.append((frame.first, frame.length, bytes(frame.raw[3 : 3 + frame.length])))
                frame.clear()
    return found
