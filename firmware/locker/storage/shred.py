"""Makes retired door keys unreadable in the raw flash. Needed after a collection, and let go.

littlefs overwrites nothing: an old copy of a cell stays in its folder's log until the log is
written anew, and then in a block that is free. Flash clears bits without an erase, so a copy in a
block that is out of use gets zeros over its key. A block in use must not be touched: it is known
by the copies that are read from it today, and new ones are written until littlefs has moved on.

Any file may hold the few bytes that a copy begins with: only what has this station's mark behind
them, or a copy's checksum, is taken for one. A block whose erase was cut short by the power may
hold a key without its beginning, and is erased: littlefs writes every block from its beginning,
and no file of a station begins like an erased one.
"""

import struct

from locker.core import codes, compartments, records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable

    from locker.core.compartments import Compartment
    from locker.ports import BlockPort
    from locker.storage.cells import Cells

_BLOCK_COUNT = const(4)  # questions of ioctl
_BLOCK_SIZE = const(5)
_ERASE = const(6)
_ERASED = b"\xff\xff\xff\xff"
_PAGE = const(256)  # what rp2's flash takes at once
_WINDOW = const(1024)
_STRIDE = const(896)  # so that a whole copy lies in one window
_TRIES_MAX = const(160)  # a log of 4 KB holds sixty copies: to be zeroed, or written out
_OWNER_AT = const(8)  # in a copy
_COPY_BYTES = const(70)


class Shredder:
    """One look at every block. blocks: the raw flash under the file system; doors: those whose
    record is known; save(compartment): makes it durable once more. left: something could not be
    erased.
    """

    def __init__(
        self,
        blocks: "BlockPort",
        cells: "Cells",
        doors: "list[Compartment]",
        save: "Callable[[Compartment], None]",
    ) -> None:
        self._blocks = blocks
        self._cells = cells
        self._doors = {bytes(compartments.cell(c.door)[1:]): c for c in doors}
        self._owner = struct.pack(">I", cells.owner or 0)
        self._save = save
        self._count = blocks.ioctl(_BLOCK_COUNT, 0)
        last = blocks.ioctl(_BLOCK_SIZE, 0) - _WINDOW
        self._windows = tuple(range(0, last, _STRIDE)) + (last,)
        self._buffer = bytearray(_WINDOW)
        self._block = 0
        self._tries = 0
        self.left = False

    def step(self) -> bool:
        """One block, or one write; False when all have been looked at. Raises OSError."""
        key_at, compartment = (0, None) if self._is_erased() else self._retired()
        if compartment is not None and self._tries < _TRIES_MAX:
            self._tries += 1
            if self._is_in_use(compartment):
                self._save(compartment)
            else:
                self._zero(key_at)
            return True
        self.left = self.left or compartment is not None
        self._tries = 0
        self._block += 1
        return self._block < self._count

    def _is_erased(self) -> bool:
        """Does this block begin so? What a cut has left further on is erased then, too."""
        self._read(0)
        if not self._buffer.startswith(_ERASED):
            return False
        if self._has_rest():
            self._blocks.ioctl(_ERASE, self._block)
        return True

    def _has_rest(self) -> bool:
        view = memoryview(self._buffer)
        for start in self._windows:
            self._read(start)
            if view[1:] != view[:-1]:
                return True
        return False

    def _retired(self) -> "tuple[int, Compartment | None]":
        """(where in this block, whose): a key that is not the present one of its door."""
        for start in self._windows:
            self._read(start)
            at = self._buffer.find(records.CELL_MAGIC)
            while at >= 0:
                compartment = self._doors.get(bytes(self._buffer[at + 2 : at + 4]))
                key_at = at + records.CELL_HEAD_BYTES + compartments.KEY_OFFSET
                if (
                    compartment is not None
                    and self._is_retired(key_at, compartment.key)
                    and self._is_copy(at)
                ):
                    return start + key_at, compartment
                at = self._buffer.find(records.CELL_MAGIC, at + 1)
        return 0, None

    def _is_retired(self, at: int, present: bytes) -> bool:
        key = self._buffer[at : at + codes.KEY_BYTES]
        return len(key) == codes.KEY_BYTES and key != present and any(key)

    def _is_copy(self, at: int) -> bool:
        """Of this station, be it torn; or whole, whosever it is."""
        copy = bytes(self._buffer[at : at + _COPY_BYTES])
        is_mine = copy[_OWNER_AT : _OWNER_AT + len(self._owner)] == self._owner
        return is_mine or records.is_whole(copy, records.CELL_HEAD_BYTES)

    def _is_in_use(self, compartment: "Compartment") -> bool:
        """Does this block hold what either file of the cell holds?"""
        name = compartments.cell(compartment.door)[0]
        copies = [self._cells.read_copy(name, copy) for copy in "ab"]
        for start in self._windows:
            self._read(start)
            if any([self._buffer.find(copy) >= 0 for copy in copies]):
                return True
        return False

    def _read(self, start: int) -> None:
        self._blocks.readblocks(self._block, self._buffer, start)

    def _zero(self, at: int) -> None:
        end = at + codes.KEY_BYTES
        page = memoryview(self._buffer)[:_PAGE]
        for start in range(at - at % _PAGE, end, _PAGE):
            self._blocks.readblocks(self._block, page, start)
            for i in range(max(at - start, 0), min(end - start, _PAGE)):
                page[i] = 0
            self._blocks.writeblocks(self._block, page, start)
