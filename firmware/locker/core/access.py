"""Judging a typed entry. Pure: what it needs comes in, what was found comes out; counting and
storing are the caller's.

Order of questions: is it an entry at all (a typo costs nothing), may it be tried now, does it fit.
Only a right code learns that its door is unusable; everybody else gets the same neutral answer.
"""

from locker.core import codes, damm, faults
from locker.core.compartments import OCCUPIED
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.compartments import Compartment
    from locker.core.lockout import Lockout


class Entry:
    """A well-formed entry. selector: door, or 0 for a courier; recovery: twelve digits, a
    recipient's recovery code or a courier's long code.
    """

    def __init__(self, selector: int, code: int, recovery: bool) -> None:
        self.selector = selector
        self.code = code
        self.recovery = recovery


class Moment:
    """What the clock says of the time an entry was begun. known: False when time-bound codes
    cannot be judged.
    """

    def __init__(self, now_s: int, uncertainty_s: int, known: bool) -> None:
        self.now_s = now_s
        self.uncertainty_s = uncertainty_s
        self.known = known


def parse(digits: str, doors: int) -> "tuple[int, Entry | None]":
    """(fault, entry): TYPO or NO_SUCH_DOOR with no entry, else NONE. digits: what was typed;
    doors: how many the station has.
    """
    if not codes.is_entry_length(len(digits)) or not damm.is_valid(digits):
        return faults.TYPO, None
    selector = int(digits[:2])
    if selector > doors:
        return faults.NO_SUCH_DOOR, None
    recovery = len(digits) == codes.RECOVERY_ENTRY
    return faults.NONE, Entry(selector, int(digits[2:-1]), recovery)


def admission(  # noqa: PLR0913 - all that may stand against it
    entry: Entry,
    mass: int,
    compartment: "Compartment | None",
    lockout: "Lockout",
    moment: Moment,
    now: int,
) -> int:
    """May this entry be judged? NONE, or WAIT, DOOR_UNUSABLE (its record is lost, so nothing can
    fit), CODE_LOCKED, CLOCK_LOST. Costs no attempt. mass: its candidate_count.
    """
    if lockout.wait_ms(now):
        return faults.WAIT
    if compartment is not None and not compartment.key:
        return faults.DOOR_UNUSABLE
    if not entry.recovery and lockout.codes_closed(entry.selector, mass):
        return faults.CODE_LOCKED
    timeless = entry.recovery and entry.selector != codes.COURIER_SELECTOR
    return faults.NONE if timeless or moment.known else faults.CLOCK_LOST


def candidate_count(entry: Entry, classes: tuple[str, ...], moment: Moment) -> int:
    """How many codes the entry will be compared with: its guess mass."""
    courier = entry.selector == codes.COURIER_SELECTOR
    if entry.recovery and not courier:
        return codes.NEXT_TENANCIES + 1
    names = (codes.COURIER_CLASS,) if courier else classes
    per_tenancy = sum(len(codes.slots(n, moment.now_s, moment.uncertainty_s)) for n in names)
    return per_tenancy * (1 if courier else codes.NEXT_TENANCIES + 1)


def judge_courier(entry: Entry, mac: Mac, moment: Moment) -> int:
    """NONE for a courier code that is good now, else WRONG_CODE. Always compares with the whole
    window.
    """
    found = False
    for slot in codes.slots(codes.COURIER_CLASS, moment.now_s, moment.uncertainty_s):
        found |= codes.courier_code(mac, slot, entry.recovery) == entry.code
    return faults.NONE if found else faults.WRONG_CODE


def judge_recipient(
    entry: Entry, compartment: "Compartment", classes: tuple[str, ...], moment: Moment
) -> tuple[int, int]:
    """(fault, tenancy): SPENT, WRONG_CODE or DOOR_UNUSABLE with tenancy 0, else NONE and the
    tenancy whose code it is.

    Looks at the present tenancy and the next two (codes issued ahead); a claim begun for a later
    one has ended the earlier.
    """
    if compartment.occupancy != OCCUPIED:
        return faults.SPENT, 0
    tenancy = _matching_tenancy(entry, compartment, classes, moment)
    if not tenancy:
        return faults.WRONG_CODE, 0
    if not compartment.usable:
        return faults.DOOR_UNUSABLE, 0
    return faults.NONE, tenancy


def _matching_tenancy(
    entry: Entry, compartment: "Compartment", classes: tuple[str, ...], moment: Moment
) -> int:
    key = compartment.key
    found = 0
    for ahead in range(codes.NEXT_TENANCIES + 1):
        tenancy = compartment.tenancy + ahead
        mac = Mac(key)
        if tenancy >= compartment.claim and _fits(entry, mac, classes, moment):
            found = tenancy
        key = codes.next_key(key)
    return found


def _fits(entry: Entry, mac: Mac, classes: tuple[str, ...], moment: Moment) -> bool:
    if entry.recovery:
        return codes.recovery_code(mac) == entry.code
    found = False
    for code in codes.recipient_candidates(mac, classes, moment.now_s, moment.uncertainty_s):
        found |= code == entry.code
    return found
