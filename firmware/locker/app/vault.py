"""The station's durable state as objects: loaded at boot, saved by the desk before each effect."""

from locker.core import counters, settings
from locker.core.compartments import SCHEMA as DOOR_SCHEMA
from locker.core.compartments import Compartment
from locker.core.lockout import Lockout
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.settings import Keys
    from locker.storage.cells import Cells


class StateLost(Exception):
    """A cell that a provisioned station must have is missing or damaged; the argument names it."""


class Vault:
    """Everything in cells. sizes: 'S', 'M' or 'L' for each door."""

    def __init__(self, cells: "Cells", sizes: "list[str]") -> None:
        self._cells = cells
        self.counters = counters.Counters()
        self.lockout = Lockout(len(sizes))
        self.compartments = [Compartment(i + 1, size, b"") for i, size in enumerate(sizes)]

    def load(self) -> "Keys":
        """Read every cell; returns the keys. Raises StateLost with the name of the first that is
        missing or damaged.
        """
        self._load(settings.COUNTERS_CELL, self.counters.unpack)
        self._load(settings.LOCKOUT_CELL, self.lockout.unpack)
        for compartment in self.compartments:
            self._load(settings.door_cell(compartment.door), compartment.unpack)
        return settings.unpack_keys(self._payload(settings.KEYS_CELL))

    def compartment(self, door: int) -> Compartment:
        """Door 1..n."""
        return self.compartments[door - 1]

    def save_door(self, compartment: Compartment, purge: bool = False) -> None:
        """Make one door's record durable; purge: and leave no copy of the one before. Raises
        OSError.
        """
        name, kind = settings.door_cell(compartment.door)
        self._cells.save(name, kind, DOOR_SCHEMA, compartment.pack(), purge)

    def save_lockout(self) -> None:
        """Make the failure counts durable. Raises OSError."""
        name, kind = settings.LOCKOUT_CELL
        self._cells.save(name, kind, 1, self.lockout.pack())

    def save_counters(self) -> None:
        """Make the counters durable. Raises OSError."""
        name, kind = settings.COUNTERS_CELL
        self._cells.save(name, kind, counters.SCHEMA, self.counters.pack())

    def _load(self, cell: "tuple[str, int]", unpack) -> None:  # type: ignore[no-untyped-def]
        try:
            unpack(self._payload(cell))
        except ValueError as error:
            raise StateLost(cell[0]) from error

    def _payload(self, cell: "tuple[str, int]") -> bytes:
        found = self._cells.load(cell[0], cell[1])
        if found is None:
            raise StateLost(cell[0])
        return found[1]
