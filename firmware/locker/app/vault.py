"""The station's durable state as objects: loaded at boot, saved by the desk before each effect."""

from locker.core import compartments, counters, keys, lockout
from locker.core.compartments import Compartment
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.keys import Keys
    from locker.storage.cells import Cell, Cells


class StateLost(Exception):
    """A cell that a provisioned station must have is missing or damaged; the argument names it."""


class Vault:
    """Everything in cells. sizes: 'S', 'M' or 'L' for each door."""

    def __init__(self, cells: "Cells", sizes: "list[str]") -> None:
        self._cells = cells
        self.counters = counters.Counters()
        self.lockout = lockout.Lockout(len(sizes))
        self.compartments = [Compartment(i + 1, size, b"") for i, size in enumerate(sizes)]

    def load(self) -> "Keys":
        """Read every cell; returns the keys. Raises StateLost with the name of the first that is
        missing or damaged.
        """
        self._load(counters.CELL, self.counters.unpack)
        self._load(lockout.CELL, self.lockout.unpack)
        for compartment in self.compartments:
            self._load(compartments.cell(compartment.door), compartment.unpack)
        return keys.unpack_keys(self._payload(keys.CELL))

    def compartment(self, door: int) -> Compartment:
        """Door 1..n."""
        return self.compartments[door - 1]

    def save_door(self, compartment: Compartment, purge: bool = False) -> None:
        """Make one door's record durable; purge: and leave no copy of the one before. Raises
        OSError.
        """
        cell = compartments.cell(compartment.door)
        self._cells.save(cell, compartment.pack(), purge)

    def save_lockout(self) -> None:
        """Make the failure counts durable. Raises OSError."""
        self._cells.save(lockout.CELL, self.lockout.pack())

    def save_counters(self) -> None:
        """Make the counters durable. Raises OSError."""
        self._cells.save(counters.CELL, self.counters.pack())

    def _load(self, cell: "Cell", unpack) -> None:  # type: ignore[no-untyped-def]
        try:
            unpack(self._payload(cell))
        except ValueError as error:
            raise StateLost(cell[0]) from error

    def _payload(self, cell: "Cell") -> bytes:
        payload = self._cells.load(cell)
        if payload is None:
            raise StateLost(cell[0])
        return payload
