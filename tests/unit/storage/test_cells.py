"""Cells in real files: the younger good copy counts, and a purge leaves no older one."""

import os
import struct
from binascii import crc32

from locker.core import faults, records
from locker.storage.cells import Cells
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
