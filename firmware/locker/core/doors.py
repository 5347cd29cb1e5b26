"""The door table: what two contacts mean, and what each state makes of it.

``READINGS`` turns the steady contacts into a reading by lock profile; ``rows()`` is the whole
behaviour: (state, event) -> (state, verdict). A pair that is not listed changes nothing. Verdicts
are fault numbers; NONE is an ordinary step, KEEP leaves the first cause.
"""

from locker.core import faults
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterator

# States.
STARTING, SECURED, RELEASING, COOLING, RELEASED = range(5)
OPEN, OPEN_LATE, OPEN_ALARM, RELOCKING = range(5, 9)
LOOSE, LOOSE_ALARM, INHIBITED, FAIL_CLOSED, SERVING = range(9, 14)
STATE_NAMES = (
    "starting", "secured", "releasing", "cooling", "released", "open", "open_late", "open_alarm",
    "relocking", "loose", "loose_alarm", "inhibited", "fail_closed",
    "serving",
)  # fmt: skip

# Events. The first six are readings.
SHUT, UNLATCHED, OPENED, CONFLICT, UNTOLD, FLAPPING = range(6)
OPENED_GRANTED, UNLATCHED_GRANTED, TIMEOUT, STEADY, RELEASE = range(6, 11)
MISSED, MISSED_LAST, UNUSED, CLEAR = range(11, 15)
SERVE, MORE_TIME, STEADY_OPEN = range(15, 18)

KEEP = const(255)  # in the place of a verdict: the one before stays

# (door, lock) of each reading as the wire tells them; a reading that is in doubt is never told as
# the last good one.
PHYSICAL = (
    ("closed", "locked"), ("closed", "unlocked"), ("open", "unlocked"), ("fault", "fault"),
    ("unknown", "unknown"), ("unknown", "unknown"),
)  # fmt: skip

# Lock profiles: reading by (reed closed) * 2 + (bolt locked); needs: which contacts must be known
# (1 latch, 2 reed).
READINGS = {
    "rotary": (bytes((OPENED, CONFLICT, UNLATCHED, SHUT)), 3),
    "slam_bolt": (bytes((OPENED, OPENED, UNLATCHED, SHUT)), 3),
    "lock_contact_only": (bytes((OPENED, SHUT, OPENED, SHUT)), 1),
    "door_contact_only": (bytes((OPENED, OPENED, SHUT, SHUT)), 2),
}

# Flat bytes: as tuples the table would hold 6 KB of the heap.
_ORDINARY = bytes((
    STARTING, SHUT, SECURED, faults.NONE,
    STARTING, UNLATCHED, LOOSE, faults.NOT_LATCHED,
    STARTING, UNLATCHED_GRANTED, LOOSE, faults.NOT_LATCHED,
    STARTING, OPENED, INHIBITED, faults.FOUND_OPEN,
    STARTING, OPENED_GRANTED, OPEN, faults.NONE,
    STARTING, TIMEOUT, INHIBITED, faults.SENSOR_LOST,
    SECURED, RELEASE, RELEASING, faults.NONE,
    SECURED, UNLATCHED_GRANTED, RELEASED, faults.NONE,
    SECURED, OPENED_GRANTED, OPEN, faults.NONE,
    SECURED, UNLATCHED, LOOSE, faults.NOT_LATCHED,
    SECURED, OPENED, FAIL_CLOSED, faults.FORCED_OPEN,
    RELEASING, UNLATCHED_GRANTED, RELEASED, faults.NONE,
    RELEASING, OPENED_GRANTED, OPEN, faults.NONE,
    RELEASING, UNUSED, SECURED, faults.NOT_PULLED,
    RELEASING, MISSED, COOLING, faults.NO_RELEASE,
    RELEASING, MISSED_LAST, SECURED, faults.JAMMED,
    COOLING, UNLATCHED_GRANTED, RELEASED, faults.NONE,
    COOLING, OPENED_GRANTED, OPEN, faults.NONE,
    COOLING, RELEASE, RELEASING, faults.NONE,
    COOLING, UNUSED, SECURED, faults.JAMMED,
    RELEASED, OPENED_GRANTED, OPEN, faults.NONE,
    RELEASED, SHUT, SECURED, faults.NOT_PULLED,
    RELEASED, TIMEOUT, LOOSE, faults.NOT_OPENED,
    OPEN, SHUT, SECURED, faults.NONE,
    OPEN, UNLATCHED_GRANTED, RELOCKING, faults.NONE,
    OPEN, TIMEOUT, OPEN_LATE, faults.HELD_OPEN_SOON,
    OPEN, MORE_TIME, OPEN, faults.NONE,
    OPEN_LATE, SHUT, SECURED, faults.NONE,
    OPEN_LATE, UNLATCHED_GRANTED, RELOCKING, faults.NONE,
    OPEN_LATE, TIMEOUT, OPEN_ALARM, faults.HELD_OPEN,
    OPEN_LATE, MORE_TIME, OPEN, faults.NONE,
    OPEN_ALARM, SHUT, SECURED, faults.NONE,
    OPEN_ALARM, UNLATCHED_GRANTED, RELOCKING, faults.NONE,
    OPEN_ALARM, MORE_TIME, OPEN, faults.NONE,
    RELOCKING, SHUT, SECURED, faults.NONE,
    RELOCKING, OPENED_GRANTED, OPEN, faults.NONE,
    RELOCKING, TIMEOUT, LOOSE, faults.NOT_LATCHED,
    LOOSE, SHUT, SECURED, faults.NONE,
    LOOSE, OPENED_GRANTED, OPEN, faults.NONE,
    LOOSE, OPENED, FAIL_CLOSED, faults.FORCED_OPEN,
    LOOSE, TIMEOUT, LOOSE_ALARM, faults.AJAR,
    LOOSE_ALARM, SHUT, SECURED, faults.NONE,
    LOOSE_ALARM, OPENED_GRANTED, OPEN, faults.NONE,
    LOOSE_ALARM, OPENED, FAIL_CLOSED, faults.FORCED_OPEN,
    INHIBITED, STEADY, SECURED, faults.NONE,
    INHIBITED, STEADY_OPEN, FAIL_CLOSED, faults.FORCED_OPEN,
    INHIBITED, CONFLICT, FAIL_CLOSED, faults.CONFLICT,
    INHIBITED, CLEAR, SECURED, faults.NONE,
    FAIL_CLOSED, CLEAR, SECURED, faults.NONE,
    FAIL_CLOSED, SERVE, SERVING, KEEP,
    SERVING, TIMEOUT, FAIL_CLOSED, KEEP,
    SERVING, UNUSED, FAIL_CLOSED, KEEP,
))  # fmt: skip

# Whatever a door was doing, contacts that contradict or cannot be told end it.
_DISTRUST = bytes((
    CONFLICT, FAIL_CLOSED, faults.CONFLICT,
    UNTOLD, INHIBITED, faults.SENSOR_LOST,
    FLAPPING, INHIBITED, faults.FLAPPING,
))  # fmt: skip

_EVENTS = const(18)
STAY = const(255)  # in the place of a state: the pair is not listed
# Faults of the station's drivers or harness, not of one door. They outrank a door's own cause.
BANK_FAULTS = (faults.WRONG_DOOR, faults.PULSE_OVERRUN, faults.DRIVER_WELDED)


def rows() -> "Iterator[tuple[int, int, int, int]]":
    """The whole table: (state, event, next state, verdict)."""
    for i in range(0, len(_ORDINARY), 4):
        yield _ORDINARY[i], _ORDINARY[i + 1], _ORDINARY[i + 2], _ORDINARY[i + 3]
    for state in range(STARTING, INHIBITED):
        for i in range(0, len(_DISTRUST), 3):
            yield state, _DISTRUST[i], _DISTRUST[i + 1], _DISTRUST[i + 2]


def _compile() -> tuple[bytearray, bytearray]:
    following = bytearray(b"\xff" * (_EVENTS * len(STATE_NAMES)))
    verdicts = bytearray(len(following))
    for state, event, after, verdict in rows():
        following[state * _EVENTS + event] = after
        verdicts[state * _EVENTS + event] = verdict
    return following, verdicts


_following, _verdicts = _compile()


def follows(state: int, event: int) -> int:
    """The state after an event; STAY when the table does not list the pair."""
    return _following[state * _EVENTS + event]


def verdict_of(state: int, event: int) -> int:
    """What a listed pair means; KEEP when the verdict before stays."""
    return _verdicts[state * _EVENTS + event]
