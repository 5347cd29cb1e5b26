"""The station's durable state as objects: loaded at boot, saved by the desk before each effect."""

from locker.core import compartments, counters, keys, lockout
from locker.core.compartments import Compartment
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.keys import Keys
    from locker.storage.cells import Cells


class StateLost(Exception):
    """A cell that a provisioned station must have is missing or damaged; the argument names it."""


class Vault:
    """Everything in cells. sizes: 'S', 'M' or 'L' for each door."""

    def __init__(self, cells: "Cells", sizes: "list[str]") -> None:
        self._cells = cells
        self.counters = counters.Counters()
        self.lockout = lockout.Lockout(len(sizes))
        self.compartments = [Compartment(i + 1, size, b"") for i, size in enumerate(sizes)]
        self._durable: list[bytes] = []

    def load(self) -> "Keys":
        """Read every cell; returns the keys. Raises StateLost with the name of the first that is
        missing or damaged.
        """
        self._load(counters.CELL, self.counters.unpack)
        self._load(lockout.CELL, self.lockout.unpack)
        for compartment in self.compartments:
            self._load(compartments.cell(compartment.door), compartment.unpack)
            self._durable.append(compartment.pack())
            self._finish_purge(compartment)
            compartment.after_dark()
        return keys.unpack_keys(self._payload(keys.CELL))

    def compartment(self, door: int) -> Compartment:
        """Door 1..n."""
        return self.compartments[door - 1]

    def save_door(self, compartment: Compartment, purge: bool = False) -> None:
        """Make one door's record durable; purge: and leave no copy of the one before.

        Raises OSError when it cannot be written; the compartment is then as it was stored last.
        """
        cell = compartments.cell(compartment.door)
        packed = compartment.pack()
        try:
            self._cells.save(cell, packed, purge)
        except OSError:
            compartment.unpack(self._durable[compartment.door - 1])
            raise
        self._durable[compartment.door - 1] = packed

    def save_lockout(self) -> None:
        """Make the failure counts durable. Raises OSError."""
        self._cells.save(lockout.CELL, self.lockout.pack())

    def save_counters(self) -> None:
        """Make the counters durable. Raises OSError."""
        self._cells.save(counters.CELL, self.counters.pack())

    def _finish_purge(self, compartment: Compartment) -> None:
        """A power cut in the middle of a purge has left the old key in the other copy."""
        older = self._cells.older(compartments.cell(compartment.door))
        if older is not None and older[-len(compartment.key) :] != compartment.key:
            self.save_door(compartment, purge=True)

    def _load(self, cell: "tuple[str, int, int]", unpack) -> None:  # type: ignore[no-untyped-def]
        try:
            unpack(self._payload(cell))
        except ValueError as error:
            raise StateLost(cell[0]) from error

    def _payload(self, cell: "tuple[str, int, int]") -> bytes:
        payload = self._cells.load(cell)
        if payload is None:
            raise StateLost(cell[0])
        return payload
