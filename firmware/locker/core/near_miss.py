"""What was a refused code right for: another time, another door, somebody who was revoked? Looked
for in the background, for the journal and the operator alone: the person has been told that it is
wrong, after the same work for every wrong code, and nothing of this opens a door, costs guess
mass or moves the clock.

What a code for another time says of the clock is an interval for its error (+: it is fast), on the
understanding that the code was read when it was good. One person may simply be late, or have an
old code; two of them whose intervals overlap, beyond what the clock allows for itself, make it
suspect.

What was collected, or a parcel's code that was revoked, cannot be told from a guess: its key is
gone. Nor can another station's code be: no station has a key of another.
Needed after a refusal and dropped when the search is over.
"""

from locker.core import codes, faults, window
from locker.core.compartments import OCCUPIED
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from locker.core.access import Entry, Moment
    from locker.core.compartments import Compartment

    # (CODE_EXPIRED ..., steps or door, the clock's error from s, to s, tenancy)
    Miss = tuple[int, int, int, int, int]

_STEPS = const(120)  # of a rotating code, either way
_SLOTS = const(8)  # of a fixed-window code, beyond those that are good: two lengths of its class
_REACH_S = const(3600)  # of an error that is diagnosed from misses: 120 steps
_PAUSE_S = const(330)  # of a rotating code: its step, and a very slow hand (`make clock-lab`)
_REVOKED = (faults.CODE_REVOKED, 0, 1, 0, 0)


def recipient(
    entry: "Entry",
    compartments: "Iterable[Compartment]",
    classes: "tuple[str, ...]",
    moment: "Moment",
) -> "Iterator[Miss | None]":
    """One item a code: None, or what it was right for; of the parcels that lie in the station."""
    lie = [c for c in compartments if c.occupancy == OCCUPIED and c.key]
    for compartment in lie:
        if compartment.door == entry.selector and not entry.recovery:
            yield from _other_times(entry, compartment, classes, moment)
    for compartment in lie:
        if compartment.door != entry.selector:
            yield from _now(entry, compartment, classes, moment)


def fixed(
    name: str, matches: "Callable[[int], bool]", moment: "Moment", tenancy: int = 0
) -> "Iterator[Miss | None]":
    """The same of the windows of a class before and after those that are good, nearest first."""
    good = codes.slots(name, moment.now_s, moment.uncertainty_s)
    for away in range(_SLOTS):
        for slot in (good.start - 1 - away, good.stop + away):
            hit = slot >= 0 and matches(slot)
            yield _of_window(codes.window(name, slot), moment, tenancy) if hit else None


def rotating(
    matches: "Callable[[int], bool]", good: range, moment: "Moment"
) -> "Iterator[Miss | None]":
    """The same of a rotating code, nearest steps first. matches: is it the code of a step of
    window.STEP_S since 2020; good: the steps that it was compared with.
    """
    here = moment.now_s // window.STEP_S
    for away in range(1, _STEPS + 1):
        for step in (here - away, here + away):
            if step not in good:
                yield _of_step(step, moment) if matches(step) else None


def revoked(matches: "Callable[[int], bool]", good: range) -> "Iterator[Miss | None]":
    """The same of a key that was revoked: is it a code of that for a slot or step of good?"""
    for at in good:
        yield _REVOKED if matches(at) else None


def agree(a: "tuple[int, int]", b: "tuple[int, int]", uncertainty_s: int) -> bool:
    """True when two intervals have an error in common that the clock does not allow for."""
    low, high = max(a[0], b[0]), min(a[1], b[1])
    return low <= high and (low > uncertainty_s or high < -uncertainty_s)


def _other_times(
    entry: "Entry", compartment: "Compartment", classes: "tuple[str, ...]", moment: "Moment"
) -> "Iterator[Miss | None]":
    key = compartment.key
    for tenancy in range(compartment.tenancy, compartment.tenancy + codes.NEXT_TENANCIES + 1):
        mac = Mac(key)
        for name in classes:

            def matches(slot: int, mac: Mac = mac, name: str = name) -> bool:
                return codes.recipient_code(mac, name, slot) == entry.code

            yield from fixed(name, matches, moment, tenancy)
        key = codes.next_key(key)


def _now(
    entry: "Entry", compartment: "Compartment", classes: "tuple[str, ...]", moment: "Moment"
) -> "Iterator[Miss | None]":
    """Is it a code that would open this door now?"""
    found = (faults.CODE_OF_OTHER_DOOR, compartment.door, 1, 0, compartment.tenancy)
    mac = Mac(compartment.key)
    if entry.recovery:
        yield found if codes.recovery_code(mac) == entry.code else None
        return
    now = moment.now_s, moment.uncertainty_s
    for code in codes.recipient_candidates(mac, classes, *now):
        yield found if code == entry.code else None


def _of_step(step: int, moment: "Moment") -> "Miss":
    late_s = moment.now_s - step * window.STEP_S
    steps = moment.now_s // window.STEP_S - step
    fault = faults.CODE_EXPIRED if steps > 0 else faults.CODE_EARLY
    return fault, abs(steps), late_s - _PAUSE_S, late_s, 0


def _of_window(limits: "tuple[int, int]", moment: "Moment", tenancy: int) -> "Miss":
    start, end = limits
    if moment.now_s >= end:
        fault, off_s = faults.CODE_EXPIRED, moment.now_s - end + 1
        low, high = off_s, _REACH_S
    else:
        fault, off_s = faults.CODE_EARLY, start - moment.now_s
        low, high = -_REACH_S, -off_s
    if off_s > _REACH_S:
        low, high = 1, 0  # an old code, or one for later, rather than a wrong clock
    return fault, -(-off_s // window.STEP_S), low, high, tenancy
