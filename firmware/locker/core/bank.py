"""All doors of a station: turns contact masks into door steps and decides when a coil may fire.

One coil at a time, a gap between pulses, nothing while the door to be released is moving. ``step``
returns what happened as a list of (action, door, value); while nothing changes it returns the same
empty tuple and touches no door.
"""

from locker.core import faults, ticks
from locker.core.contacts import Contacts
from locker.core.doors import COOLING, FAIL_CLOSED, SECURED, SHUT, UNUSED, Door, Timers
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Sequence

FIRE, CHANGED, EXPIRED = range(3)  # value: 0, verdict, 0

_REQUEST_MS = const(
    5_000
)  # a request that could not fire by then never opens anything (research/field.md, pain 5)
_NOTHING: tuple[tuple[int, int, int], ...] = ()
_BANK_FAULTS = (faults.WRONG_DOOR, faults.PULSE_OVERRUN)


class _Window:
    """The time from a pulse until the next one may start. While it is open for a door, no other
    door may move; ``resting`` is the pause after it.
    """

    def __init__(self) -> None:
        self.door: Door | None = None
        self.resting = False
        self.ends_at = 0

    def open(self, door: Door) -> None:
        """A pulse on this door has been asked for."""
        self.door = door
        self.ends_at = door.deadline

    def tick(self, gap_ms: int, now: int) -> None:
        """Close, rest, be free."""
        if self.door is not None and ticks.due(now, self.ends_at):
            self.rest(gap_ms, now)
        elif self.resting and ticks.due(now, self.ends_at):
            self.resting = False

    def rest(self, gap_ms: int, now: int) -> None:
        """Close now."""
        self.door = None
        self.resting = True
        self.ends_at = ticks.add(now, gap_ms)

    @property
    def busy(self) -> bool:
        """True while no other pulse may start; ``ends_at`` is then a deadline."""
        return self.door is not None or self.resting


class Bank:
    """Doors 1..n. profiles: lock profile of each; gap_ms: pause between the end of one pulse
    window and the next pulse.
    """

    def __init__(
        self,
        profiles: "Sequence[str]",
        timers: Timers,
        gap_ms: int = 150,
        reed_ms: int = 100,
        latch_ms: int = 20,
    ) -> None:
        self.doors = tuple(Door(i + 1, p, timers) for i, p in enumerate(profiles))
        self._reeds = Contacts(len(profiles), reed_ms)
        self._latches = Contacts(len(profiles), latch_ms)
        self.dark = 0  # mask of doors whose contacts cannot be read
        self._unread = self._unread_before = (1 << len(profiles)) - 1
        self._gap_ms = gap_ms
        self._window = _Window()
        self._wanted = 0
        self._wanted_until = 0
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
        """True while a fault that casts doubt on the whole harness is not cleared: no releases at
        all.
        """
        return any(d.state == FAIL_CLOSED and d.verdict in _BANK_FAULTS for d in self.doors)

    def may_release(self, number: int) -> bool:
        """True when a request for this door would be taken now."""
        door = self.door(number)
        good = door.state == SECURED and door.reading == SHUT and not door.doubted
        return good and not self._wanted and not self.halted

    def request(self, number: int, now: int) -> bool:
        """Ask for one authorised release. False, and nothing will fire, when may_release() is
        false.
        """
        if not self.may_release(number):
            return False
        self._wanted = number
        self._wanted_until = ticks.add(now, _REQUEST_MS)
        self._wake(now)
        return True

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
        self._give_up_request()
        self._wake(now)

    def not_fired(self, number: int, now: int) -> None:
        """The coil driver refused the pulse of FIRE: the door stays as it is."""
        door = self.door(number)
        if door.apply(UNUSED, now):
            self._note(door)
        self._window.rest(self._gap_ms, now)
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
        return self._reeds.blind(self.dark, now) | self._latches.blind(self.dark, now)

    def _work(self, changed: int, now: int) -> "Sequence[tuple[int, int, int]]":
        if changed:
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
            flapping = self._latches.is_flapping(bit) or self._reeds.is_flapping(bit)
            stepped = door.sense(known, level, flapping, now)
            needs = door.needs_latch | door.needs_reed << 1
            # A door that cannot be read has not moved.
            told = flapping or known & needs == needs
            if was_secured and told and self._is_stranger(door):
                self._wrong_door(door, now)
            elif stepped:
                self._note(door)

    def _is_stranger(self, door: Door) -> bool:
        """It moved while the pulse window of another one is open."""
        firing = self._window.door
        return firing is not None and firing is not door and (door.doubted or door.reading != SHUT)

    def _wrong_door(self, moved: Door, now: int) -> None:
        fired = self._window.door
        for door in (moved, fired):
            if door is not None:
                self._fail(door, faults.WRONG_DOOR, now)
        self._window.rest(self._gap_ms, now)
        self._give_up_request()

    def _fail(self, door: Door, verdict: int, now: int) -> None:
        door.fail_closed(verdict, now)
        self._note(door)

    def _give_up_request(self) -> None:
        if self._wanted:
            self._actions.append((EXPIRED, self._wanted, 0))
            self._wanted = 0

    def _note(self, door: Door) -> None:
        self._actions.append((CHANGED, door.number, door.verdict))

    def _serve(self, now: int) -> None:
        wanted = self.door(self._wanted) if self._wanted else None
        if wanted is not None and (
            ticks.due(now, self._wanted_until) or self.halted or wanted.state != SECURED
        ):
            self._give_up_request()
            wanted = None
        if self._window.busy or self.halted:
            return
        door = self._cooled() or wanted
        if door is not None and self._is_quiet(door) and door.release(now):
            self._fire(door)

    def _cooled(self) -> "Door | None":
        for door in self.doors:
            if door.state == COOLING and not door.timed:
                return door
        return None

    def _fire(self, door: Door) -> None:
        if self._wanted == door.number:
            self._wanted = 0
        self._window.open(door)
        self._note(door)
        self._actions.append((FIRE, door.number, 0))

    def _is_still(self, door: Door) -> bool:
        """No contact of this door is moving; one that cannot be read is not."""
        return bool(self.dark >> (door.number - 1) & 1) or self._is_quiet(door)

    def _is_quiet(self, door: Door) -> bool:
        """All contacts that this door needs are known, read at this moment, and not moving."""
        bit = 1 << (door.number - 1)
        if self._unread & bit:
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
        if self._wanted:
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
