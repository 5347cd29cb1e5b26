"""A board nobody provisioned, told from a station that lost its memory."""

import os

from locker.app import memory
from locker.core import faults, marker
from scratch_folder import scratch_folder


class Port:
    def __init__(self, data=b"", works=True):
        self.data = data
        self.works = works

    def read(self):
        return self.data

    def write(self, data):
        if self.works:
            self.data = data
        return self.works


def test_any_part_of_a_memory_is_a_trace():
    with scratch_folder() as folder:
        for name in ("main.py", "board.json", "boots"):
            with open(folder + "/" + name, "w"):
                pass
        assert not memory.has_traces(folder)
        for name in ("cells", "journal"):
            os.mkdir(folder + "/" + name)
            assert memory.has_traces(folder)
            os.rmdir(folder + "/" + name)
        with open(folder + "/station.json", "w"):
            pass
        assert memory.has_traces(folder)


def test_the_marker_remembers_what_the_files_do_not():
    port = Port(b"\x00" * 7)
    assert not memory.mark(port, 77), "a new station is nobody else's"
    assert marker.unpack(port.data) == 77 and not memory.mark(port, 77)
    assert memory.mark(port, 78) and marker.unpack(port.data) == 78


def test_a_marker_that_cannot_be_written_stops_nothing():
    assert not memory.mark(Port(works=False), 77)


class Board:
    """hal with a clock chip, and with a place of its own or without."""

    def __init__(self, clock, marker=None):
        self.i2c = self
        self.clock = clock
        if marker is not None:
            self.marker = marker

    def readfrom_mem_into(self, addr, memaddr, buf):
        buf[:] = self.clock


def test_a_board_with_nothing_but_a_marker_has_lost_its_memory():
    rtc = {"rtc": {"address": 0x68}}
    settings, keys = faults.SETTINGS_INVALID, faults.STATE_LOST
    marked = marker.pack(5)
    with scratch_folder() as folder:
        for board, number in (
            (Board(bytes(7)), settings),
            (Board(marked), faults.MEMORY_LOST),
            (Board(bytes(7), Port(marked)), faults.MEMORY_LOST),
            (Board(marked, Port(b"")), settings),
        ):
            assert memory.number_of(settings, board, rtc, folder) == number
            assert memory.number_of(keys, board, rtc, folder) == keys
