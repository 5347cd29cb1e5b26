"""All doors of a station: turns contact masks into door steps and decides when a coil may fire.

At most K coils at once, a gap between pulses, nothing while the door to be released is moving.
Requests wait in a short queue, first come first served, and one that could not fire in time never
opens anything. ``step`` returns what happened as a list of (action, door, value); while nothing
changes it returns the same empty tuple and touches no door.
"""

from locker.core import faults, ticks
from locker.core.door import Door, Timers
from locker.core.doors import (
    BANK_FAULTS,
    COOLING,
    FAIL_CLOSED,
    MORE_TIME,
    OPEN,
    OPEN_LATE,
    SECURED,
    SHUT,
    UNUSED,
)
from locker.core.pulse_window import Window
from locker.core.sensors import Sensors
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Sequence

FIRE, CHANGED, EXPIRED = range(3)  # value: 0, verdict, 1 for a service release

_REQUEST_MS = const(
    5_000
)  # a request that could not fire by then never opens anything (research/field.md, pain 5)
_QUEUE_MAX = const(
    4
)  # so many windows fit into _REQUEST_MS: a request that is taken gets its turn
_DRIVER_FAULTS = (faults.PULSE_OVERRUN, faults.DRIVER_WELDED)
_NOTHING: tuple[tuple[int, int, int], ...] = ()


class Bank:
    """Doors 1..n. profiles: lock profile of each; gap_ms: pause between the end of one pulse
    window and the next pulse; at_once: doors that may share a pulse; paired: mask of doors with a
    second reed, which must say what the first one says.
    """

    def __init__(  # noqa: PLR0913 - the board's figures, all with defaults
        self,
        profiles: "Sequence[str]",
        timers: Timers,
        gap_ms: int = 150,
        reed_ms: int = 100,
        latch_ms: int = 20,
        at_once: int = 1,
        paired: int = 0,
    ) -> None:
        self.doors = tuple(Door(i + 1, p, timers) for i, p in enumerate(profiles))
        self.sensors = Sensors(len(profiles), reed_ms, latch_ms, paired)
        self.open_ms = timers.state_ms[OPEN] + timers.state_ms[OPEN_LATE]
        self._at_once = at_once
        self._window = Window(gap_ms)
        self._queue: list[tuple[int, int, bool]] = []  # door, until, by service
        self._next_due = 0
        self._timed = True
        self._actions: list[tuple[int, int, int]] = []

    def start(self, granted: int, latched: "Sequence[int]", now: int) -> None:
        """At boot. granted: mask of doors whose open state a stored grant explains; latched: fault
        number of each door.
        """
        for door in self.doors:
            door.start(bool(granted & _bit(door)), latched[door.number - 1], now)
        self._wake(now)

    def door(self, number: int) -> Door:
        """Door 1..n."""
        return self.doors[number - 1]

    @property
    def halted(self) -> bool:
        """True while a fault that casts doubt on the whole harness is not cleared: no releases for
        people at all.
        """
        return any(d.state >= FAIL_CLOSED and d.verdict in BANK_FAULTS for d in self.doors)

    @property
    def cut_off(self) -> bool:
        """True while the drivers themselves are not trusted: not even a service release."""
        return any(d.state == FAIL_CLOSED and d.verdict in _DRIVER_FAULTS for d in self.doors)

    def may_release(self, number: int) -> bool:
        """True when a request for this door would be taken now."""
        door = self.door(number)
        good = door.state == SECURED and door.reading == SHUT and not door.doubted
        return good and self._has_room(number) and not self.halted

    def request(self, number: int, now: int) -> bool:
        """Ask for one authorised release. False, and nothing will fire, when may_release() is
        false.
        """
        if not self.may_release(number):
            return False
        self._enqueue(number, False, now)
        return True

    def may_serve(self, number: int) -> bool:
        """True when a service release of this door would be taken now. What its contacts say does
        not matter: a broken cable must not trap a parcel.
        """
        return self.door(number).may_serve and self._has_room(number) and not self.cut_off

    def serve(self, number: int, now: int) -> bool:
        """Ask for one service release: one pulse, and the door is out of service from here on.
        False, and nothing happens, when may_serve() is false.
        """
        if not self.may_serve(number):
            return False
        door = self.door(number)
        if door.state != FAIL_CLOSED:
            self._fail(door, faults.SERVICE_RELEASED, now)
        door.edge_seen = False
        self._enqueue(number, True, now)
        return True

    def more_time(self, number: int, now: int) -> bool:
        """The person at an open door asks for the whole open time again. False when it is not
        open.
        """
        self._wake(now)
        return self.door(number).apply(MORE_TIME, now)

    def may_clear(self, number: int) -> bool:
        """True when clear() would be taken now."""
        return self.door(number).may_clear

    def clear(self, number: int, now: int) -> bool:
        """Service clear of one door; False when its readings are not good."""
        door = self.door(number)
        if not door.clear(now):
            return False
        self._note(door)
        self._wake(now)
        return True

    def stop(self, number: int, verdict: int, now: int) -> None:
        """Fail one door closed for a reason outside its contacts (a pulse that ran too long)."""
        self._fail(self.door(number), verdict, now)
        self._window.abandon(now)
        self._wake(now)

    def not_fired(self, number: int, now: int) -> None:
        """The coil driver refused the pulse of FIRE: the door stays as it is."""
        door = self.door(number)
        if door.apply(UNUSED, now):
            self._note(door)
        self._window.rest(now)
        self._wake(now)

    def step(
        self, reeds: int, latches: int, now: int, unread: int = 0
    ) -> "Sequence[tuple[int, int, int]]":
        """One sample of all contacts (bit d-1 = door d); unread: doors that it lacks, whose levels
        must be those of the sample before. Call every 10 ms; never raises, whatever the levels.
        """
        changed = self.sensors.update(reeds, latches, now, unread)
        if changed or (self._timed and ticks.due(now, self._next_due)):
            return self._work(changed, now)
        return _NOTHING

    def idle_ms(self, now: int) -> int:
        """For how long step() does nothing while the samples stay as they are; 0 or less: the next
        one may do something.
        """
        left_ms = self.sensors.idle_ms(now)
        return min(left_ms, ticks.diff(self._next_due, now)) if self._timed else left_ms

    def _work(self, changed: int, now: int) -> "Sequence[tuple[int, int, int]]":
        if changed:
            self._sense(changed, now)
        for door in self.doors:
            is_still = not door.doubted or self.sensors.is_still(_bit(door), door.needs)
            if door.tick(is_still, now):
                self._note(door)
        self._window.tick(now)
        self._serve(now)
        self._schedule(now)
        actions, self._actions = self._actions, []
        return actions

    def _sense(self, changed: int, now: int) -> None:
        for door in self.doors:
            if not changed & _bit(door):
                continue
            was_secured = door.state == SECURED
            known, level, flapping = self.sensors.read(_bit(door))
            stepped = door.sense(known, level, flapping, now)
            # A door that cannot be read has not moved.
            told = flapping or known & door.needs == door.needs
            if was_secured and told and self._is_stranger(door):
                self._wrong_door(door, now)
            elif stepped:
                self._note(door)

    def _is_stranger(self, door: Door) -> bool:
        """It moved while the pulse window of another one is open."""
        firing = self._window.firing
        own = firing & _bit(door)
        return bool(firing) and not own and (door.doubted or door.reading != SHUT)

    def _wrong_door(self, moved: Door, now: int) -> None:
        involved = self._window.firing | _bit(moved)
        for door in self.doors:
            if involved & _bit(door):
                self._fail(door, faults.WRONG_DOOR, now)
        self._window.abandon(now)

    def _fail(self, door: Door, verdict: int, now: int) -> None:
        door.fail_closed(verdict, now)
        self._note(door)

    def _note(self, door: Door) -> None:
        self._actions.append((CHANGED, door.number, door.verdict))

    def _has_room(self, number: int) -> bool:
        return len(self._queue) < _QUEUE_MAX and not any(q[0] == number for q in self._queue)

    def _enqueue(self, number: int, by_service: bool, now: int) -> None:
        self._queue.append((number, ticks.add(now, _REQUEST_MS), by_service))
        self._wake(now)

    def _serve(self, now: int) -> None:
        """Give up what may not fire any more, then fire what may."""
        for request in self._queue[:]:
            if self._is_dead(request, now):
                self._queue.remove(request)
                self._actions.append((EXPIRED, request[0], int(request[2])))
        for door in self.doors:
            if door.state == COOLING and (not door.timed or self.halted):
                self._retry(door, now)
        if self._window.busy:
            return
        left = self._at_once
        for request in self._queue[:]:
            if left and self._fires(request, now):
                self._queue.remove(request)
                left -= 1

    def _is_dead(self, request: "tuple[int, int, bool]", now: int) -> bool:
        number, until, by_service = request
        door = self.door(number)
        if by_service:
            dead = door.state != FAIL_CLOSED or door.edge_seen or self.cut_off
        else:
            dead = door.state != SECURED or self.halted
        return dead or ticks.due(now, until)

    def _retry(self, door: Door, now: int) -> None:
        """The further pulse after one that moved nothing; too late is never."""
        if self.halted or door.edge_seen or ticks.diff(now, door.deadline) >= _REQUEST_MS:
            door.apply(UNUSED, now)
            self._note(door)
        elif not self._window.busy and self._is_quiet(door) and door.release(now):
            self._fire(door)

    def _fires(self, request: "tuple[int, int, bool]", now: int) -> bool:
        door = self.door(request[0])
        if request[2]:
            ready = self.sensors.none_moves(_bit(door)) and door.serve(now)
        else:
            ready = not door.doubted and self._is_quiet(door) and door.release(now)
        if ready:
            self._fire(door)
        return ready

    def _fire(self, door: Door) -> None:
        self._window.open(_bit(door), door.deadline)
        self._note(door)
        self._actions.append((FIRE, door.number, 0))

    def _is_quiet(self, door: Door) -> bool:
        return self.sensors.is_quiet(_bit(door), door.needs)

    def _wake(self, now: int) -> None:
        """The next step has something to do, whatever the contacts say."""
        self._timed = True
        self._next_due = now

    def _schedule(self, now: int) -> None:
        """When the next step has something to do though no contact moves."""
        self._timed = False
        if self._queue:
            self._wake(now)
            return
        if self._window.busy:
            self._plan(self._window.ends_at)
        for door in self.doors:
            due = door.next_due(now)
            if due is not None:
                self._plan(due)

    def _plan(self, due: int) -> None:
        if not self._timed or ticks.diff(due, self._next_due) < 0:
            self._timed = True
            self._next_due = due


def _bit(door: Door) -> int:
    """Of this door in a mask."""
    return 1 << (door.number - 1)
