"""Retired keys in raw blocks: zeroed where no file is, written out of where one is."""

from locker.core import compartments, records
from locker.core.compartments import Compartment
from locker.storage.cells import Cells
from locker.storage.shred import Shredder
from scratch_folder import scratch_folder

SIZE = 4096
KEY, OLD = b"k" * 31 + b"1", b"o" * 31 + b"2"


class Blocks:
    """Flash that clears bits and takes whole pages, as rp2's does. Every block is in use: littlefs
    writes a number first.
    """

    def __init__(self, count):
        self.data = bytearray((b"\1\0\0\0" + b"\xff" * (SIZE - 4)) * count)

    def put(self, at, data):
        self.data[at : at + len(data)] = data

    def readblocks(self, block, buf, offset):
        at = block * SIZE + offset
        assert offset + len(buf) <= SIZE
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset):
        assert offset % 256 == 0 and len(buf) == 256
        at = block * SIZE + offset
        for i in range(256):
            self.data[at + i] &= buf[i]

    def ioctl(self, op, arg):
        if op == 6:
            self.put(arg * SIZE, b"\xff" * SIZE)
            return 0
        return {4: len(self.data) // SIZE, 5: SIZE}[op]


def copy_of(door, key, age=1):
    kind, schema = compartments.cell(door)[1:]
    return records.pack_cell(kind, schema, age, 7, Compartment(door, "S", key).pack())


def run(blocks, cells, doors, save=None):
    shredder = Shredder(blocks, cells, doors, save)
    steps = 1
    while shredder.step():
        steps += 1
    return shredder, steps


def with_cells(folder):
    cells = Cells(folder)
    cells.owner = 7
    door = Compartment(3, "S", KEY)
    for _ in "ab":
        cells.save(compartments.cell(3), door.pack())
    return cells, door


def test_a_retired_key_in_a_free_block_becomes_zeros_wherever_it_lies():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        for at in (0, 200, 230, 860, 890, 900, 1000, SIZE - 66):
            blocks = Blocks(2)
            blocks.put(SIZE + at, copy_of(3, OLD))
            before = bytes(blocks.data)
            run(blocks, cells, [door])
            assert bytes(blocks.data) == before.replace(OLD, bytes(32)), at


def test_present_keys_other_doors_and_other_things_are_left():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        blocks = Blocks(2)
        blocks.put(0, copy_of(3, KEY))
        blocks.put(300, copy_of(4, OLD))
        blocks.put(600, b"L2 is no cell" + b"L2")
        blocks.put(900, b"L3" + bytes(compartments.cell(3)[1:]) + OLD + OLD)  # a record's tag, say
        before = bytes(blocks.data)
        shredder, steps = run(blocks, cells, [door])
        assert bytes(blocks.data) == before and steps == 2 and not shredder.left


def test_a_block_that_is_half_erased_is_erased():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        copy = copy_of(3, OLD)
        for at in (0, 1000, SIZE - 70):
            for gone in (4, 10, 33):
                blocks = Blocks(3)
                blocks.put(SIZE, b"\xff" * SIZE)
                blocks.put(SIZE + at + gone, copy[gone:])
                blocks.put(2 * SIZE, b"\xff" * SIZE)
                before = bytes(blocks.data[:SIZE])
                run(blocks, cells, [door])
                assert bytes(blocks.data) == before + b"\xff" * (2 * SIZE), (at, gone)


def test_a_torn_copy_counts():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        blocks = Blocks(1)
        blocks.put(500, copy_of(3, OLD)[:60])
        run(blocks, cells, [door])
        assert OLD[:20] not in blocks.data


def test_a_whole_copy_of_another_station_counts_too():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        cells.owner = 8
        blocks = Blocks(1)
        blocks.put(500, copy_of(3, OLD))
        run(blocks, cells, [door])
        assert OLD not in blocks.data


def test_bits_that_do_not_clear_are_given_up_and_told():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        blocks = Blocks(1)
        blocks.put(500, copy_of(3, OLD))
        blocks.writeblocks = lambda block, buf, offset: None
        shredder, steps = run(blocks, cells, [door])
        assert shredder.left and steps < 200


def test_a_block_in_use_is_left_until_the_files_have_moved():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        blocks = Blocks(2)
        blocks.put(0, copy_of(3, OLD))
        blocks.put(300, cells.read_copy("door03", "a"))
        blocks.put(600, cells.read_copy("door03", "b"))
        written = []

        def save(compartment):
            assert OLD in blocks.data
            written.append(compartment.door)
            if len(written) > 2:  # now littlefs begins a new log
                cells.save(compartments.cell(3), compartment.pack())

        run(blocks, cells, [door], save)
        assert written == [3, 3, 3, 3] and OLD not in blocks.data


def test_what_stays_in_use_is_given_up_and_told():
    with scratch_folder() as folder:
        cells, door = with_cells(folder)
        blocks = Blocks(2)
        blocks.put(0, copy_of(3, OLD))
        blocks.put(300, cells.read_copy("door03", "a"))
        blocks.put(SIZE, copy_of(3, OLD))
        before = bytes(blocks.data[:SIZE])
        shredder, _ = run(blocks, cells, [door], lambda compartment: None)
        assert shredder.left and bytes(blocks.data[:SIZE]) == before
        assert OLD not in blocks.data[SIZE:]
