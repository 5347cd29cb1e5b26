"""Cells in real files: the younger good copy counts, and a purge leaves no older one."""

import os
import struct
from binascii import crc32

from locker.core import faults, records
from locker.storage.cells import AGE, AGES, Cells
from locker.storage.examine import examine
from scratch_folder import scratch_folder

KIND = 3
KEYS = ("keys", KIND, 1)
DOOR = ("door", KIND, 1)


def test_what_was_saved_last_is_loaded():
    with scratch_folder() as folder:
        cells = Cells(folder)
        assert cells.load(KEYS) is None
        for i in range(5):
            cells.save(KEYS, b"payload %d" % i)
            assert Cells(folder).load(KEYS) == b"payload %d" % i


def test_a_torn_write_leaves_the_state_before_it():
    whole = records.pack_cell(KIND, 1, 3, 0, b"newest")
    for length in range(len(whole)):
        with scratch_folder() as folder:
            cells = Cells(folder)
            cells.save(KEYS, b"old")
            cells.save(KEYS, b"new")
            with open(folder + "/keys." + records.copy_of(3), "wb") as file:
                file.write(whole[:length])
            again = Cells(folder)
            assert again.load(KEYS) == b"new", length
            again.save(KEYS, b"newer")
            assert Cells(folder).load(KEYS) == b"newer"


def test_a_purge_leaves_no_copy_of_the_state_before_it():
    with scratch_folder() as folder:
        cells = Cells(folder)
        cells.save(DOOR, b"secret of the old parcel")
        cells.save(DOOR, b"next", purge=True)
        for name in os.listdir(folder):
            with open(folder + "/" + name, "rb") as file:
                assert b"secret" not in file.read()


def test_a_cell_of_another_kind_is_not_taken():
    with scratch_folder() as folder:
        Cells(folder).save(DOOR, b"x")
        assert Cells(folder).load(("door", KIND + 1, 1)) is None
        assert Cells(folder).load(("door", KIND, 2)) is None, "of a version we do not know"


def test_a_cell_tells_the_last_record_that_was_on_flash_by_then():
    class Beside:
        head = (0, b"")

    with scratch_folder() as folder:
        cells = Cells(folder)
        cells.journal = Beside
        for seq in (7, 9, 12):
            Beside.head = (seq, b"")
            cells.save(DOOR, b"payload")
        cells.save(KEYS, b"payload")
        other = Cells(folder)
        other.load(DOOR)
        assert other.seen == 12
        other.save(KEYS, b"before the journal is open")
        again = Cells(folder)
        again.load(KEYS)
        assert again.seen == 12


def test_a_cell_of_the_layout_before_is_read_and_written_anew():
    body = struct.pack(">2sBBII", b"L2", KIND, 1, 5, 0) + b"payload"
    with scratch_folder() as folder:
        for copy in "ab":
            with open(folder + "/keys." + copy, "wb") as file:
                file.write(body + struct.pack(">I", crc32(body)))
        cells = Cells(folder)
        assert cells.load(KEYS) is None and cells.bad_copies == 2
        assert examine(cells, KEYS) == (faults.NONE, b"payload")


def test_how_old_cells_are_is_told_to_the_other_folder_once_after_each_write():
    with scratch_folder() as folder, scratch_folder() as other:
        cells = Cells(folder, Cells(other))
        cells.load(KEYS)
        cells.save_ages()
        assert os.listdir(other) == [], "nothing has been written"
        for age in (1, 2):
            cells.save(KEYS, b"payload")
            cells.save_ages()
            told = struct.pack(AGE, KIND, age)
            assert Cells(other).load(AGES) == told
            writes = cells.writes
            cells.save_ages()
            assert (cells.writes, Cells(other).load(AGES)) == (writes, told)
        assert writes == 4, "they wear the flash"


def test_a_cell_that_was_younger_once_has_fallen_back():
    with scratch_folder() as folder:
        cells = Cells(folder)
        for text in (b"one", b"two", b"three"):
            cells.save(KEYS, text)
        for known, fell_back in ((2, False), (3, False), (4, True)):
            again = Cells(folder)
            again.ages[KIND] = known
            assert again.load(KEYS) == b"three" and again.fell_back == fell_back
        again.save(KEYS, b"five")
        later = Cells(folder)
        later.ages[KIND] = 5
        assert later.load(KEYS) == b"five" and not later.fell_back, "written anew it is young"
