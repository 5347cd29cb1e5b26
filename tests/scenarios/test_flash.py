"""What a station does to its flash, and without it: nothing during a pulse, nothing for people
when it cannot be written, and no storm that fills it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from locker.app import boot_guard
from locker.app.report_task import ReportTask
from locker.core import compartments, doors, faults, records
from locker.core.compartments import Compartment
from locker.storage import cells, journal
from lockerctl.build import build
from ordering import Operator
from virtual.journeys import deposits, picks_up
from whole_station import WholeStation

WRITES = ("wb", "ab", "w")


class Flash:
    """Every opening of a file of the station, as the firmware does it."""

    def __init__(self, station: WholeStation, monkeypatch: Any) -> None:
        self.broken = False
        self.writes = self.in_pulse = 0
        self._station = station
        for module in (cells, journal, boot_guard):
            monkeypatch.setattr(module, "open", self._open, raising=False)

    def _open(self, path: str, mode: str = "r") -> Any:
        if mode in WRITES:
            self.writes += 1
            self.in_pulse += self._station.hal.busy()
            if self.broken:
                raise OSError(5, "the flash does not answer")
        return open(path, mode)


@pytest.fixture
def flash(station: WholeStation, monkeypatch: Any) -> Flash:
    return Flash(station, monkeypatch)


def test_no_write_starts_while_a_coil_is_on(
    station: WholeStation, flash: Flash, monkeypatch: Any
) -> None:
    monkeypatch.chdir(station.flash)
    count = boot_guard.BootCount("boots")
    station.reactor.add("boot", boot_guard.HealthTask(count, station.hal))
    for door in (2, 3, 5):
        station.play(picks_up(station.person, door, station.code(door)))
        station.pass_time(6000)
    station.bench.fault(4, "latch_stuck_on")
    station.play(deposits(station.person, station.courier(), "1"))
    station.pass_time(60_000)
    assert len(station.bench.cabinet.pulses) >= 4 and flash.writes > 20
    assert flash.in_pulse == 0


def test_a_station_whose_flash_is_broken_at_boot_watches_its_doors_and_releases_none(
    station: WholeStation, flash: Flash
) -> None:
    flash.broken = True
    station.power_cut()
    station.pass_time(3000)
    assert faults.STORAGE_UNWRITABLE in station.station.health.faults
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("E42"))
    assert station.bench.cabinet.pulses == []
    flash.broken = False
    station.pass_time(9000)
    assert faults.STORAGE_UNWRITABLE not in station.station.health.faults
    station.play(picks_up(station.person, 3, station.code(3)))
    assert station.openings() == [3]
    assert station.kinds().count("boot") == 2, "held in memory until it could be written"


def test_what_cannot_wait_for_the_flash_is_published_as_unjournalled(
    station: WholeStation, flash: Flash
) -> None:
    flash.broken = True
    book, now = station.station.book, station.hal.ticks_ms()
    for _ in range(8):
        assert book.hold(records.AUTHORISED, now, 3, "alice", actor=records.OPERATOR, reason=7)
    assert not book.hold(records.AUTHORISED, now, 3, "alice"), "it must not happen untold"
    report = next(s.task for s in station.reactor.slots if s.name == "report")
    sent: list[tuple[str, dict[str, Any]]] = []

    def publish(leaf: str, payload: bytes, qos: int = 1, retain: bool = False) -> int:
        sent.append((leaf, json.loads(payload)))
        return 40 + len(sent)

    report._publish = publish
    report._begin(now)
    for _ in range(4):
        report._send_one(now)
    assert [leaf for leaf, _ in sent[:3]] == ["state", "unj", "door/1"]
    assert (sent[1][1]["k"], sent[1][1]["n"], sent[1][1]["note"]) == ("authorised", 3, "alice")
    assert len(book.held) == 8, "the broker has not taken it yet"
    report.on_acked(42)
    assert len(book.held) == 7
    flash.broken = False
    station.pass_time(3000)
    assert station.kinds().count("authorised") == 8, "and journalled late"


def test_a_storm_of_refused_codes_leaves_the_openings_where_they_are(
    station: WholeStation,
) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(9000)
    before = len(station.journal())
    book, now = station.station.book, station.hal.ticks_ms()
    for _ in range(500):
        book.note(records.REFUSED, now, 5, actor=records.RECIPIENT, reason=faults.WRONG_CODE)
        book.commit()
    assert len(station.journal()) == before + 8
    station.skip(3_700_000)
    station.pass_time(11_000)
    told = [r for r in station.journal() if r.kind == records.REPEATED]
    assert [(r.reason, r.value, r.note[:7]) for r in told] == [
        (faults.WRONG_CODE, 492, b"refused")
    ]


class Deaf:
    """A link and a broker that take every message; no host acknowledges a record."""

    up = True
    counters = {"connects": 1, "drops": 0}

    def __init__(self, report: ReportTask) -> None:
        self.report = report
        self.pid = 0

    def poll(self, now: int) -> int:
        if self.pid:
            self.report.on_acked(self.pid)
        return 0

    def rssi_dbm(self) -> int:
        return 0

    def publish(self, *_message: object) -> int:
        self.pid += 1
        return self.pid


def test_a_rotten_record_is_named_once_though_no_host_hears_of_it(station: WholeStation) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(9000)
    segment = station.flash / "journal" / "00000000.log"
    data = bytearray(segment.read_bytes())
    data[2 * records.RECORD_BYTES + 9] ^= 1
    segment.write_bytes(data)
    for _ in range(3):
        station.power_cut()
        report = ReportTask(station.station, station.desk, b"k" * 32, 60)
        deaf: Any = Deaf(report)
        report.attach(deaf, deaf, station.reactor)
        for _ in range(station.station.book.journal.last + 40):
            report.step(station.hal.ticks_ms())
        station.pass_time(3000)
    journal = station.station.book.journal
    told = [r for seq in range(1, journal.last + 1) if (r := journal.read(seq))]
    lost = [(r.tenancy, r.value, r.fault) for r in told if r.kind == records.LOST]
    assert lost == [(3, 3, faults.JOURNAL_DAMAGED)]


def test_a_journal_that_nobody_reads_counts_what_gave_way_and_keeps_the_openings(
    station: WholeStation,
) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(9000)
    journal = station.station.book.journal
    journal.ring = 2
    for _ in range(4 * records.SEGMENT_RECORDS):
        fields = (1, records.COURIER_ACCEPTED, 0, records.COURIER, 0, 0, 0, 0, 0, 0, 0, b"")
        journal.note(fields)
        journal.flush()
    station.pass_time(11_000)
    told = [(r.tenancy, r.value) for r in station.journal() if r.kind == records.LOST]
    assert told == [(1, journal.first - 1)] and journal.first > 2 * records.SEGMENT_RECORDS
    kept = [record for seq in range(1, journal.first) if (record := journal.read(seq))]
    kinds = {record.kind for record in kept}
    assert records.AUTHORISED in kinds and records.COLLECTED in kinds
    assert records.COURIER_ACCEPTED not in kinds and records.BOOT not in kinds
    station.pass_time(21_000)
    station.power_cut()
    station.pass_time(21_000)
    assert len([r for r in station.journal() if r.kind == records.LOST]) == 1, "told once"
    station.play(picks_up(station.person, 5, station.code(5)))
    assert station.openings() == [3, 5], "nobody waits for the host"


def test_the_heartbeat_tells_the_head_and_the_wear(station: WholeStation) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.pass_time(12_000)
    report = next(s.task for s in station.reactor.slots if s.name == "report")
    fields = report._heartbeat(station.hal.ticks_ms())
    last = station.journal()[-1]
    assert (fields["q"], fields["tag"]) == (last.seq, last.tag.hex())
    total, years = fields["wear"]
    assert 5 <= total <= 30 and years == -1 and fields["cells"] == []


def test_the_wear_is_carried_over_boots(station: WholeStation) -> None:
    book = station.station.book
    for _ in range(100):
        book.note(records.DOOR, station.hal.ticks_ms(), 3)
        book.commit()
    station.pass_time(12_000)
    before = station.station.wear.total
    station.power_cut()
    assert before >= 100 and station.station.wear.total >= before - 64


@pytest.mark.parametrize(("late", "told"), [(2, False), (3, True)])
def test_restarts_that_come_again_and_again_are_told(
    station: WholeStation, late: int, told: bool
) -> None:
    (station.flash / "boots").write_text(f"0 {late}")
    station.power_cut()
    assert (faults.TASK_FAILED_OFTEN in station.station.health.faults) is told


def test_a_service_clear_that_cannot_be_written_can_be_given_again(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = Operator(station)
    station.bench.fault(3, "reed_stuck_off")
    station.pass_time(2000)
    station.bench.fault(3, "reed_stuck_off", present=False)
    station.pass_time(2000)
    with monkeypatch.context() as patch:
        station.fail_write(patch, 2)
        payload = operator.payload(1, "clear", 3)
        operator.report.on_message(operator.report.topic("cmd"), payload, False)
        station.pass_time(3000)
    assert station.station.bank.door(3).state == doors.FAIL_CLOSED
    assert operator.order(2, "clear", 3)["st"] == "done"
    assert station.station.bank.door(3).state == doors.SECURED
    assert station.station.vault.compartment(3).usable


def test_an_opening_that_is_over_before_it_is_worked_off_is_not_forgotten(
    station: WholeStation,
) -> None:
    """As when the flash cannot be written for a moment and the courier is quick."""
    compartment = station.station.vault.compartment(2)
    compartment.reserve()
    station.desk._caretaker.door_changed(2, doors.OPEN, 0, station.hal.system.ticks_ms())
    station.pass_time(2000)
    assert compartment.occupancy == compartments.OCCUPIED


def test_an_authorisation_that_cannot_be_written_uses_nothing_up(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = station.code(3)
    for _ in range(4):
        with monkeypatch.context() as patch:
            station.fail_write(patch, 4)
            station.play(station.person.types(code + "#"))
            station.pass_time(15_000)
    assert station.openings() in ([], [3])
    assert station.station.vault.compartment(3).releases <= 1


def test_an_opening_that_cannot_be_written_is_not_forgotten(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    compartment = station.station.vault.compartment(2)
    compartment.reserve()
    station.station.vault.loaded(compartment)
    with monkeypatch.context() as patch:
        station.fail_write(patch, 1)
        with pytest.raises(OSError, match="no space"):
            station.desk._caretaker.door_changed(2, doors.OPEN, 0, 0)
    assert compartment.opened
    station.pass_time(3000)
    assert compartment.occupancy == compartments.OCCUPIED
    stored = Compartment(2, "S", b"")
    stored.unpack(station.station.vault.cells.load(compartments.cell(2)) or b"")
    assert stored.occupancy == compartments.OCCUPIED


@pytest.mark.parametrize("state", [doors.OPEN, doors.RELOCKING])
def test_an_opening_that_could_not_be_written_is_written_when_flash_is_back(
    station: WholeStation, monkeypatch: pytest.MonkeyPatch, state: int
) -> None:
    compartment, vault = station.station.vault.compartment(3), station.station.vault
    compartment.start_claim(1)
    vault.save_door(compartment)
    station.station.bank.door(3).state = state
    with monkeypatch.context() as patch:
        station.fail_write(patch, 1)
        with pytest.raises(OSError, match="no space"):
            station.desk._caretaker.door_changed(3, doors.OPEN, 0, 0)
    assert compartment.opened and not vault.is_stored(3)
    station.desk._caretaker.reconcile(compartment, 0)
    stored = Compartment(3, "S", b"")
    stored.unpack(vault.cells.load(compartments.cell(3)) or b"")
    assert stored.opened and vault.is_stored(3)


def test_a_parcel_put_in_by_a_retry_that_nobody_awaits_is_not_forgotten(
    station: WholeStation,
) -> None:
    """The door opens and shuts while the pulse is on, and its first step is worked off last."""
    compartment = station.station.vault.compartment(2)
    compartment.reserve()
    for state in (doors.RELEASING, doors.OPEN, doors.SECURED):
        station.desk.door_changed(2, state, 0)
    station.pass_time(2000)
    assert compartment.occupancy == compartments.OCCUPIED


def test_no_file_begins_like_an_erased_block(station: WholeStation, tmp_path: Path) -> None:
    station.play(picks_up(station.person, 3, station.code(3)))
    station.play(deposits(station.person, station.courier(), "1"))
    station.power_cut()
    station.pass_time(40_000)
    build("pico_w", tmp_path / "build")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 60
    for path in files:  # the shredder would take it for what a cut has left of an erase
        assert not path.read_bytes().startswith(b"\xff\xff\xff\xff"), path


def test_free_blocks_are_counted_once_the_start_is_long_over(station: WholeStation) -> None:
    assert station.station.wear.blocks == 0
    station.skip(590_000)
    station.pass_time(8_000)
    assert station.station.wear.blocks == 0
    station.skip(10_000)
    station.pass_time(11_000)
    assert station.station.wear.blocks > station.station.book.journal.ring
    station.skip(3_600_000)
    station.pass_time(11_000)
    assert station.station.wear.years_left(station.station.uptime_s) >= 0
