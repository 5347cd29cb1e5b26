"""A station's MQTT side alone, on CPython or MicroPython, for the broker tests: publishes a
numbered journal until all of it is acknowledged, answers each command, and prints one JSON line
about itself.

    micropython mqtt_station.py '{"port": 1883, "want": 20, "hear": 0, "limit_s": 10, "speed": 5}'

speed: how many times faster than real the firmware's clock runs, so that ten seconds of deadline
are soon over: two of ours with 5, and a busy computer may take one of them away.
"""

import gc
import json
import select
import socket
import sys
import time

from locker.net.mqtt import Mqtt
from locker.net.profile import Profile
from locker.net.tcp import Tcp

SLOW_US = 150_000


def clock_us():
    """Microseconds since some start."""
    if hasattr(time, "ticks_us"):
        return time.ticks_us()
    return time.perf_counter_ns() // 1000


class Station:
    """The listener and the journal's sender."""

    def __init__(self, config):
        self.config = config
        profile = Profile(
            b"demo", (b"lk/v1/demo/cmd", b"lk/v1/demo/ack"), (b"lk/v1/demo/state", b"gone"), 60
        )
        wire = Tcp(socket, select, "127.0.0.1", config["port"])
        self.noise = 1
        self.mqtt = Mqtt(profile, wire, self, self.random)
        self.session = 0
        self.next = 0
        self.acked = 0
        self.pids = []
        self.heard = []
        self.answers = []
        self.retained = 0
        self.worst_us = self.slow = 0
        self.polls = 0

    def random(self, n):
        self.noise = (self.noise * 1103 + 12345) & 0xFFFF
        return bytes((self.noise >> 8, self.noise & 255))[:n]

    def on_message(self, topic, payload, retained):
        self.retained += retained
        if len(self.heard) < 50:
            self.heard.append(payload[:40].decode())
        self.renew()
        pid = self.mqtt.publish(b"lk/v1/demo/rsp", payload[:40], 1, False)
        if pid:
            self.answers.append(pid)

    def on_acked(self, pid):
        if pid in self.answers:
            self.answers.remove(pid)
        elif self.pids and pid == self.pids[0]:
            self.pids.pop(0)
            self.acked += 1

    def renew(self):
        """What was on its way when a connection ended is lost."""
        session = self.mqtt.counters["connects"]
        if session != self.session:
            self.session, self.next, self.pids, self.answers = session, self.acked, [], []

    def send(self):
        """Publish what the journal has and no broker has taken, from the start again after each
        reconnect.
        """
        self.renew()
        if self.next < self.config["want"]:
            pid = self.mqtt.publish(b"lk/v1/demo/evt", b"%d" % self.next + b"." * 120, 1, False)
            if pid:
                self.pids.append(pid)
                self.next += 1

    def step(self, now):
        if self.mqtt.up:
            self.send()
        start = clock_us()
        moved = self.mqtt.poll(now)
        took_us = clock_us() - start
        self.worst_us = max(self.worst_us, took_us)
        self.slow += took_us > SLOW_US
        self.polls += 1
        return moved

    @property
    def finished(self):
        # An answer that no broker has acknowledged may be lost when the connection closes.
        done = self.acked >= self.config["want"] and len(self.heard) >= self.config["hear"]
        return done and not self.answers

    def report(self, heap):
        mqtt = self.mqtt
        return {
            "acked": self.acked,
            "heard": self.heard,
            "retained": self.retained,
            "worst_us": self.worst_us,
            "slow": self.slow,
            "polls": self.polls,
            "up": mqtt.up,
            "counters": mqtt.counters,
            "last_failure": mqtt.last_failure,
            "refusal": mqtt.refusal,
            "heap": heap,
        }


def used():
    """Bytes in use on MicroPython's heap, 0 on CPython."""
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def main(config):
    station = Station(config)
    start = clock_us()
    before = 0
    elapsed = 0
    while not station.finished and elapsed < config["limit_s"] * 1_000_000:
        elapsed = clock_us() - start
        if not station.step(elapsed // 1000 * config["speed"] & 0x3FFFFFFF):
            time.sleep(0.001)
        if not before and station.acked * 10 >= config["want"]:
            before = used()
    for _ in range(20):  # let the last PUBACK out
        station.step(elapsed // 1000 * config["speed"] & 0x3FFFFFFF)
        time.sleep(0.001)
    print(json.dumps(station.report([before, used()])))


main(json.loads(sys.argv[1]))
