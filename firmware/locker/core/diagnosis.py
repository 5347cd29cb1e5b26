"""What was wrong with a code that fits nothing, for the journal: the person is told nothing of it.
Needed after a refusal, and dropped.

What was collected or revoked cannot be told from a guess: its key is gone. Nor can another
station's code be: no station has a key of another.
"""

from locker.core import codes, faults
from locker.core.compartments import OCCUPIED
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from locker.core.access import Entry, Moment
    from locker.core.compartments import Compartment

_SLOTS = const(8)  # quarters of a class before and after: two lengths of it
_STEPS = const(40)


def courier(entry: "Entry", mac: Mac, moment: "Moment") -> int:
    """CODE_EXPIRED, CODE_EARLY or WRONG_CODE. mac: of the courier's key."""
    near = codes.slots(codes.COURIER_CLASS, moment.now_s, moment.uncertainty_s)
    return beside(
        entry.code, near, _SLOTS, lambda slot: codes.courier_code(mac, slot, entry.recovery)
    )


def recipient(
    entry: "Entry",
    compartments: "Iterable[Compartment]",
    classes: "tuple[str, ...]",
    moment: "Moment",
) -> int:
    """The same, or CODE_OF_OTHER_DOOR: of the parcels that lie in the station now."""
    found = faults.WRONG_CODE
    for compartment in compartments:
        if compartment.occupancy != OCCUPIED or not compartment.key:
            continue
        mac = Mac(compartment.key)
        if compartment.door == entry.selector:
            found = _outside(entry, mac, classes, moment) or found
        elif _fits(entry, mac, classes, moment):
            found = faults.CODE_OF_OTHER_DOOR
    return found


def rotating(entry: "Entry", near: range, code_of: "Callable[[int], int]") -> int:
    """CODE_EXPIRED, CODE_EARLY or WRONG_CODE, of a code that fits no step of near."""
    return beside(entry.code, near, _STEPS, code_of)


def beside(code: int, near: range, reach: int, code_of: "Callable[[int], int]") -> int:
    """Is the code one of before or after the slots near?"""
    for slot in range(max(near.start - reach, 0), near.stop + reach):
        if code_of(slot) == code and not near.start <= slot < near.stop:
            return faults.CODE_EXPIRED if slot < near.start else faults.CODE_EARLY
    return faults.WRONG_CODE


def _outside(entry: "Entry", mac: Mac, classes: "tuple[str, ...]", moment: "Moment") -> int:
    """NONE when it is of no other time."""
    for name in () if entry.recovery else classes:
        near = codes.slots(name, moment.now_s, moment.uncertainty_s)

        def code_of(slot: int, name: str = name) -> int:
            return codes.recipient_code(mac, name, slot)

        fault = beside(entry.code, near, _SLOTS, code_of)
        if fault != faults.WRONG_CODE:
            return fault
    return faults.NONE


def _fits(entry: "Entry", mac: Mac, classes: "tuple[str, ...]", moment: "Moment") -> bool:
    if entry.recovery:
        return codes.recovery_code(mac) == entry.code
    now = moment.now_s, moment.uncertainty_s
    return entry.code in codes.recipient_candidates(mac, classes, *now)
