"""Small states in two copies each: the older copy is overwritten, so a power cut costs at most the
write that it interrupted.
"""

import struct

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.storage.journal import Journal

    Cell = tuple[str, int, int]  # file name, kind, schema of the payload

AGES = ("ages", 7, 1)  # how old the cells of another folder are
AGE = ">BI"  # a cell: kind, age
_CELL_LIMIT = const(256)


class Cells:
    """Cells as files ``<name>.a`` and ``<name>.b`` in one folder.

    owner: whose cells they are, None as long as that is not known; bad_copies: of the cell loaded
    last, 0..2; fell_back: it was younger once; ages: of the youngest copies that there were, by
    kind; writes: so far; journal: beside it, once that is open; seen: its last record on flash, by
    what was loaded or saved; beside: cells in another folder, which keep the ages of these.
    """

    def __init__(self, folder: str, beside: "Cells | None" = None) -> None:
        self._folder = folder
        self.beside = beside
        self.owner: int | None = None
        self.bad_copies = 0
        self.fell_back = False
        self.ages: dict[int, int] = {}
        self.writes = 0
        self.journal: Journal | None = None
        self.seen = 0
        self._other: bytes | None = None
        self._told = 0  # of the writes

    def load(self, cell: "Cell") -> "bytes | None":
        """Payload of the younger good copy; None when there is none of this kind, schema and
        owner: ``examine`` tells why.
        """
        name, kind, schema = cell
        age = 0
        payload = self._other = None
        self.bad_copies = 0
        for copy in "ab":
            found = records.unpack_cell(kind, self.read_copy(name, copy))
            if found is None or found[0] != schema or not self.is_mine(found[2]):
                self.bad_copies += 1
                continue
            self.seen = max(self.seen, found[4])
            if found[1] > age:
                age, payload, self._other = found[1], found[3], payload
            else:
                self._other = found[3]
        known = self.ages.get(kind, 0)
        self.fell_back = 0 < age < known
        self.ages[kind] = max(age, known)
        return payload

    def older(self) -> "bytes | None":
        """Payload of the other good copy of the cell loaded last; None when there is none, or
        something has been saved since.
        """
        return self._other

    def save(self, cell: "Cell", payload: bytes, purge: bool = False) -> None:
        """Make payload durable. purge: overwrite the other copy too, so that no file holds the
        state before it.

        Raises OSError when the flash cannot be written; the state before it is then still there.
        """
        name, kind, schema = cell
        self._other = None
        seq = self.journal.head[0] if self.journal else self.seen
        for _ in range(2 if purge else 1):
            age = self.ages.get(kind, 0) + 1
            data = records.pack_cell(kind, schema, age, self.owner or 0, payload, seq)
            self.writes += 1
            with open(self._path(name, records.copy_of(age)), "wb") as file:
                file.write(data)
            self.ages[kind] = age
            self.seen = seq

    def save_ages(self) -> None:
        """Have the other folder know how old these are, if any has been written since. Raises
        OSError.
        """
        if self.beside is None or self._told == self.writes:
            return
        self.beside.owner = self.owner
        rows = [struct.pack(AGE, kind, age) for kind, age in self.ages.items()]
        self.beside.save(AGES, b"".join(rows), purge=self.beside.bad_copies > 0)
        self.writes += 1  # the flash wears as with one of these
        self._told = self.writes

    def is_mine(self, owner: int) -> bool:
        """May a cell of this owner be taken?"""
        return self.owner is None or owner == self.owner

    def read_copy(self, name: str, copy: str) -> bytes:
        """The bytes of copy 'a' or 'b', empty when it is not there."""
        try:
            with open(self._path(name, copy), "rb") as file:
                data: bytes = file.read(_CELL_LIMIT)
                return data
        except OSError:
            return b""

    def _path(self, name: str, copy: str) -> str:
        return f"{self._folder}/{name}.{copy}"
