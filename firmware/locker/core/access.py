"""Judging a typed entry. Pure: what it needs comes in, what was found comes out; counting and
storing are the caller's.

Order of questions: is it an entry at all (a typo costs nothing), may it be tried now, does it fit.
Only a right code learns that its door is unusable; everybody else gets the same neutral answer.
"""

from locker.core import codes, faults, window
from locker.core.compartments import OCCUPIED
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.compartments import Compartment
    from locker.core.lockout import Lockout

_VAGUE_S = const(120)  # as clock.DEGRADED


class Entry:
    """A well-formed entry. selector: door, 0 for a courier, codes.PERSON, REVOCATION or RETURN;
    recovery: a long one, whose guesses need no count: a recipient's recovery code, a courier's or
    a returned parcel's long code, two rotating codes in a row, a fixed one.

    place: whose (PERSON), the target (REVOCATION) or the serial (RETURN); second: the code after
    it, 0 when there is one only.
    """

    def __init__(
        self, selector: int, code: int, recovery: bool, place: int = 0, second: int = 0
    ) -> None:
        self.selector = selector
        self.code = code
        self.recovery = recovery
        self.place = place
        self.second = second
        self.is_fixed = False


class Moment:
    """What the clock says of the time an entry was begun. known: False when time-bound codes
    cannot be judged.
    """

    def __init__(self, now_s: int, uncertainty_s: int, known: bool) -> None:
        self.now_s = now_s
        self.uncertainty_s = uncertainty_s
        self.known = known

    @property
    def is_vague(self) -> bool:
        """True when one rotating code is no proof: the window would be too wide."""
        return self.uncertainty_s > _VAGUE_S


def parse(digits: str, doors: int) -> "tuple[int, Entry | None]":
    """(fault, entry): TYPO or NO_SUCH_DOOR with no entry, else NONE. digits: what was typed;
    doors: how many the station has.
    """
    if not digits.isdigit() or not codes.is_entry(digits):
        return faults.TYPO, None
    selector = int(digits[:2])
    if selector == codes.REVOCATION:
        return faults.NONE, Entry(selector, int(digits[4:-1]), True, int(digits[2:4]))
    if selector == codes.PERSON:
        return _person(digits)
    if selector == codes.RETURN:
        long = len(digits) == codes.RETURN_LONG_ENTRY
        return faults.NONE, Entry(selector, int(digits[4:-1]), long, int(digits[2:4]))
    if selector > doors:
        return faults.NO_SUCH_DOOR, None
    recovery = len(digits) == codes.RECOVERY_ENTRY
    return faults.NONE, Entry(selector, int(digits[2:-1]), recovery)


def flaw(digits: str) -> str:
    """What no slip of a finger explains in a TYPO, for the journal: nothing of the digits
    themselves. Empty for a digit too few or wrong, which costs no write to flash either.
    """
    if not digits.isdigit():
        return "not digits"
    return "too many digits" if len(digits) > codes.PAIR_ENTRY else ""


def _person(digits: str) -> "tuple[int, Entry | None]":
    place, count = int(digits[2]), len(digits)
    if not place:
        return faults.TYPO, None
    if count == codes.FIXED_ENTRY:
        entry = Entry(codes.PERSON, int(digits[3:-1]), True, place)
        entry.is_fixed = True
        return faults.NONE, entry
    pair = count == codes.PAIR_ENTRY
    second = int(digits[11:]) if pair else 0
    return faults.NONE, Entry(codes.PERSON, int(digits[3:11]), pair, place, second)


def admission(  # noqa: PLR0913 - all that may stand against it
    entry: Entry,
    mass: int,
    compartment: "Compartment | None",
    lockout: "Lockout",
    moment: Moment,
    now: int,
) -> int:
    """May this entry be judged? NONE, or WAIT, DOOR_UNUSABLE (its record is lost, so nothing can
    fit), CODE_LOCKED or (a person's) TWO_CODES, CLOCK_LOST. Costs no attempt. mass: its
    candidate_count.
    """
    if lockout.wait_ms(now):
        return faults.WAIT
    if compartment is not None and not compartment.key:
        return faults.DOOR_UNUSABLE
    person = entry.selector == codes.PERSON
    dated = person or entry.selector in (codes.COURIER_SELECTOR, codes.RETURN)
    timeless = entry.recovery and not dated
    closed = not entry.recovery and lockout.codes_closed(entry.selector, mass)
    if person and moment.known and not entry.recovery and (closed or moment.is_vague):
        return faults.TWO_CODES
    if closed and not person:
        return faults.CODE_LOCKED
    return faults.NONE if timeless or moment.known else faults.CLOCK_LOST


def candidate_count(entry: Entry, classes: tuple[str, ...], moment: Moment) -> int:
    """How many codes the entry will be compared with: its guess mass."""
    if entry.selector == codes.PERSON:
        return 2 * len(window.steps(moment.now_s, moment.uncertainty_s))  # with the alarm's
    courier = entry.selector == codes.COURIER_SELECTOR
    if entry.selector == codes.RETURN:
        return len(codes.slots(codes.RETURN_CLASS, moment.now_s, moment.uncertainty_s))
    if entry.recovery and not courier:
        return codes.NEXT_TENANCIES + 1
    names = (codes.COURIER_CLASS,) if courier else classes
    per_tenancy = sum(len(codes.slots(n, moment.now_s, moment.uncertainty_s)) for n in names)
    return per_tenancy * (2 if courier else codes.NEXT_TENANCIES + 1)  # 2: the alarm's too


def judge_courier(entry: Entry, mac: Mac, moment: Moment) -> "tuple[int, bool]":
    """(fault, silent): NONE for a courier code that is good now, else WRONG_CODE; whether it is
    the one that raises the alarm. Always compares with the whole window of both.
    """
    found = silent = False
    for slot in codes.slots(codes.COURIER_CLASS, moment.now_s, moment.uncertainty_s):
        found |= codes.courier_code(mac, slot, entry.recovery) == entry.code
        silent |= codes.courier_code(mac, slot, entry.recovery, True) == entry.code
    return (faults.NONE if found or silent else faults.WRONG_CODE), silent


def judge_recipient(
    entry: Entry, compartment: "Compartment", classes: tuple[str, ...], moment: Moment
) -> tuple[int, int]:
    """(fault, tenancy): SPENT, WRONG_CODE or DOOR_UNUSABLE with tenancy 0, else NONE and the
    tenancy whose code it is.

    Looks at the present tenancy and the next two (codes issued ahead); a claim begun for a later
    one has ended the earlier.
    """
    tenancy = _matching_tenancy(entry, compartment, classes, moment)
    if compartment.occupancy != OCCUPIED:  # after the same work: time tells nothing of that
        return faults.SPENT, 0
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
