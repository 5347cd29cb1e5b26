"""The station's durable state as objects: brought up at boot by ``opening``, saved by the desk
before each effect.
"""

from locker.core import compartments, counters, lockout
from locker.core.compartments import Compartment
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.storage.cells import Cells

_ACKNOWLEDGED_STEP = const(16)  # records: after a boot so many may be sent twice
_ERASES_STEP = const(64)  # that a power cut may leave uncounted


class Vault:
    """Everything in cells. sizes: 'S', 'M' or 'L' for each door; lost: mask of doors whose cell
    could not be read; has_retired: a key of a collected parcel may lie in the raw flash;
    is_counted: this boot's number is on flash.
    """

    def __init__(self, cells: "Cells", sizes: "list[str]") -> None:
        self.cells = cells
        self.counters = counters.Counters()
        self.lockout = lockout.Lockout(len(sizes))
        self.compartments = [Compartment(i + 1, size, b"") for i, size in enumerate(sizes)]
        self.people = bytearray()  # see core.people
        self.lost = 0
        self.has_retired = True  # a start does not know what the one before left
        self.is_counted = False
        self._erases = 0
        self._unstored = 0  # mask of doors whose record could not be written
        self._durable = [b""] * len(sizes)

    def compartment(self, door: int) -> Compartment:
        """Door 1..n."""
        return self.compartments[door - 1]

    def loaded(self, compartment: Compartment) -> None:
        """The door's record is as it is stored."""
        self._durable[compartment.door - 1] = compartment.pack()

    def keep(self, compartment: Compartment) -> None:
        """What the record says now stays true, though it could not be written: it goes with the
        next write, and no failed one takes it back.
        """
        self.loaded(compartment)
        self._unstored |= 1 << (compartment.door - 1)

    def is_stored(self, door: int) -> bool:
        """False after keep(), until the door's record has been written."""
        return not self._unstored >> (door - 1) & 1

    def lose(self, compartment: Compartment, fault: int) -> None:
        """The door's record cannot be read: out of service until the station is provisioned anew.

        Without a key no code fits it; its cell stays as it was found, for whoever examines it.
        """
        self.lost |= 1 << (compartment.door - 1)
        compartment.fault = fault

    def is_lost(self, door: int) -> bool:
        """True when what the door holds is not known."""
        return bool(self.lost >> (door - 1) & 1)

    def save_door(self, compartment: Compartment, purge: bool = False) -> None:
        """Make one door's record durable; purge: and leave no copy of the one before. A lost
        door's is not stored.

        Raises OSError when it cannot be written; the compartment is then as it was stored last.
        """
        if self.is_lost(compartment.door):
            return
        cell = compartments.cell(compartment.door)
        packed = compartment.pack()
        try:
            self.cells.save(cell, packed, purge)
        except OSError:
            compartment.unpack(self._durable[compartment.door - 1])
            raise
        self._durable[compartment.door - 1] = packed
        self._unstored &= ~(1 << (compartment.door - 1))
        self.has_retired = self.has_retired or purge

    def save_lockout(self) -> None:
        """Make the failure counts durable. Raises OSError."""
        self.cells.save(lockout.CELL, self.lockout.pack())

    def save_counters(self) -> None:
        """Make the counters durable. Raises OSError."""
        self.cells.save(counters.CELL, self.counters.pack())
        self.is_counted = True
        self._erases = self.counters.erases

    def save_anchors(self) -> None:
        """Have each of the two folders know where the other one stands, if it does not: rot makes
        a folder fall back as a whole, and then the other tells. Raises OSError.
        """
        journal = self.cells.journal
        if journal and self.cells.seen < journal.head[0]:
            self.save_counters()
        self.cells.save_ages()

    def save_progress(self, acknowledged: int) -> None:
        """Make durable what may be a little behind: how much of the journal the host holds, and
        the erases. Raises OSError.
        """
        step = acknowledged - self.counters.acknowledged
        if step >= _ACKNOWLEDGED_STEP or self.counters.erases - self._erases >= _ERASES_STEP:
            self.counters.acknowledged = max(acknowledged, self.counters.acknowledged)
            self.save_counters()
