"""The reader of a station's journal from its flash."""

import os

import pytest
from lockerctl_parts import body

from locker.core import records
from locker.core.mac import Mac
from locker.storage.journal import Journal
from lockerctl.journal_reader import read_journal

KEY = bytes(range(32))


def written(folder, count, segments=32):
    folder.mkdir()
    journal = Journal(str(folder), Mac(KEY), segments)
    journal.open()
    for number in range(count):
        journal.note(body(0, value=number)[1:])
        journal.flush()
    return journal


def test_a_sound_journal_reads_without_problems(tmp_path):
    written(tmp_path / "journal", 150)
    reading = read_journal(tmp_path / "journal", KEY)
    assert reading.problems == ()
    assert (reading.first, reading.last, len(reading.events)) == (1, 150, 150)
    assert [e.seq for e in reading.events] == list(range(1, 151))


def test_a_ring_that_dropped_its_oldest_files_is_sound(tmp_path):
    written(tmp_path / "journal", 400, segments=3)
    reading = read_journal(tmp_path / "journal", KEY)
    assert reading.problems == ()
    assert reading.first > 1 and reading.last == 400


def test_no_journal_yet_is_an_empty_one(tmp_path):
    assert read_journal(tmp_path / "journal", KEY).last == 0


@pytest.mark.parametrize("at", [0, 30, 50, 62])
def test_a_flipped_bit_costs_one_record_and_is_told(tmp_path, at):
    written(tmp_path / "journal", 100)
    path = min((tmp_path / "journal").iterdir())
    data = bytearray(path.read_bytes())
    data[64 * 9 + at] ^= 4
    path.write_bytes(data)
    reading = read_journal(tmp_path / "journal", KEY)
    assert len(reading.records) == 99
    assert [p for p in reading.problems if "record 10 is damaged" in p]


def test_a_missing_file_is_a_gap(tmp_path):
    written(tmp_path / "journal", 200)
    sorted((tmp_path / "journal").iterdir())[1].unlink()
    reading = read_journal(tmp_path / "journal", KEY)
    assert any("65..128 are missing" in problem for problem in reading.problems)
    assert len(reading.records) == 136


def test_a_torn_end_is_told(tmp_path):
    written(tmp_path / "journal", 3)
    path = next((tmp_path / "journal").iterdir())
    os.truncate(path, 64 * 2 + 10)
    reading = read_journal(tmp_path / "journal", KEY)
    assert reading.last == 2
    assert any("torn" in problem for problem in reading.problems)


def test_a_forged_record_breaks_the_chain(tmp_path):
    written(tmp_path / "journal", 10)
    path = next((tmp_path / "journal").iterdir())
    data = path.read_bytes()
    forged = records.pack_record(Mac(b"another key"), bytes(16), body(5))
    path.write_bytes(data[: 64 * 4] + forged + data[64 * 5 :])
    problems = read_journal(tmp_path / "journal", KEY).problems
    assert any("record 5 does not follow" in problem for problem in problems)
