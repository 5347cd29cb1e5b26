"""Clocks that went wrong without a network, under the whole station: found out from the codes of
two people, told to the operator, put right at the keypad - and parcels are handed out meanwhile.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest

from locker.app.near_search import Search
from locker.core import clock, codes, faults, people, records, window
from locker.core.mac import Mac
from lockerctl import issue, time_token
from virtual.bench import Bench
from whole_station import WholeStation

MINUTE = 60_000
SLOT_S = codes.slot_seconds("4h")


@pytest.fixture
def short(make_station: Callable[..., WholeStation]) -> WholeStation:
    """Codes of four hours; hours after its clock was set, five minutes into a window."""
    station = make_station(occupied=(2, 3, 5), classes=("4h",))
    into_s = (station.now_s() - clock.EPOCH) % SLOT_S
    station.skip((3 * SLOT_S - into_s + 300) * 1000)
    return station


def make_wrong(station: WholeStation, wrong_s: int) -> None:
    station.bench.rtc.set_unix(station.bench.now_ms, station.now_s() + wrong_s)
    station.power_cut()
    station.pass_time(2000)


def code(station: WholeStation, door: int, ago_s: int = 0) -> str:
    """The code of a parcel, issued some time ago by a computer with the right time."""
    at_s = station.now_s() - ago_s
    return issue.recipient(station.record, door, 1, "4h", at_s).digits


def enter(station: WholeStation, digits: str) -> str:
    """Type an entry; what the display says, and what follows in the background."""
    station.play(station.person.types(digits + "#"))
    station.pass_time(1500)
    shown = station.shown()
    station.pass_time(12_000)
    return shown


def collect(station: WholeStation, digits: str, door: int) -> None:
    station.play(station.person.types(digits + "#"))
    station.play(station.person.reads("take your"))
    assert station.openings()[-1] == door
    station.play(station.person.pulls(door))
    station.person.takes(door)
    station.pass_time(2000)
    station.play(station.person.pushes(door))
    station.pass_time(70_000)


LATE, EARLY = faults.CODE_EXPIRED, faults.CODE_EARLY


def misses(station: WholeStation) -> list[tuple[int, int, int]]:
    return [
        (r.door, r.reason, r.value)
        for r in station.journal()
        if r.kind == records.REFUSED and r.fault == faults.NEAR_MISS
    ]


def faults_told(station: WholeStation) -> list[tuple[int, int]]:
    return [(r.fault, r.value) for r in station.journal() if r.kind == records.FAULT]


def heartbeat(station: WholeStation) -> dict[str, object]:
    report = next(s.task for s in station.reactor.slots if s.name == "report")
    told: dict[str, object] = report._heartbeat(station.hal.system.ticks_ms())
    return told


def off_s(station: WholeStation) -> int:
    believed_s = station.station.clock.now_s(station.hal.system.ticks_ms())
    return abs(believed_s + clock.EPOCH - station.now_s())


def set_by_token(station: WholeStation) -> None:
    station.play(station.person.types(time_token.question() + "#"))
    station.play(station.person.reads("token"))
    challenge = station.bench.display.lines()[1].strip()
    station.pass_time(20_000)
    digits = time_token.make(station.record, challenge, station.now_s())
    assert "Clock is set" in enter(station, digits)


def test_a_clock_minutes_slow_is_found_out_by_two_pickups_and_put_right(
    short: WholeStation,
) -> None:
    make_wrong(short, -1500)
    assert "E11" in enter(short, code(short, 2))
    assert misses(short) == [(2, EARLY, 40)] and faults.CLOCK_SUSPECT not in heartbeat(short)["e"]
    assert "E11" in enter(short, code(short, 3))
    assert len(misses(short)) == 2 and (faults.CLOCK_SUSPECT, 1) in faults_told(short)
    assert "test E" in short.shown() and faults.CLOCK_SUSPECT in heartbeat(short)["e"]
    assert short.openings() == []
    # Whose window is well under way is served, and so is a recovery code.
    collect(short, code(short, 5, ago_s=2 * SLOT_S), 5)
    collect(short, short.recovery(2), 2)
    set_by_token(short)
    assert off_s(short) <= 60 and (faults.CLOCK_SUSPECT, 0) in faults_told(short)
    assert faults.CLOCK_SUSPECT not in heartbeat(short)["e"]
    collect(short, code(short, 3), 3)


def test_a_clock_minutes_fast_is_found_out_as_well(short: WholeStation) -> None:
    short.skip((SLOT_S - 300 - 600) * 1000)  # ten minutes before a window ends
    make_wrong(short, 1500)
    for door in (2, 3):
        assert "E11" in enter(short, code(short, door, ago_s=3 * SLOT_S))
    assert [why for _, why, _ in misses(short)] == [LATE, LATE]
    assert (faults.CLOCK_SUSPECT, 1) in faults_told(short)


def test_people_hours_late_make_no_clock_suspect(short: WholeStation) -> None:
    for door in (2, 3):
        assert "E11" in enter(short, code(short, door, ago_s=5 * SLOT_S))
    assert [(door, why) for door, why, _ in misses(short)] == [(2, LATE), (3, LATE)]
    assert faults.CLOCK_SUSPECT not in heartbeat(short)["e"]


def test_one_person_alone_makes_no_clock_suspect(short: WholeStation) -> None:
    make_wrong(short, -1500)
    for _ in range(3):
        enter(short, code(short, 2))
    assert len(misses(short)) == 3 and faults.CLOCK_SUSPECT not in heartbeat(short)["e"]


def test_a_miss_is_a_wrong_code_to_whoever_typed_it(short: WholeStation) -> None:
    """Same words, same counts; only the journal knows."""
    make_wrong(short, -1500)
    wrong = codes.entry(3, 12345678)
    told = []
    for digits in (code(short, 2), wrong):
        short.play(short.person.types(digits + "#"))
        short.play(short.person.reads("Not accepted"))
        told.append(short.shown())
        short.pass_time(12_000)
    assert told[0] == told[1]
    lockout = short.station.vault.lockout
    assert lockout.level == 2 and lockout._mass[2] == lockout._mass[3] > 0
    assert misses(short) == [(2, EARLY, 40)]


def test_the_search_compares_little_at_a_time_and_waits_for_keys_and_coils(
    short: WholeStation,
) -> None:
    compared = []

    def endless() -> Iterator[None]:
        while True:
            compared.append(short.bench.now_ms)
            yield None

    def goes_on() -> bool:
        before = len(compared)
        short.pass_time(500)
        return len(compared) > before

    short.desk._search = Search(short.station, 2, endless())
    assert goes_on() and max(compared.count(at) for at in compared) <= 3
    short.play(short.person.types("1"))
    assert not goes_on()
    short.play(short.person.types("*"))
    assert goes_on()
    short.play(short.person.types(short.recovery(3) + "#"))
    from_ms = short.bench.now_ms
    short.play(short.person.reads("take your"))
    assert not goes_on() and short.openings() == [3]
    assert not [at for at in compared if at >= from_ms]


def test_a_dead_battery_is_told_put_right_and_recovery_codes_open_meanwhile(
    station: WholeStation,
) -> None:
    station.bench.rtc.lose_power(station.bench.now_ms)
    station.power_cut()
    station.pass_time(2000)
    assert "test E46" in station.shown() and heartbeat(station)["c"] == "unsynced"
    assert (faults.CLOCK_UNSYNCED, 1) in faults_told(station)
    assert "recovery code" in enter(station, station.code(3))
    collect(station, station.recovery(3), 3)
    set_by_token(station)
    assert off_s(station) <= 60 and heartbeat(station)["c"] == "holdover"
    assert (faults.CLOCK_UNSYNCED, 0) in faults_told(station)
    collect(station, station.code(2), 2)
    station.power_cut()
    station.pass_time(2000)
    assert heartbeat(station)["c"] == "holdover"
    collect(station, station.code(5), 5)


class OwnClock:
    """machine.RTC of a controller: a crystal, and no battery."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.lose_power()

    def lose_power(self) -> None:
        self._began_ms, self._begin = self._bench.now_ms, datetime(2021, 1, 1, tzinfo=UTC)

    def datetime(self, fields: tuple[int, ...] | None = None) -> tuple[int, ...]:
        if fields:
            year, month, day, _, hour, minute, second, _ = fields
            self._begin = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            self._began_ms = self._bench.now_ms
        at = self._begin + timedelta(milliseconds=self._bench.now_ms - self._began_ms)
        return at.year, at.month, at.day, 0, at.hour, at.minute, at.second, 0


def test_without_a_clock_chip_the_controllers_own_clock_serves(station: WholeStation) -> None:
    """It is lost with the power, survives a restart, and claims less certainty."""
    own = OwnClock(station.bench)
    station.hal.rtc = own
    station.board["rtc"] = {"chip": "internal"}
    station.power_cut()
    station.pass_time(2000)
    assert heartbeat(station)["c"] == "unsynced"
    set_by_token(station)
    assert heartbeat(station)["c"] == "holdover" and off_s(station) <= 60
    station.start()  # the controller restarts; its clock goes on
    station.pass_time(2000)
    before_s = int(str(heartbeat(station)["u"]))
    assert heartbeat(station)["c"] == "holdover" and off_s(station) <= before_s
    for _ in range(6):
        station.skip(5 * 86_400_000)
    assert 100 <= int(str(heartbeat(station)["u"])) <= 200  # 30 days, 3 sigma of 20 ppm
    assert heartbeat(station)["c"] == "degraded"
    collect(station, station.code(3), 3)
    own.lose_power()
    station.power_cut()
    station.pass_time(2000)
    assert heartbeat(station)["c"] == "unsynced"


def test_fixed_codes_are_judged_while_the_clock_is_good_to_a_tenth_of_their_class(
    short: WholeStation,
) -> None:
    """With more than 24 minutes of doubt: codes of four hours no more, recovery codes always."""
    for doubt_s, opens in ((1400, True), (1500, False)):
        short.bench.rtc.lose_power(short.bench.now_ms)
        short.power_cut()
        short.pass_time(2000)
        at, now = (short.now_s() - clock.EPOCH, 0), short.hal.system.ticks_ms()
        short.station.timekeeper.set_by_token(at, doubt_s * 1000, now)
        assert heartbeat(short)["c"] == "degraded"
        if opens:
            collect(short, code(short, 2, ago_s=SLOT_S), 2)
    level = short.station.vault.lockout.level
    assert "recovery code" in enter(short, code(short, 3))
    assert short.station.vault.lockout.level == level
    collect(short, short.recovery(3), 3)


def staff_code(station: WholeStation, place: int) -> str:
    """What a person's app, whose time is right, shows now."""
    secret = people.key(station.record.keys.staff, place, 1)
    step = (station.now_s() - clock.EPOCH) // window.STEP_S
    return f"90{place}{people.rotating_code(Mac(secret, sha1), step):08d}"


def test_refused_codes_of_two_staff_find_a_clock_minutes_off(station: WholeStation) -> None:
    station.skip(4 * 3_600_000)
    now_s = station.now_s() - clock.EPOCH
    for place in (1, 2):
        row = (people.STAFF, 1, now_s + 86_400, 127, 0, 96, 0, people.UNLIMITED)
        people.write(station.station.vault.people, place, people.Grant(row), 0)
    station.station.vault.cells.save(people.CELL, bytes(station.station.vault.people))
    make_wrong(station, -600)
    for place in (1, 2):
        assert "E11" in enter(station, staff_code(station, place))
    found = misses(station)
    assert [(door, why) for door, why, _ in found] == [(90, EARLY), (90, EARLY)]
    assert all(17 <= steps <= 20 for _, _, steps in found)
    assert (faults.CLOCK_SUSPECT, 1) in faults_told(station)
    collect(station, station.code(3), 3)
    set_by_token(station)
    assert (faults.CLOCK_SUSPECT, 0) in faults_told(station)
    station.play(station.person.types(staff_code(station, 1) + "#"))
    station.play(station.person.reads("door number"))
