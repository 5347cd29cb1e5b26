"""A locked station on a real network: the host is told why."""

import json
import time

import pytest

from vendored import use_umqtt

use_umqtt()

from locker.app.locked_report import LockedReport, last_boot  # noqa: E402 - needs umqtt
from locker.core import counters, faults, wire  # noqa: E402
from locker.storage.cells import Cells  # noqa: E402
from lockerctl import broker, provision  # noqa: E402
from lockerctl.mqtt import connect  # noqa: E402
from lockerctl.presence import Presence, Watch  # noqa: E402
from virtual.bench import Bench  # noqa: E402
from virtual.inprocess import InProcessHal  # noqa: E402
from virtual.layout import from_board  # noqa: E402
from whole_station import BOARD  # noqa: E402

CONFIG = {
    "station": "test",
    "broker": {"host": "127.0.0.1", "port": 1, "keepalive_s": 60, "user": "", "password": ""},
    "wifi": {"ssid": "", "password": "", "country": ""},
    "heartbeat_s": 1,
}


class Clock(InProcessHal):
    """In real time."""

    def ticks_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000 & (1 << 30) - 1


@pytest.fixture
def hal() -> Clock:
    return Clock(Bench(from_board(BOARD), 1, 1_795_000_000))


def test_the_host_is_told_why_and_again(hal: Clock) -> None:
    with broker.running() as running:
        config = CONFIG | {"broker": CONFIG["broker"] | {"port": running.port}}
        problems = ["cell keys: missing or damaged"]
        report = LockedReport(hal, config, faults.STATE_LOST, problems, 12, (7, b"\x5a" * 16))
        watch = Watch("test", {1: "S"}, 1)
        heard = {}
        with connect(running.host, running.port, [wire.topic("test", "#")]) as session:
            until = time.monotonic() + 20
            while len(heard) < 2 and time.monotonic() < until:
                report.step(hal.ticks_ms())
                message = session.get(0.005)
                if message:
                    heard[watch.take(message, time.monotonic())] = message.fields()
    presence = {"v": 1, "up": True, "boot": 12, "fw": wire.FIRMWARE, "e": 43}
    assert heard["state"] == presence | {"q": 7, "tag": "5a" * 16}
    assert heard["hb"] == {"v": 1, "b": 12, "e": [43], "why": problems}
    assert watch.presence(time.monotonic()) is Presence.ONLINE


def test_a_failed_step_rests_before_it_starts_over(hal: Clock) -> None:
    report = LockedReport(hal, CONFIG, faults.STATE_LOST, [], 0)
    now = hal.ticks_ms()
    report.recover(now)
    hal.is_up = None  # whoever asks now fails
    report.step(now + 9_000)
    with pytest.raises(TypeError):
        report.step(now + 10_001)


def test_the_last_boot_is_told_when_it_can_be_read(tmp_path) -> None:
    assert last_boot(str(tmp_path / "nothing")) == 0
    board = json.loads(BOARD.read_text())
    station = provision.new_station("test", board, provision.demo_keys(1), ("127.0.0.1", 1))
    provision.write_flash(tmp_path / "flash", station, board)
    assert last_boot(str(tmp_path / "flash" / "cells")) == 0
    numbers = Cells(str(tmp_path / "flash" / "cells"))
    cell = counters.Counters()
    cell.unpack(numbers.load(counters.CELL))
    cell.boot = 77
    numbers.save(counters.CELL, cell.pack())
    assert last_boot(str(tmp_path / "flash" / "cells")) == 77
