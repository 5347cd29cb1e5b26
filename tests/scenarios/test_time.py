"""Time from the host under the whole station: asked for, signed, learnt, stored - or refused."""

import json

import pytest

from locker.core import clock, faults, records, wire
from locker.core.mac import Mac
from whole_station import WholeStation


class Server:
    """Answers the station's questions. wrong_s: how far its own clock is off."""

    def __init__(self, station: WholeStation) -> None:
        self._station = station
        self.mac = Mac(station.record.keys.command)
        self.wrong_s = 0

    @property
    def keeper(self):
        return self._station.station.timekeeper

    def nonce(self) -> str:
        """Of the station's next question, however long that takes."""
        for _ in range(400):
            question = self.keeper.question(self._station.hal.system.ticks_ms())
            if question:
                return wire.parse_question(question)
            self._station.skip(120_000)
        raise AssertionError("the station does not ask")

    def answer(self, nonce: str) -> bytes:
        true_ms = self._station.now_s() * 1000 + int(self._station.bench.now_ms) % 1000
        at = (true_ms // 1000 + self.wrong_s, true_ms % 1000)
        return wire.pack_time(self.mac, "test", nonce, at)

    def deliver(self, payload: bytes, retained: bool = False) -> None:
        now = self._station.hal.system.ticks_ms()
        self.keeper.answer(self.mac, payload, retained, now)
        self._station.pass_time(25_000)

    def serve(self) -> None:
        nonce = self.nonce()
        self._station.pass_time(80)
        payload = self.answer(nonce)
        self._station.pass_time(80)
        self.deliver(payload)


@pytest.fixture
def server(station: WholeStation) -> Server:
    return Server(station)


def off_s(station: WholeStation) -> int:
    """By how much the station is wrong."""
    believed_s = station.station.clock.now_s(station.hal.system.ticks_ms())
    return abs(believed_s + clock.EPOCH - station.now_s())


def trust(station: WholeStation) -> int:
    return station.station.clock.trust(station.hal.system.ticks_ms())


def clock_faults(station: WholeStation) -> list[int]:
    station.pass_time(2000)
    return [r.fault for r in station.journal() if r.kind == records.FAULT and r.fault >= 80]


def test_a_chip_minutes_off_is_found_out_set_and_stays_right(
    station: WholeStation, server: Server
) -> None:
    station.bench.rtc.set_unix(station.bench.now_ms, station.now_s() + 400)
    station.power_cut()
    station.pass_time(2000)
    assert off_s(station) >= 399
    server.serve()
    assert off_s(station) <= 1 and trust(station) == clock.SYNCED
    assert clock_faults(station) == [faults.CLOCK_STEPPED]
    assert abs(station.bench.rtc.unix(station.bench.now_ms) - station.now_s()) <= 2
    station.power_cut()
    station.pass_time(2000)
    assert off_s(station) <= 1 and trust(station) == clock.SYNCED


def test_what_was_learnt_survives_a_power_cut_and_the_chip_is_left_alone(
    station: WholeStation, server: Server
) -> None:
    station.bench.rtc.set_unix(station.bench.now_ms, station.now_s() + 30)
    station.power_cut()
    station.pass_time(2000)
    server.serve()
    station.power_cut()
    station.pass_time(2000)
    assert off_s(station) <= 1
    assert station.bench.rtc.unix(station.bench.now_ms) > station.now_s() + 25


def test_a_dead_battery_is_put_right_and_codes_open_again(
    station: WholeStation, server: Server
) -> None:
    station.bench.rtc.lose_power(station.bench.now_ms)
    station.power_cut()
    station.pass_time(2000)
    assert trust(station) == clock.UNSYNCED
    server.serve()
    assert trust(station) == clock.SYNCED and off_s(station) <= 1
    station.pass_time(9000)
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your"))
    assert station.openings() == [3]
    station.power_cut()
    station.pass_time(2000)
    assert trust(station) == clock.SYNCED and off_s(station) <= 1


def test_a_power_cut_around_the_setting_of_the_chip_never_leaves_a_wrong_time(
    station: WholeStation, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for failing in range(1, 5):
        station.bench.rtc.set_unix(station.bench.now_ms, station.now_s() + 400)
        station.power_cut()
        station.pass_time(2000)
        with monkeypatch.context() as patch:
            nonce = server.nonce()
            payload = server.answer(nonce)
            station.fail_write(patch, failing)
            now = station.hal.system.ticks_ms()
            server.keeper.answer(server.mac, payload, False, now)
            server.keeper.step(now)
        station.power_cut()
        station.pass_time(2000)
        # As wrong as the chip was, unknown, or right: never both halves of a setting.
        assert trust(station) == clock.UNSYNCED or off_s(station) <= 1 or off_s(station) >= 398
        server.serve()
        assert off_s(station) <= 1


def test_answers_to_nothing_for_another_or_too_late_are_counted_and_change_nothing(
    station: WholeStation, server: Server
) -> None:
    server.serve()
    server.wrong_s = 40
    before = station.station.clock.pack()
    server.deliver(server.answer(""))
    nonce = server.nonce()
    good = server.answer(nonce)
    forged = json.loads(good) | {"t": json.loads(good)["t"] + 1}
    other = wire.pack_time(Mac(b"another key"), "test", nonce, (station.now_s(), 0))
    bad = [
        (server.answer("00" * 8), False),
        (json.dumps(forged).encode(), False),
        (other, False),
        (good, True),
        (b"{", False),
        (b'{"v": 1, "t": -5, "ms": 0, "mac": "x"}', False),
        (b'{"v": 1, "t": 5, "ms": 2000, "mac": "x"}', False),
    ]
    for payload, retained in bad:
        now = station.hal.system.ticks_ms()
        server.keeper.answer(server.mac, payload, retained, now)
    station.pass_time(3000)
    server.deliver(good)
    assert station.station.clock.pack() == before and off_s(station) <= 1
    refused = station.station.refused
    assert refused[faults.TIME_FORGED] == 5 and refused[faults.MESSAGE_MALFORMED] == 3
    assert refused[faults.MESSAGE_RETAINED] == 1


def test_an_answer_is_good_once(station: WholeStation, server: Server) -> None:
    nonce = server.nonce()
    payload = server.answer(nonce)
    server.deliver(payload)
    before = station.station.clock.pack()
    server.deliver(payload)
    assert station.station.clock.pack() == before
    assert station.station.refused == {faults.TIME_FORGED: 1}


def test_a_server_that_is_wildly_wrong_is_not_followed(
    station: WholeStation, server: Server
) -> None:
    server.serve()
    floor_s = station.station.clock.floor_s
    for wrong_s, fault in (
        (40 * 86_400, faults.TIME_UNCONFIRMED),
        (-40 * 86_400, faults.TIME_BELOW_FLOOR),
    ):
        server.wrong_s = wrong_s
        server.serve()
        assert off_s(station) <= 1 and station.station.clock.floor_s == floor_s
        assert clock_faults(station)[-1] == fault


def test_the_floor_survives_a_power_cut(station: WholeStation, server: Server) -> None:
    server.serve()
    floor_s = station.station.clock.floor_s
    assert floor_s > station.now_s() - clock.EPOCH - 120
    station.power_cut()
    assert station.station.clock.floor_s == floor_s


def test_the_heartbeat_tells_offset_and_drift(station: WholeStation) -> None:
    report = next(s.task for s in station.reactor.slots if s.name == "report")
    told = report._heartbeat(station.hal.system.ticks_ms())
    assert told["off"] == 0 and told["ppm"] == 0 and told["c"] == "synced" and told["u"] <= 5
    assert told["degc"] == 21.5, "the virtual chip's"
