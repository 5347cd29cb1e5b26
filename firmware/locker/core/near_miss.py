"""Was a refused code right, but for another time? Looked for in the background, for the journal
and the operator alone: the person has been told that it is wrong, and nothing of this opens a
door, costs guess mass or moves the clock.

What a miss says of the clock is an interval for its error (+: it is fast), on the understanding
that the code was read when it was good. One person may simply be late, or have an old code; two of
them whose intervals overlap, beyond what the clock allows for itself, make it suspect.
Needed after a refusal and dropped when the search is over.
"""

from locker.core import codes, window
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from locker.core.access import Entry, Moment
    from locker.core.compartments import Compartment

    Miss = tuple[int, int, int, int]

_STEPS = const(120)  # of a rotating code, either way
_SLOTS = const(2)  # of a fixed-window code, beyond those that are good
_REACH_S = const(3600)  # of an error that is diagnosed from misses: 120 steps
_PAUSE_S = const(330)  # of a rotating code: its step, and a very slow hand (`make clock-lab`)


def recipient(
    entry: "Entry", compartment: "Compartment", classes: "tuple[str, ...]", moment: "Moment"
) -> "Iterator[Miss | None]":
    """One item a code: None, or (steps off, + for late; the clock's error from s; to s;
    tenancy)."""
    key = compartment.key
    for tenancy in range(compartment.tenancy, compartment.tenancy + codes.NEXT_TENANCIES + 1):
        mac = Mac(key)
        for name in classes:
            good = codes.slots(name, moment.now_s, moment.uncertainty_s)
            for away in range(_SLOTS):
                for slot in (good.start - 1 - away, good.stop + away):
                    hit = slot >= 0 and codes.recipient_code(mac, name, slot) == entry.code
                    yield _of_window(codes.window(name, slot), moment, tenancy) if hit else None
        key = codes.next_key(key)


def rotating(
    code: int, code_of: "Callable[[int], int]", moment: "Moment"
) -> "Iterator[Miss | None]":
    """The same for a person's rotating code, nearest steps first. code_of: the code of a step of
    window.STEP_S since 2020.
    """
    here = moment.now_s // window.STEP_S
    good = window.steps(moment.now_s, moment.uncertainty_s)
    for away in range(1, _STEPS + 1):
        for step in (here - away, here + away):
            if step not in good:
                yield _of_step(step, moment) if code_of(step) == code else None


def agree(a: "tuple[int, int]", b: "tuple[int, int]", uncertainty_s: int) -> bool:
    """True when two intervals have an error in common that the clock does not allow for."""
    low, high = max(a[0], b[0]), min(a[1], b[1])
    return low <= high and (low > uncertainty_s or high < -uncertainty_s)


def _of_step(step: int, moment: "Moment") -> "Miss":
    late_s = moment.now_s - step * window.STEP_S
    steps = moment.now_s // window.STEP_S - step
    return steps, late_s - _PAUSE_S, late_s, 0


def _of_window(limits: "tuple[int, int]", moment: "Moment", tenancy: int) -> "Miss":
    start, end = limits
    if moment.now_s >= end:
        off_s = moment.now_s - end + 1
        low, high = off_s, _REACH_S
    else:
        off_s = moment.now_s - start
        low, high = -_REACH_S, off_s
    steps = -(-abs(off_s) // window.STEP_S)
    if abs(off_s) > _REACH_S:
        low, high = 1, 0  # an old code, or one for later, rather than a wrong clock
    return steps if off_s > 0 else -steps, low, high, tenancy
