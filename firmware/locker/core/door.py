"""One door: its state in the door table, its timers, and what of its contacts it believes.

Nothing here reads a clock or drives a pin: entering RELEASING or SERVING means "fire", and the
bank does that.
"""

from locker.core import faults, ticks
from locker.core.doors import (
    BANK_FAULTS,
    CLEAR,
    CONFLICT,
    COOLING,
    FAIL_CLOSED,
    FLAPPING,
    INHIBITED,
    KEEP,
    MISSED,
    MISSED_LAST,
    OPEN,
    OPEN_LATE,
    OPENED,
    OPENED_GRANTED,
    READINGS,
    RELEASE,
    RELEASED,
    RELEASING,
    RELOCKING,
    SECURED,
    SERVE,
    SERVING,
    SHUT,
    STARTING,
    STAY,
    STEADY,
    STEADY_OPEN,
    TIMEOUT,
    UNLATCHED,
    UNLATCHED_GRANTED,
    UNTOLD,
    UNUSED,
    follows,
    verdict_of,
)
from micropython import const

_DAY_MS = const(86_400_000)
# States a service release waits for the end of: a pulse or a person is at work, and the door's own
# timers end each of them.
_BUSY = (STARTING, RELEASING, COOLING, RELEASED, OPEN, OPEN_LATE, RELOCKING, SERVING)
_ALARMS = (
    faults.AJAR, faults.HELD_OPEN, faults.FORCED_OPEN, faults.FOUND_OPEN, faults.CONFLICT,
    faults.INHIBITED_TOO_OFTEN, faults.JAMMED, faults.WRONG_DOOR, faults.PULSE_OVERRUN,
    faults.DRIVER_WELDED,
)  # fmt: skip
# Somebody still stands before the door: a pull that comes late is theirs.
_STILL_GRANTED = (faults.JAMMED, faults.NOT_PULLED)

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
        self._profile, self.needs = READINGS[profile]
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
        if known & self.needs == self.needs:
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

    def withdraw(self) -> None:
        """End the grant that outlives a door which stuck or was not pulled: from here on it opens
        by force. A door in any other state keeps its grant.
        """
        if self.state == SECURED:
            self.granted = self.timed = False

    def clear(self, now: int) -> bool:
        """Service clear: only with good readings. True when the door is secured again."""
        return self.may_clear and self.apply(CLEAR, now)

    @property
    def may_clear(self) -> bool:
        """True when a service clear would be taken now."""
        listed = follows(self.state, CLEAR) != STAY
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
        after = follows(self.state, event)
        if after == STAY:
            return False
        if after == INHIBITED and self._inhibited_too_often(now):
            self._enter(FAIL_CLOSED, faults.INHIBITED_TOO_OFTEN, now)
        else:
            self._enter(after, verdict_of(self.state, event), now)
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
            self._arm(INHIBITED, now)  # steady means: nothing changed for the whole time
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
        if verdict != KEEP:
            self.verdict = verdict
        if state == FAIL_CLOSED or (state == SECURED and verdict not in _STILL_GRANTED):
            self.granted = False
        self._arm(state, now)
        self.state = state  # last: a state is never without its timer, even when this breaks off

    def _arm(self, state: int, now: int) -> None:
        limit_ms = self._timers.state_ms[state]
        self.timed = limit_ms > 0 and (state != SECURED or self.granted)
        self.deadline = ticks.add(now, limit_ms)

    def _inhibited_too_often(self, now: int) -> bool:
        if not self._inhibits:
            self._inhibits_from = now
        self._inhibits += 1
        return self._inhibits > self.INHIBITS_A_DAY
