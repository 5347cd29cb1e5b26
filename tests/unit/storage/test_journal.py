"""The journal in real files: order, tears, rot, the ring, and what is only in memory."""

import os

from locker.core import records
from locker.core.mac import Mac
from locker.storage import journal as journal_module
from locker.storage import squeeze as squeeze_module
from locker.storage.journal import DAMAGED, HELD, NOT_YET, OVERWRITTEN, Journal
from scratch_folder import scratch_folder

MAC = Mac(b"k" * 32)
FIELDS = (1, records.DOOR, 3, 0, 0, 0, 2, 215_000_000, 3, 0, 0, b"")
REFUSAL = (1, records.REFUSED) + FIELDS[2:]


def opened(folder, segments=32, acknowledged=0, mac=MAC):
    journal = Journal(folder, mac, segments)
    journal.open(acknowledged)
    return journal


def filled(folder, count, segments=32, fields=FIELDS):
    journal = opened(folder, segments)
    for _ in range(count):
        journal.note(fields)
        journal.flush()
    return journal


class full_flash:  # noqa: N801 - reads as a function
    """``with full_flash(writes):`` so many writes fail for want of room, then there is some."""

    def __init__(self, writes):
        self.left = writes
        self.skip = 0

    def __enter__(self):
        journal_module.open = squeeze_module.open = self._open
        return self

    def __exit__(self, *_):
        del journal_module.open
        del squeeze_module.open

    def _open(self, path, mode):
        if mode != "rb" and self.skip:
            self.skip -= 1
        elif mode != "rb" and self.left:
            self.left -= 1
            raise OSError(28, "no space")
        return open(path, mode)


def names(folder, suffix):
    return sorted([name for name in os.listdir(folder) if name.endswith(suffix)])


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


class FullHeap(list):
    """Records in memory; there is no room for one more."""

    def append(self, data):
        raise MemoryError


def test_a_record_that_memory_has_no_room_for_leaves_no_gap():
    with scratch_folder() as folder:
        journal = filled(folder, 3)
        journal.note(FIELDS)
        roomy, journal._pending = journal._pending, FullHeap(journal._pending)
        try:
            journal.note(FIELDS)
        except MemoryError:
            journal._pending = roomy
        assert (journal.last, journal.waiting) == (4, 1)
        assert journal.note(FIELDS) == 5
        journal.flush()
        with open(folder + "/00000000.log", "rb") as file:
            data = file.read()
        tag = records.first_tag()
        for at in range(0, len(data), records.RECORD_BYTES):
            record = data[at : at + records.RECORD_BYTES]
            assert records.chain_holds(MAC, tag, record)
            tag = records.unpack_record(record).tag
        assert len(data) == 5 * records.RECORD_BYTES


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
        assert len(names(folder, ".log")) == 3
        assert journal.read(journal.first).seq == journal.first == 2 * 64 + 1
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


def test_an_index_read_says_why_there_is_nothing():
    with scratch_folder() as folder:
        journal = filled(folder, 4 * 64, segments=2, fields=REFUSAL)
        with open(folder + "/00000003.log", "rb") as file:
            data = bytearray(file.read())
        data[5] ^= 1
        with open(folder + "/00000003.log", "wb") as file:
            file.write(data)
        assert journal.state(1) == journal.state(128) == OVERWRITTEN
        assert journal.state(129) == journal.state(256) == HELD
        assert journal.state(3 * 64 + 1) == DAMAGED
        assert journal.state(257) == journal.state(0) == NOT_YET
        os.remove(folder + "/00000002.log")
        assert journal.state(130) == DAMAGED, "a file that is gone did not give way"


def test_of_what_gives_way_the_openings_are_kept():
    with scratch_folder() as folder:
        journal = opened(folder, segments=2)
        for number in range(1, 4 * 64 + 1):
            journal.note(FIELDS if number % 10 == 0 else REFUSAL)
            journal.flush()
        assert names(folder, ".kep") == ["00000000.kep", "00000001.kep"]
        for reader in (journal, opened(folder, segments=2)):
            assert reader.first == 129 and reader.lost_range() == (1, 128)
            assert reader.read(60).seq == 60 and reader.state(120) == HELD
            assert reader.state(61) == OVERWRITTEN
            assert [reader.next_kept(seq).seq for seq in (1, 10, 11, 70, 120)] == (
                [10, 10, 20, 70, 120]
            )
            assert reader.next_kept(121) is None


def test_kept_openings_go_when_the_host_has_them_and_are_bounded():
    with scratch_folder() as folder:
        journal = filled(folder, 30 * 64, segments=2)
        assert len(names(folder, ".kep")) == 16
        assert journal.acknowledge(30 * 64)
        for _ in range(128):
            journal.note(FIELDS)
            journal.flush()
        assert names(folder, ".kep") == [] and journal.kept == -1


def test_a_full_flash_takes_the_room_of_the_oldest_segment():
    with scratch_folder() as folder:
        journal = filled(folder, 20 * 64 - 1)
        with full_flash(2):
            journal.note(FIELDS)
            journal.flush()
        assert journal.waiting == 0 and journal.head[0] == journal.last
        assert len(names(folder, ".log")) == 18 and journal.first == 2 * 64 + 1


def test_a_full_flash_with_a_short_journal_is_an_error():
    with scratch_folder() as folder:
        journal = filled(folder, 8 * 64 - 1)
        with full_flash(1):
            journal.note(FIELDS)
            try:
                journal.flush()
            except OSError:
                pass
            else:
                raise AssertionError("nothing may be given up for it")
            assert journal.waiting == 1 and journal.head[0] == 8 * 64 - 1
            journal.flush()
        assert journal.waiting == 0 and journal.state(1) == HELD


def test_in_memory_there_is_room_for_openings_when_routine_has_none():
    with scratch_folder() as folder:
        journal = opened(folder)
        while journal.note(REFUSAL):
            pass
        assert journal.waiting == 24 and journal.dropped == 1
        taken = 0
        while journal.note(FIELDS):
            taken += 1
        assert taken == 8 and journal.dropped == 2


def test_the_head_is_what_is_on_flash():
    with scratch_folder() as folder:
        journal = filled(folder, 5)
        head = journal.head
        assert head[0] == 5 and head[1] == journal.read(5).tag
        journal.note(FIELDS)
        assert journal.head == head and not journal.acknowledge(6)
        assert opened(folder).head == head


def test_numbers_that_the_host_holds_are_never_given_again():
    with scratch_folder() as folder:
        filled(folder, 10)
        os.remove(folder + "/00000000.log")
        journal = opened(folder, acknowledged=7)
        assert journal.restarted and journal.last >= 7 + 31 * 64
        journal.note(FIELDS)
        journal.flush()
        assert journal.lost_range() == (8, journal.first - 1)
        again = opened(folder, acknowledged=7)
        assert (again.last, again.restarted) == (journal.last, False)


def test_a_journal_of_another_key_is_noticed_and_not_continued():
    with scratch_folder() as folder:
        filled(folder, 10)
        journal = opened(folder, mac=Mac(b"x" * 32))
        assert journal.foreign and journal.last == 64
        journal.note(FIELDS)
        journal.note(FIELDS)
        journal.flush()
        assert not opened(folder, mac=Mac(b"x" * 32)).foreign


def test_a_lost_folder_is_made_again():
    with scratch_folder() as folder:
        journal = opened(folder + "/journal")
        journal.note(FIELDS)
        journal.flush()
        assert opened(folder + "/journal").last == 1
        os.remove(folder + "/journal/00000000.log")
        os.rmdir(folder + "/journal")


def test_without_room_for_both_the_openings_take_the_place_of_their_segment():
    with scratch_folder() as folder:
        journal = filled(folder, 2 * 64, segments=2)
        with full_flash(0) as flash:
            journal.note(FIELDS)
            journal.flush()
            assert names(folder, ".kep") == ["00000000.kep"]
            for _ in range(63):
                journal.note(FIELDS)
                journal.flush()
            journal.note(FIELDS)
            flash.skip, flash.left = 1, 1  # the record itself is written, the small file is not
            journal.flush()
        assert names(folder, ".kep") == ["00000000.kep", "00000001.kep"]
        assert journal.next_kept(65).seq == 65


def test_records_that_vanish_under_a_running_station_are_an_error_and_no_endless_loop():
    with scratch_folder() as folder:
        journal = filled(folder, 10)
        os.remove(folder + "/00000000.log")
        journal.note(FIELDS)
        try:
            journal.flush()
        except OSError:
            return
        raise AssertionError("ten records are missing")


def test_an_end_that_was_on_flash_once_and_is_gone_is_noticed():
    with scratch_folder() as folder:
        filled(folder, 5)
        journal = Journal(folder, MAC)
        journal.open(0, 5)
        assert not journal.restarted
        journal = Journal(folder, MAC)
        journal.open(0, 6)
        assert journal.restarted and journal.last >= 6
