"""An MQTT session against a scripted wire, in virtual time: for CPython and MicroPython alike."""

from locker.net.mqtt import Mqtt
from locker.net.profile import Profile
from wire import CONNACK, FakeWire, suback

CMD = b"lk/v1/demo/cmd"
ACK = b"lk/v1/demo/ack"
STATE = b"lk/v1/demo/state"


class Rig:
    """A session, its wire, its clock, and a listener that notes what it hears."""

    def __init__(self, topics=(CMD,), keepalive_s=60, noise=b"\x00\x00"):
        self.now = 1000
        self.wire = FakeWire()
        self.heard = []
        self.acked = []
        self.anger = None
        profile = Profile(b"demo", topics, (STATE, b'{"up":false}'), keepalive_s)
        self.mqtt = Mqtt(profile, self.wire, self, lambda n: noise)

    def on_message(self, topic, payload, retained):
        self.heard.append((topic, payload, retained))
        if self.anger:
            raise self.anger

    def on_acked(self, pid):
        self.acked.append(pid)

    def run(self, ms, step=10):
        for _ in range(0, ms, step):
            self.now = (self.now + step) & ((1 << 30) - 1)
            self.mqtt.poll(self.now)

    def give(self, data, ms=100):
        self.wire.inbox += data
        self.run(ms)

    def connect(self):
        self.run(50)
        assert [first for first, _ in self.wire.take()] == [0x10]
        self.give(CONNACK)
        for first, body in self.wire.take():
            assert first == 0x82 and not self.mqtt.up
            self.give(suback(body[0] << 8 | body[1]))
        assert self.mqtt.up
        return self

    def count(self, name):
        return self.mqtt.counters[name]


def connected(**kwargs):
    return Rig(**kwargs).connect()


class Answering:
    def __init__(self, mqtt):
        self.mqtt = mqtt

    def on_message(self, topic, payload, retained):
        if payload == b"bye":
            self.mqtt.hang_up()
        else:
            assert self.mqtt.publish(b"rsp", b"ok", 1, False)

    def on_acked(self, pid):
        pass
