"""What the journal knows and the cells have forgotten. Needed at start and dropped.

littlefs takes a rotten commit for one that a power cut has torn and falls back to what was before,
with all files of the folder: every cell is good then, and too old. The journal has a folder of its
own. Only what is on flash before its record counts here, so no power cut makes a contradiction.
"""

from locker.core import codes, people, records, tickets
from locker.core.compartments import FREE, cell
from locker.core.counters import CELL
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.vault import Vault
    from locker.core.records import Record
    from locker.storage.journal import Journal

_SEGMENTS = const(2)  # the last ones: some days
_KIND_AT = const(6)  # in a record's bytes
_TELLING = bytes(
    (
        records.BOOT,
        records.DEPOSITED,
        records.AUTHORISED,
        records.COLLECTED,
        records.COMMAND,
        records.REVOKED,
        records.LOST,
    )
)


class Witness:
    """forgotten: the name of a cell that is older than a record of the journal, '' when there is
    none; boot: the last boot record, if it was found; is_behind: the counters had missed that one.

    vault: with this boot counted.
    """

    def __init__(self, journal: "Journal", vault: "Vault") -> None:
        self.forgotten = ""
        self.boot: Record | None = None
        self.is_behind = False
        self._vault = vault
        self._journal = journal
        if journal.foreign:
            return
        try:
            for number in journal.segments(".log")[-_SEGMENTS:]:
                self._hear(journal.path(number))
        except OSError as error:
            print("journal cannot be read:", error)

    def _hear(self, path: str) -> None:
        with open(path, "rb") as file:
            data = file.read(records.RECORD_BYTES)
            while len(data) == records.RECORD_BYTES:
                record = records.unpack_record(data) if data[_KIND_AT] in _TELLING else None
                if record is not None:
                    if record.kind == records.BOOT:
                        self._booted(record)
                    if record.kind == records.LOST and record.tenancy:
                        self._journal.tell(record.value, record.fault)
                    self.forgotten = self.forgotten or _contradicts(record, self._vault)
                    if record.kind == records.COLLECTED:
                        self._collected(record)
                data = file.read(records.RECORD_BYTES)

    def _booted(self, record: "Record") -> None:
        """The counters may be one write behind when a copy was rotten: that boot counts too."""
        self.boot = record
        if not (self._vault.counters.boot - record.boot) & 0xFFFF:
            self._vault.counters.boot += 1
            self.is_behind = True

    def _collected(self, record: "Record") -> None:
        """The record comes before the cell: whatever came between, the claim is over."""
        vault = self._vault
        if not 1 <= record.door <= len(vault.compartments) or vault.is_lost(record.door):
            return
        compartment = vault.compartment(record.door)
        if compartment.claim and compartment.claim == record.tenancy:
            compartment.collect()
            try:
                vault.save_door(compartment, purge=True)
            except OSError as error:  # it is as it was, and the desk will try again
                print("cell not written:", error)

    def reason(self, digest: int) -> int:
        """Of this boot's record: bits of what is not as the last one said it. digest: of the
        files now.
        """
        before = self.boot
        if before is None:
            return 0
        reason = records.OTHER_FILES if before.value != digest else 0
        if (before.boot + 1 - self._vault.counters.boot) & 0xFFFF:
            reason |= records.NO_RECORD
        return reason


def _contradicts(record: "Record", vault: "Vault") -> str:
    if record.kind == records.BOOT:  # the number's upper half is not in the record
        ahead = (vault.counters.boot - record.boot) & 0xFFFF
        return CELL[0] if not 0 < ahead < 0x8000 else ""
    if record.kind == records.COMMAND:
        return CELL[0] if record.tenancy > vault.counters.command else ""
    if record.kind == records.REVOKED and record.value == codes.RETURNS:
        return _is_unused(record.tenancy, vault)
    if record.kind == records.REVOKED:
        return people.CELL[0] if not record.door and _is_alive(record, vault.people) else ""
    if record.kind == records.DEPOSITED and record.value:
        unused = _is_unused(record.value, vault)
        if unused:
            return unused
    if not 1 <= record.door <= len(vault.compartments) or vault.is_lost(record.door):
        return ""
    return cell(record.door)[0] if _is_undone(record, vault) else ""


def _is_unused(number: int, vault: "Vault") -> str:
    """The cell's name when a return code is good again whose parcel is in, or that was revoked."""
    used = tickets.Tickets(vault.cells.load(tickets.CELL) or b"")
    return "" if used.has_ended(number) else tickets.CELL[0]


def _is_alive(record: "Record", memory: bytearray) -> bool:
    """A person or day code that was revoked is of use again. Lost memory lets nobody in."""
    generation = people.courier_generation(memory)
    if generation == people.LOST:
        return False
    if not record.value:
        return generation <= record.tenancy
    grant, _ = people.read(memory, record.value)
    return grant.generation < record.tenancy or (
        grant.generation == record.tenancy and not grant.revoked
    )


def _is_undone(record: "Record", vault: "Vault") -> bool:
    """A parcel that came, or a claim, is of no tenancy before the door's, and not in its cell."""
    compartment = vault.compartment(record.door)
    if compartment.tenancy > record.tenancy:
        return False
    if record.kind == records.DEPOSITED:
        return compartment.occupancy == FREE
    claimed = record.kind == records.COLLECTED or record.actor == records.RECIPIENT
    return claimed and compartment.claim < record.tenancy
