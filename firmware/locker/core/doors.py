"""One door as a table: what two contacts mean, and what each state makes of it.

``READINGS`` turns the steady contacts into a reading by lock profile; ``rows()`` is the whole
behaviour: (state, event) -> (state, verdict). A pair that is not listed changes nothing. Verdicts
are fault numbers; NONE is an ordinary step, KEEP leaves the first cause. Nothing here reads a
clock or drives a pin: entering RELEASING or SERVING means "fire", and the bank does that.
"""

from locker.core import faults, ticks
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
_DAY_MS = const(86_400_000)
# States a service release waits for the end of: a pulse or a person is at work, and the door's own
# timers end each of them.
_BUSY = (STARTING, RELEASING, COOLING, RELEASED, OPEN, OPEN_LATE, RELOCKING, SERVING)
# Faults of the station's drivers or harness, not of one door. They outrank a door's own cause.
BANK_FAULTS = (faults.WRONG_DOOR, faults.PULSE_OVERRUN, faults.DRIVER_WELDED)
_ALARMS = (
    faults.AJAR, faults.HELD_OPEN, faults.FORCED_OPEN, faults.FOUND_OPEN, faults.CONFLICT,
    faults.INHIBITED_TOO_OFTEN, faults.JAMMED, faults.WRONG_DOOR, faults.PULSE_OVERRUN,
    faults.DRIVER_WELDED,
)  # fmt: skip
# Somebody still stands before the door: a pull that comes late is theirs.
_STILL_GRANTED = (faults.JAMMED, faults.NOT_PULLED)
_STAY = const(255)


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


# What the site may set, with the defaults in s.
SITE = (("pull_s", 15), ("open_s", 120), ("alarm_s", 30), ("ajar_s", 60))


class Timers:
    """How long each state may last, in ms, and when a contradiction counts. Defaults with their
    reasons.

    secured: how long a grant outlives a door that stuck or was not pulled, so that a late pull is
    no break-in. cool: coils of locker locks are rated for 10 % duty or less. pull: IEC 60839-11-1
    leaves the release time to the site; 15 s suits slow hands. open_late: two minutes for a
    courier with a trolley, then 30 s pre-alarm (ONVIF's OpenTooLong with PreAlarm). contradict:
    longer than the slower of two debounces, so that a door that moves is not a conflict.
    """

    def __init__(
        self,
        release_ms: int = 600,
        contradict_ms: int = 500,
        site: "dict[str, int] | None" = None,
    ) -> None:
        """site: what station.json says of SITE, in s, within the bounds of settings.check."""
        self.contradict_ms = contradict_ms
        pull_s, open_s, alarm_s, ajar_s = [(site or {}).get(name, s) for name, s in SITE]
        self.state_ms = (
            5_000, 60_000, release_ms, 2_000, pull_s * 1000,
            open_s * 1000, alarm_s * 1000, 0, 3_000, ajar_s * 1000, 0, 5_000, 0, release_ms,
        )  # fmt: skip


class Door:
    """State of one door. profile: a key of READINGS. retries: further pulses after one that moved
    nothing.
    """

    INHIBITS_A_DAY = 3

    def __init__(self, number: int, profile: str, timers: Timers, retries: int = 1) -> None:
        self.number = number
        self.state = STARTING
        self.verdict = faults.NONE
        self.granted = False
        self.reading = UNTOLD
        self.edge_seen = False
        self.tries_left = 0
        self.deadline = 0
        self.timed = False
        self._profile, self._needs = READINGS[profile]
        self.needs_latch = bool(self._needs & 1)
        self.needs_reed = bool(self._needs & 2)
        self._timers = timers
        self._retries = retries
        self._doubt = UNTOLD
        self._doubt_until = 0
        self.doubted = False
        self._inhibits = 0
        self._inhibits_from = 0

    def start(self, granted: bool, latched: int, now: int) -> None:
        """At boot. granted: a stored grant explains an open door; latched: fault number it was
        failed closed for, or NONE.
        """
        self.granted = granted
        self._enter(FAIL_CLOSED if latched else STARTING, latched, now)

    def sense(self, known: int, level: int, flapping: bool, now: int) -> bool:
        """Take steady contacts. known, level: bit 0 latch (1 locked), bit 1 reed (1 closed); bit 2
        of level: its two reeds differ. True when the state changed.
        """
        if known & self._needs == self._needs:
            reading = CONFLICT if level & 4 else self._profile[level]
        else:
            reading = FLAPPING if flapping else UNTOLD
        if reading == self.reading and not self.doubted:
            return False
        self.edge_seen = True
        if reading in (CONFLICT, UNTOLD):
            return self._start_doubt(reading, now)
        self.doubted = False
        return self._read(reading, now)

    def tick(self, quiet: bool, now: int) -> bool:
        """Let timers run out. True when the state changed. A cooled door waits for the bank.

        quiet: no contact of this door is moving: only then may a contradiction be believed, so
        that a step that comes late does not make one of an ordinary closing.
        """
        if self._inhibits and ticks.diff(now, self._inhibits_from) >= _DAY_MS:
            self._inhibits = 0
        if self.doubted and quiet and ticks.due(now, self._doubt_until):
            self.doubted = False
            return self._read(self._doubt, now)
        if not self.timed or not ticks.due(now, self.deadline):
            return False
        self.timed = False
        if self.state == SECURED:
            self.granted = False
            return False
        return self.apply(self._timeout_event(), now)

    def next_due(self, now: int) -> "int | None":
        """When tick() has something to do next; None while no timer runs. A cooled door waits for
        the bank: now.
        """
        if self.state == COOLING and not self.timed:
            return now
        if self.doubted and (not self.timed or ticks.diff(self._doubt_until, self.deadline) < 0):
            return self._doubt_until
        if self.timed:
            return self.deadline
        return ticks.add(self._inhibits_from, _DAY_MS) if self._inhibits else None

    def release(self, now: int) -> bool:
        """A granted release from SECURED, or the retry from COOLING. True when the coil is to be
        fired.
        """
        if self.state == SECURED:
            self.tries_left = self._retries
        if not self.apply(RELEASE, now):
            return False
        self.granted = True
        self.edge_seen = False
        return True

    def clear(self, now: int) -> bool:
        """Service clear: only with good readings. True when the door is secured again."""
        return self.may_clear and self.apply(CLEAR, now)

    @property
    def may_clear(self) -> bool:
        """True when a service clear would be taken now."""
        listed = _following[self.state * _EVENTS + CLEAR] != _STAY
        return listed and self.reading == SHUT and not self.doubted

    def fail_closed(self, verdict: int, now: int) -> None:
        """Latched shut for a reason from outside the contacts. The first cause is kept."""
        caused = self.state in (INHIBITED, FAIL_CLOSED, SERVING) and verdict not in BANK_FAULTS
        self._enter(FAIL_CLOSED, KEEP if caused else verdict, now)

    def serve(self, now: int) -> bool:
        """The pulse of a service release. True when the coil is to be fired."""
        return self.apply(SERVE, now)

    @property
    def may_serve(self) -> bool:
        """False while a pulse or a person is at work."""
        return self.state not in _BUSY

    @property
    def alarm(self) -> int:
        """The fault that somebody should be told of now; 0 while there is none."""
        return self.verdict if self.verdict in _ALARMS else faults.NONE

    def apply(self, event: int, now: int) -> bool:
        """One row of the table. True when the state changed; an unlisted event changes nothing."""
        index = self.state * _EVENTS + event
        after = _following[index]
        if after == _STAY:
            return False
        if after == INHIBITED and self._inhibited_too_often(now):
            self._enter(FAIL_CLOSED, faults.INHIBITED_TOO_OFTEN, now)
        else:
            self._enter(after, _verdicts[index], now)
        return True

    def _start_doubt(self, reading: int, now: int) -> bool:
        if not self.doubted or self._doubt != reading:
            self.doubted = True
            self._doubt = reading
            self._doubt_until = ticks.add(now, self._timers.contradict_ms)
        return False

    def _read(self, reading: int, now: int) -> bool:
        self.reading = reading
        if self.state == INHIBITED:
            self._arm(now)  # steady means: nothing changed for the whole time
        event = reading
        if self.granted and reading == OPENED:
            event = OPENED_GRANTED
        elif self.granted and reading == UNLATCHED:
            event = UNLATCHED_GRANTED
        return self.apply(event, now)

    def _timeout_event(self) -> int:
        if self.state == RELEASING:
            if self.edge_seen:
                return UNUSED
            self.tries_left -= 1
            return MISSED if self.tries_left >= 0 else MISSED_LAST
        if self.state == INHIBITED:
            if self.reading == SHUT and not self.doubted:
                return STEADY
            if self.reading == OPENED and not self.granted and self.verdict != faults.FOUND_OPEN:
                return STEADY_OPEN
        return TIMEOUT

    def _enter(self, state: int, verdict: int, now: int) -> None:
        self.state = state
        if verdict != KEEP:
            self.verdict = verdict
        if state == FAIL_CLOSED or (state == SECURED and verdict not in _STILL_GRANTED):
            self.granted = False
        self._arm(now)

    def _arm(self, now: int) -> None:
        limit_ms = self._timers.state_ms[self.state]
        self.timed = limit_ms > 0 and (self.state != SECURED or self.granted)
        self.deadline = ticks.add(now, limit_ms)

    def _inhibited_too_often(self, now: int) -> bool:
        if not self._inhibits:
            self._inhibits_from = now
        self._inhibits += 1
        return self._inhibits > self.INHIBITS_A_DAY
