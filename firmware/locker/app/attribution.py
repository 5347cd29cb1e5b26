"""Whose pulse a reset fell into. Only needed at boot, and dropped."""

from locker.core import faults, records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.records import Record
    from locker.storage.journal import Journal

_LOOK_BACK = const(12)  # records: more than one opening writes
_SETTLES = (records.PULSED, records.FAULT, records.AUTHORISED)


def interrupted_pulses(journal: "Journal") -> list[int]:
    """Doors that were authorised in the last boot, and neither a pulse nor a refusal followed: a
    pulse is on record only once it has ended. Call it before this boot's first record.
    """
    found = []
    settled = 0
    for seq in range(journal.last, max(journal.last - _LOOK_BACK, 0), -1):
        record = journal.read(seq)
        if record is None or record.kind == records.BOOT:
            break
        bit = 1 << record.door
        if record.kind == records.AUTHORISED and not settled & bit:
            found.append(record.door)
        if _settles(record):
            settled |= bit
    return found


def _settles(record: "Record") -> bool:
    """A refusal does when the release itself was refused; a wrong code typed at the time, or found
    out to be a near miss, says nothing of a pulse.
    """
    refused = record.kind == records.REFUSED and record.reason == faults.DOOR_UNUSABLE
    return refused or record.kind in _SETTLES
