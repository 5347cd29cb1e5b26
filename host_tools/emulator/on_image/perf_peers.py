# mypy: ignore-errors
"""On the image: what others would use for the same work, beside ours."""

import hmac
import struct
import time
from hashlib import sha256

import peer_sha256

from locker.core import codes
from locker.core.mac import Mac
from locker.net.mqtt import Mqtt
from locker.net.profile import Profile
from machine import Pin
from umqtt import simple

_KEY = bytes(range(32))
_MESSAGE = bytes(15)
_TIMES = 20
_TRIP_MS = 40  # a round trip to the broker, as measured on a Pico W
_PINS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 26, 27, 28)
_PAYLOAD = bytes(90)  # so that every length of the packets fits one byte


def us_each(work, times=_TIMES):
    """Mean time of one call, in us."""
    began = time.ticks_us()
    for _ in range(times):
        work()
    return time.ticks_diff(time.ticks_us(), began) / times


class Copyable:
    """The image's sha256 has no copy(), which hmac needs: what was hashed is kept, and
    hashed again for each copy.
    """

    digest_size = 32
    block_size = 64
    name = "sha256"

    def __init__(self, data=b""):
        self.data = data

    def update(self, data):
        self.data += data

    def copy(self):
        return Copyable(self.data)

    def digest(self):
        return sha256(self.data).digest()


def totp():
    """RFC 6238 with a hash in Python: what there is where hashlib has none."""
    digest = hmac.new(_KEY, struct.pack(">Q", 59_000_000), peer_sha256.sha256).digest()
    at = digest[-1] & 15
    return (struct.unpack_from(">I", digest, at)[0] & 0x7FFFFFFF) % 1_000_000


class Contacts:
    """One pin after the other, and a list of what each was: the usual loop."""

    def __init__(self):
        self.pins = [Pin(number, Pin.IN, Pin.PULL_UP) for number in _PINS * 2]
        self.was = [1] * len(self.pins)
        self.since = [0] * len(self.pins)

    def step(self):
        now = time.ticks_ms()
        for index in range(len(self.pins)):
            level = self.pins[index].value()
            if level != self.was[index]:
                if time.ticks_diff(now, self.since[index]) > 50:
                    self.was[index] = level
                self.since[index] = now


class Broker:
    """Answers to the letter, one round trip later."""

    def __init__(self):
        self.sent = bytearray()
        self.waiting = bytearray()
        self.ready_at = 0

    def take(self, data):
        self.sent += data
        while len(self.sent) > 1 and len(self.sent) >= 2 + self.sent[1]:
            packet, self.sent = self.sent[: 2 + self.sent[1]], self.sent[2 + self.sent[1] :]
            kind = packet[0] & 0xF0
            if kind == 0x10:
                self.waiting += b"\x20\x02\x00\x00"
            elif kind == 0x80:
                self.waiting += b"\x90\x03" + packet[2:4] + b"\x01"
            elif kind == 0x30:
                at = 4 + packet[3]
                self.waiting += b"\x40\x02" + packet[at : at + 2]
            self.ready_at = time.ticks_add(time.ticks_ms(), _TRIP_MS)

    def give(self, size):
        if time.ticks_diff(self.ready_at, time.ticks_ms()) > 0:
            return b""
        data, self.waiting = self.waiting[:size], self.waiting[size:]
        return data


class Blocking:
    """The socket that umqtt.simple expects: read() comes back with data."""

    def __init__(self, broker):
        self.broker = broker

    def write(self, data, size=-1):
        self.broker.take(data if size < 0 else data[:size])

    def read(self, size):
        data = b""
        while len(data) < size:
            data += self.broker.give(size - len(data))
        return data

    def setblocking(self, on):
        pass


class Wire:
    """locker.net.stream.Wire."""

    def __init__(self, broker):
        self.broker = broker

    def open(self):
        return True

    def ready(self):
        return 1

    def send(self, data):
        self.broker.take(bytes(data))
        return len(data)

    def recv_into(self, buf):
        data = self.broker.give(len(buf))
        buf[: len(data)] = data
        return len(data)

    def close(self):
        pass


class Listener:
    """Knows when the broker has it."""

    acked = 0

    def on_message(self, topic, payload, retained):
        pass

    def on_acked(self, pid):
        self.acked = pid


def our_publish():
    """The longest that one QoS 1 publish keeps everything else waiting, in us."""
    listener = Listener()
    profile = Profile(b"perf", (b"a/cmd",), (b"a/will", b"gone"), 0)
    session = Mqtt(profile, Wire(Broker()), listener, lambda n: bytes(n))
    while not session.up:
        session.poll(time.ticks_ms())
    began = time.ticks_us()
    session.publish(b"lk/v1/perf/evt", _PAYLOAD, 1, False)
    longest = time.ticks_diff(time.ticks_us(), began)
    while not listener.acked:
        began = time.ticks_us()
        session.poll(time.ticks_ms())
        longest = max(longest, time.ticks_diff(time.ticks_us(), began))
    return longest


def stock_publish():
    """The same with umqtt.simple alone."""
    client = simple.MQTTClient(b"perf", "")
    client.sock = Blocking(Broker())
    return us_each(lambda: client.publish(b"lk/v1/perf/evt", _PAYLOAD, False, 1), 1)


def measure():
    """A dictionary of figures, in us."""
    mac = Mac(_KEY)
    for peer in (Copyable, peer_sha256.sha256):
        if mac.digest(_MESSAGE) != hmac.new(_KEY, _MESSAGE, peer).digest():
            raise ValueError("the peer does something else")
    return {
        "hmac": us_each(lambda: mac.digest(_MESSAGE)),
        "hmac_peer": us_each(lambda: hmac.new(_KEY, _MESSAGE, Copyable).digest()),
        "code": us_each(lambda: codes.recipient_code(mac, "3d", 3_000)),
        "totp_peer": us_each(totp, 1),
        "loop_peer": us_each(Contacts().step),
        "publish": our_publish(),
        "publish_peer": stock_publish(),
    }
