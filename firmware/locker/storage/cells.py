"""Small states in two copies each: the older copy is overwritten, so a power cut costs at most the
write that it interrupted.
"""

from locker.core import records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    Cell = tuple[str, int, int]  # file name, kind, schema of the payload

_CELL_LIMIT = const(256)


class Cells:
    """Cells as files ``<name>.a`` and ``<name>.b`` in one folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._ages: dict[str, int] = {}

    def load(self, cell: "Cell") -> "bytes | None":
        """Payload of the younger good copy; None when there is none of this kind and schema."""
        name, kind, schema = cell
        age = 0
        payload = None
        for copy in "ab":
            found = records.unpack_cell(kind, self._read(name, copy))
            if found is not None and found[0] == schema and found[1] > age:
                age, payload = found[1], found[2]
        self._ages[name] = age
        return payload

    def older(self, cell: "Cell") -> "bytes | None":
        """Payload of the other good copy; None when there is none."""
        name, kind, _ = cell
        found = records.unpack_cell(kind, self._read(name, records.copy_of(self._ages[name] + 1)))
        return found[2] if found is not None else None

    def save(self, cell: "Cell", payload: bytes, purge: bool = False) -> None:
        """Make payload durable. purge: overwrite the other copy too, so that no file holds the
        state before it.

        Raises OSError when the flash cannot be written; the state before it is then still there.
        """
        name, kind, schema = cell
        for _ in range(2 if purge else 1):
            age = self._ages.get(name, 0) + 1
            data = records.pack_cell(kind, schema, age, payload)
            with open(self._path(name, records.copy_of(age)), "wb") as file:
                file.write(data)
            self._ages[name] = age

    def _path(self, name: str, copy: str) -> str:
        return f"{self._folder}/{name}.{copy}"

    def _read(self, name: str, copy: str) -> bytes:
        try:
            with open(self._path(name, copy), "rb") as file:
                data: bytes = file.read(_CELL_LIMIT)
                return data
        except OSError:
            return b""
