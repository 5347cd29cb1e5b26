"""The journal in real files: order, tears, rot, the ring, and what is only in memory."""

import os

from locker.core import records
from locker.core.mac import Mac
from locker.storage.journal import Journal
from scratch_folder import scratch_folder

MAC = Mac(b"k" * 32)
FIELDS = (1, records.DOOR, 3, 0, 0, 0, 2, 215_000_000, 3, 0, 0, b"")


def opened(folder, segments=32):
    journal = Journal(folder, MAC, segments)
    journal.open()
    return journal


def filled(folder, count, segments=32):
    journal = opened(folder, segments)
    for _ in range(count):
        journal.note(FIELDS)
        journal.flush()
    return journal


def test_records_are_numbered_from_one_and_go_on_after_a_boot():
    with scratch_folder() as folder:
        filled(folder, 70)
        journal = filled(folder, 5)
        assert journal.last == 75 and journal.damaged == 0
        assert [journal.read(seq).seq for seq in range(1, 76)] == list(range(1, 76))
        assert journal.read(0) is None and journal.read(76) is None


def test_the_chain_holds_across_files_and_boots():
    with scratch_folder() as folder:
        filled(folder, 66)
        filled(folder, 3)
        tag = records.first_tag()
        for name in sorted(os.listdir(folder)):
            with open(folder + "/" + name, "rb") as file:
                data = file.read()
            for at in range(0, len(data), records.RECORD_BYTES):
                record = data[at : at + records.RECORD_BYTES]
                assert records.chain_holds(MAC, tag, record)
                tag = records.unpack_record(record).tag


def test_a_torn_tail_is_cut_and_counted():
    with scratch_folder() as folder:
        filled(folder, 10)
        path = folder + "/00000000.log"
        with open(path, "rb") as file:
            data = file.read()
        for torn in (1, 17, 63):
            with open(path, "wb") as file:
                file.write(data + data[:torn])
            journal = opened(folder)
            assert (journal.last, journal.damaged) == (10, 1)
            journal.note(FIELDS)
            journal.flush()
            assert opened(folder).last == 11


def test_one_rotten_record_does_not_take_the_later_ones_with_it():
    with scratch_folder() as folder:
        filled(folder, 10)
        path = folder + "/00000000.log"
        with open(path, "rb") as file:
            data = bytearray(file.read())
        data[4 * 64 + 9] ^= 1
        with open(path, "wb") as file:
            file.write(data)
        journal = opened(folder)
        assert (journal.last, journal.damaged) == (10, 1)
        assert journal.read(5) is None and journal.read(6).seq == 6


def test_the_ring_gives_up_its_oldest_file_and_says_which_numbers_went():
    with scratch_folder() as folder:
        journal = filled(folder, 5 * 64, segments=3)
        assert len(os.listdir(folder)) <= 3
        assert journal.read(1) is None and journal.read(journal.first).seq == journal.first
        assert journal.lost_range() == (1, journal.first - 1)
        assert journal.lost_range() is None, "told once"


def test_what_the_host_holds_is_not_lost():
    with scratch_folder() as folder:
        journal = filled(folder, 64, segments=2)
        assert (
            journal.acknowledge(64) and not journal.acknowledge(64) and not journal.acknowledge(99)
        )
        for _ in range(128):
            journal.note(FIELDS)
            journal.flush()
        assert journal.lost_range() is None


def test_records_in_memory_are_read_but_not_on_flash():
    with scratch_folder() as folder:
        journal = filled(folder, 3)
        journal.note(FIELDS)
        assert journal.waiting == 1 and journal.read(4).seq == 4
        assert opened(folder).last == 3
        journal.flush()
        assert journal.waiting == 0 and opened(folder).last == 4
