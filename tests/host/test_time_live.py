"""The firmware on MicroPython asks its host for the time over a real broker, and keeps it."""

import json
import time

from locker.core import clock, records, wire
from locker.core.clock import Clock
from lockerctl import rig
from lockerctl.mqtt import connect
from lockerctl.provision import Setup

LIMIT_S = 60.0


def stored(cells):
    """Payload of the younger copy of the clock's cell, None when there is none."""
    copies = [cells / f"{clock.CELL[0]}.{copy}" for copy in "ab"]
    found = [
        records.unpack_cell(clock.CELL[1], path.read_bytes()) for path in copies if path.exists()
    ]
    return max((f for f in found if f), key=lambda f: f[1], default=None)


def test_a_live_station_learns_the_time_and_stores_it(tmp_path, monkeypatch):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    before_s = int(time.time())
    plan = rig.Plan("demo", 42, Setup(heartbeat_s=1, clock_set_s=before_s - 3600))
    with rig.running(plan) as running:
        station = running.station
        topics = [wire.topic(station.name, "hb")]
        with connect(station.broker_host, station.broker_port, topics) as session:
            until = time.monotonic() + LIMIT_S
            while stored(running.flash / "cells") is None and time.monotonic() < until:
                time.sleep(0.5)
            cell = stored(running.flash / "cells")
            heartbeat = session.get(LIMIT_S)
    assert cell is not None
    clk = Clock(0)
    clk.unpack(cell[3])
    assert clk.take(int(time.time()) - clock.EPOCH, 0, 0) and clk.uncertainty_s(0) <= 5
    told = json.loads(heartbeat.payload)
    assert told["c"] == "synced" and abs(told["off"]) <= 1 and abs(told["ppm"]) <= 5
    assert not told["refused"]
