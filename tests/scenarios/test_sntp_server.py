"""Plain SNTP under the whole station, against a server on a real UDP socket that may lie."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from locker.core import clock, faults, records
from locker.net import sntp
from lockerctl.sealing import sealed
from whole_station import WholeStation

SINCE_1900 = 2_208_988_800


class Server:
    """Answers as told: wrong_s off, mute, with a kiss, short, or with another origin first."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self.asked = 0
        self.wrong_s = 0.0
        self.manner = "honest"
        self.true_s: Callable[[], float] = time.time
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ends.set()
        self._thread.join()
        self.socket.close()

    def _serve(self) -> None:
        while not self._ends.is_set():
            try:
                question, peer = self.socket.recvfrom(200)
            except TimeoutError:
                continue
            for answer in self._answers(question):
                self.socket.sendto(answer, peer)
            self.asked += 1

    def _answers(self, question: bytes) -> list[bytes]:
        at = self.true_s() + self.wrong_s
        stamp = struct.pack(">II", int(at) + SINCE_1900, int(at % 1 * 2**32))
        origin = question[40:48]
        stratum = 0 if self.manner == "kiss" else 2
        head = struct.pack(">BBBbII4s", 0x24, stratum, 6, -20, 0x200, 0x200, b"DENY")
        good = head + stamp + origin + stamp + stamp
        wild = struct.pack(">II", int(at) + SINCE_1900 + 9_000_000, 0)
        strange = head + wild + bytes(8) + wild + wild
        return {
            "honest": [good],
            "kiss": [good],
            "mute": [],
            "short": [good[:40]],
            "stranger first": [strange, good],
            "strangers only": [strange],
        }[self.manner]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    it = Server()
    monkeypatch.setattr(sntp, "PORT", it.port)
    yield it
    it.close()


@pytest.fixture
def online(station: WholeStation, server: Server) -> WholeStation:
    """A station with an SNTP server in its settings, and a link."""
    path = station.flash / "station.json"
    fields = json.loads(path.read_text()) | {"sntp": "127.0.0.1"}
    del fields["crc"]
    path.write_bytes(sealed(fields))
    server.true_s = lambda: station.now_s() + station.bench.now_ms % 1000 / 1000
    station.power_cut()
    return station


def next_answer(station: WholeStation, server: Server) -> None:
    """Let the station ask once more; virtual time stands while the real server answers."""
    station.skip(3_900_000)
    before = server.asked
    station.hal.link_up = True
    for _ in range(700):
        station.pass_time(20)
        if sntp_asking(station):
            time.sleep(0.03)
        if server.asked > before:
            break
    assert server.asked > before, "the station does not ask"
    time.sleep(0.03)
    station.pass_time(2100)
    station.hal.link_up = False


def sntp_asking(station: WholeStation) -> bool:
    return bool(next(s.task for s in station.reactor.slots if s.name == "sntp")._asking)


def now(station: WholeStation) -> int:
    return station.hal.system.ticks_ms()


def off_ms(station: WholeStation) -> int:
    seconds, ms = station.station.clock.time(now(station))
    true_ms = station.now_s() * 1000 + int(station.bench.now_ms) % 1000
    return abs((seconds + clock.EPOCH) * 1000 + ms - true_ms)


def told(station: WholeStation) -> list[int]:
    return [
        r.value
        for r in station.journal()
        if r.kind == records.FAULT and r.fault == faults.SNTP_DISAGREES
    ]


def test_an_honest_server_corrects_within_the_bound_and_shrinks_nothing(
    online: WholeStation, server: Server
) -> None:
    online.bench.rtc.set_unix(online.bench.now_ms, online.now_s() + 1)
    online.power_cut()
    online.pass_time(2000)
    before_s, floor_s = (
        online.station.clock.uncertainty_s(now(online)),
        online.station.clock.floor_s,
    )
    assert off_ms(online) > 800
    next_answer(online, server)
    assert off_ms(online) < 400 and told(online) == []
    assert online.station.clock.uncertainty_s(now(online)) >= before_s
    assert online.station.clock.floor_s == floor_s


@pytest.mark.parametrize("wrong_s", [40, -40, 3_000_000, -200_000_000])
def test_a_server_outside_the_bound_is_journalled_once_and_changes_nothing(
    online: WholeStation, server: Server, wrong_s: int
) -> None:
    online.pass_time(2000)
    server.wrong_s = wrong_s
    state = online.station.clock.pack()
    for _ in range(3):
        next_answer(online, server)
    assert told(online) == [1] and off_ms(online) < 1500
    assert online.station.clock.pack() == state
    assert faults.SNTP_DISAGREES in online.station.health.faults
    server.wrong_s = 0
    next_answer(online, server)
    online.pass_time(2000)
    assert told(online) == [1, 0]


def test_strangers_are_not_heard(online: WholeStation, server: Server) -> None:
    state = online.station.clock.pack()
    for manner in ("strangers only", "short", "stranger first"):
        server.manner = manner
        next_answer(online, server)
        assert told(online) == [] and online.station.clock.pack() == state


def test_a_kiss_ends_the_questions_until_the_next_start(
    online: WholeStation, server: Server
) -> None:
    server.manner = "kiss"
    next_answer(online, server)
    asked = server.asked
    online.hal.link_up = True
    online.skip(40_000_000)
    online.pass_time(20_000)
    time.sleep(0.2)
    assert server.asked == asked


def test_a_lost_clock_takes_no_hint(online: WholeStation, server: Server) -> None:
    online.bench.rtc.lose_power(online.bench.now_ms)
    online.power_cut()
    next_answer(online, server)
    assert online.station.clock.trust(now(online)) == clock.UNSYNCED and told(online) == []
