"""All doors of a station: turns contact masks into door steps and decides when a coil may fire.

At most K coils at once, a gap between pulses, nothing while the door to be released is moving.
Requests wait in a short queue, first come first served, and one that could not fire in time never
opens anything. ``step`` returns what happened as a list of (action, door, value); while nothing
changes it returns the same empty tuple and touches no door.
"""

from locker.core import faults, ticks
from locker.core.contacts import Contacts
from locker.core.doors import (
    BANK_FAULTS,
    COOLING,
    FAIL_CLOSED,
    MORE_TIME,
    OPEN,
    OPEN_LATE,
    RELEASING,
    SECURED,
    SERVING,
    SHUT,
    UNUSED,
    Door,
    Timers,
)
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
_UNDER_WAY = (RELEASING, SERVING)
_NOTHING: tuple[tuple[int, int, int], ...] = ()


class _Window:
    """The time from a pulse until the next one may start. While it is open for some doors
    (``firing``: their mask), no other door may move; ``resting`` is the pause after it.
    """

    def __init__(self) -> None:
        self.firing = 0
        self.resting = False
        self.ends_at = 0

    def open(self, door: Door) -> None:
        """A pulse on this door has been asked for."""
        self.firing |= 1 << (door.number - 1)
        self.ends_at = door.deadline

    def tick(self, gap_ms: int, now: int) -> None:
        """Close, rest, be free."""
        if self.firing and ticks.due(now, self.ends_at):
            self.rest(gap_ms, now)
        elif self.resting and ticks.due(now, self.ends_at):
            self.resting = False

    def rest(self, gap_ms: int, now: int) -> None:
        """Close now."""
        self.firing = 0
        self.resting = True
        self.ends_at = ticks.add(now, gap_ms)

    @property
    def busy(self) -> bool:
        """True while no other pulse may start; ``ends_at`` is then a deadline."""
        return bool(self.firing) or self.resting


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
        self._reeds = Contacts(len(profiles), reed_ms)
        self._latches = Contacts(len(profiles), latch_ms)
        self._paired = paired
        self._twins = Contacts(len(profiles), reed_ms) if paired else None
        self._twin_changed = 0
        self.dark = 0  # mask of doors whose contacts cannot be read
        self._unread = self._unread_before = (1 << len(profiles)) - 1
        self.open_ms = timers.state_ms[OPEN] + timers.state_ms[OPEN_LATE]
        self._gap_ms = gap_ms
        self._at_once = at_once
        self._window = _Window()
        self._queue: list[tuple[int, int, bool]] = []  # door, until, by service
        self._next_due = 0
        self._timed = True
        self._actions: list[tuple[int, int, int]] = []

    def start(self, granted: int, latched: "Sequence[int]", now: int) -> None:
        """At boot. granted: mask of doors whose open state a stored grant explains; latched: fault
        number of each door.
        """
        for door in self.doors:
            bit = 1 << (door.number - 1)
            door.start(bool(granted & bit), latched[door.number - 1], now)
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
        self._window.rest(self._gap_ms, now)
        self._wake(now)

    def not_fired(self, number: int, now: int) -> None:
        """The coil driver refused the pulse of FIRE: the door stays as it is."""
        door = self.door(number)
        if door.apply(UNUSED, now):
            self._note(door)
        self._window.rest(self._gap_ms, now)
        self._wake(now)

    def recover(self) -> None:
        """A step broke off. A release that it had begun is no longer asked for, and its pulse is
        left to the retry: told as expired and fired later it would be both.
        """
        for at in range(len(self._queue) - 1, -1, -1):
            if self.door(self._queue[at][0]).state in _UNDER_WAY:
                self._queue.pop(at)
        for at in range(len(self._actions) - 1, -1, -1):
            if self._actions[at][0] == FIRE:
                self._actions.pop(at)

    def take_twins(self, reeds: int, now: int) -> None:
        """One sample of the second reeds (bit d-1 = door d). Call before the step it is for."""
        changed = self._twins.update(reeds, now) & self._paired  # type: ignore[union-attr]
        if changed:
            self._twin_changed |= changed
            self._wake(now)

    def step(
        self, reeds: int, latches: int, now: int, unread: int = 0
    ) -> "Sequence[tuple[int, int, int]]":
        """One sample of all contacts (bit d-1 = door d); unread: doors that it lacks, whose levels
        must be those of the sample before. Call every 10 ms; never raises, whatever the levels.
        """
        # Short on purpose: with more than eleven names and operands MicroPython looks for room in
        # the heap at every call, and in a full heap that alone takes longer than the idle step.
        changed = self._reeds.update(reeds, now) | self._latches.update(latches, now)
        if unread | self._unread:
            changed |= self._blind(unread, now)
        if changed or (self._timed and ticks.due(now, self._next_due)):
            return self._work(changed, now)
        return _NOTHING

    def _blind(self, unread: int, now: int) -> int:
        """A sample or two that are missing are no fault; with the third the door is unknown."""
        self.dark = unread & self._unread & self._unread_before
        self._unread_before = self._unread
        self._unread = unread
        lost = self._reeds.blind(self.dark, now) | self._latches.blind(self.dark, now)
        if self._twins is not None:
            lost |= self._twins.blind(self.dark, now) & self._paired
        return lost

    def _work(self, changed: int, now: int) -> "Sequence[tuple[int, int, int]]":
        changed |= self._twin_changed
        if changed:
            self._twin_changed = 0
            self._sense(changed, now)
        for door in self.doors:
            if door.tick(not door.doubted or self._is_still(door), now):
                self._note(door)
        self._window.tick(self._gap_ms, now)
        self._serve(now)
        self._schedule(now)
        actions, self._actions = self._actions, []
        return actions

    def _sense(self, changed: int, now: int) -> None:
        for door in self.doors:
            bit = 1 << (door.number - 1)
            if not changed & bit:
                continue
            was_secured = door.state == SECURED
            known = bool(self._latches.known & bit) | bool(self._reeds.known & bit) << 1
            level = bool(self._latches.steady & bit) | bool(self._reeds.steady & bit) << 1
            if self._paired & bit:
                known, level = self._compare(bit, known, level)
            flapping = any(contacts.is_flapping(bit) for contacts in self._contacts(bit))
            stepped = door.sense(known, level, flapping, now)
            needs = door.needs_latch | door.needs_reed << 1
            # A door that cannot be read has not moved.
            told = flapping or known & needs == needs
            if was_secured and told and self._is_stranger(door):
                self._wrong_door(door, now)
            elif stepped:
                self._note(door)

    def _compare(self, bit: int, known: int, level: int) -> tuple[int, int]:
        """Two reeds: known when both are, and bit 2 of the level when they differ."""
        twins: Contacts = self._twins  # type: ignore[assignment]
        differ = bool((self._reeds.steady ^ twins.steady) & bit)
        return known & (1 | bool(twins.known & bit) << 1), level | differ << 2

    def _contacts(self, bit: int) -> "tuple[Contacts, ...]":
        """All contacts that this door may have."""
        if self._twins is not None and self._paired & bit:
            return self._reeds, self._latches, self._twins
        return self._reeds, self._latches

    def _is_stranger(self, door: Door) -> bool:
        """It moved while the pulse window of another one is open."""
        firing = self._window.firing
        own = firing >> (door.number - 1) & 1
        return bool(firing) and not own and (door.doubted or door.reading != SHUT)

    def _wrong_door(self, moved: Door, now: int) -> None:
        involved = self._window.firing | 1 << (moved.number - 1)
        for door in self.doors:
            if involved >> (door.number - 1) & 1:
                self._fail(door, faults.WRONG_DOOR, now)
        self._window.rest(self._gap_ms, now)

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
            ready = self._none_moves(door) and door.serve(now)
        else:
            ready = not door.doubted and self._is_quiet(door) and door.release(now)
        if ready:
            self._fire(door)
        return ready

    def _fire(self, door: Door) -> None:
        self._window.open(door)
        self._note(door)
        self._actions.append((FIRE, door.number, 0))

    def _is_still(self, door: Door) -> bool:
        """No contact of this door is moving; one that cannot be read is not."""
        return bool(self.dark >> (door.number - 1) & 1) or self._is_quiet(door)

    def _none_moves(self, door: Door) -> bool:
        """No contact of this door that can be told is moving. What flaps or is dark cannot."""
        bit = 1 << (door.number - 1)
        if self._unread & bit:
            return bool(self.dark & bit)
        return not any(
            contacts.known & bit and not contacts.is_quiet(bit) for contacts in self._contacts(bit)
        )

    def _is_quiet(self, door: Door) -> bool:
        """All contacts that this door needs are known, read at this moment, and not moving."""
        bit = 1 << (door.number - 1)
        if self._unread & bit:
            return False
        if self._twins is not None and self._paired & bit and not self._twins.is_quiet(bit):
            return False
        return (not door.needs_latch or self._latches.is_quiet(bit)) and (
            not door.needs_reed or self._reeds.is_quiet(bit)
        )

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
