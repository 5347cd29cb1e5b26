"""All doors of a station: turns contact masks into door steps and decides when a coil may fire.

One coil at a time, a gap between pulses, nothing while the door to be released is moving. ``step``
returns what happened as a list of (action, door, value); while nothing changes it returns the same
empty tuple and touches no door.
"""

from locker.core import faults, ticks
from locker.core.contacts import Contacts
from locker.core.doors import COOLING, FAIL_CLOSED, RELEASING, SECURED, Door, Timers
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
        self._gap_ms = gap_ms
        self._wanted = 0
        self._wanted_until = 0
        self._firing: Door | None = None
        self._free_at = 0
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
        self._free_at = now

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
        return self.door(number).state == SECURED and not self._wanted and not self.halted

    def request(self, number: int, now: int) -> bool:
        """Ask for one authorised release. False, and nothing will fire, when may_release() is
        false.
        """
        if not self.may_release(number):
            return False
        self._wanted = number
        self._wanted_until = ticks.add(now, _REQUEST_MS)
        self._timed = True
        self._next_due = now
        return True

    def clear(self, number: int, now: int) -> bool:
        """Service clear of one door; False when its readings are not good."""
        done = self.door(number).clear(now)
        self._schedule(now)
        return done

    def stop(self, number: int, verdict: int, now: int) -> None:
        """Fail one door closed for a reason outside its contacts (a pulse that ran too long)."""
        self._wanted = 0
        self.door(number).fail_closed(verdict, now)

    def step(self, reeds: int, latches: int, now: int) -> "Sequence[tuple[int, int, int]]":
        """One sample of all contacts (bit d-1 = door d). Call every 10 ms; never raises, whatever
        the levels.
        """
        changed = self._reeds.update(reeds, now) | self._latches.update(latches, now)
        if not changed and not (self._timed and ticks.due(now, self._next_due)):
            return _NOTHING
        self._actions = []
        if changed:
            self._sense(changed, now)
        for door in self.doors:
            if door.tick(now):
                self._note(door)
        self._serve(now)
        self._schedule(now)
        return self._actions

    def _sense(self, changed: int, now: int) -> None:
        for door in self.doors:
            bit = 1 << (door.number - 1)
            if not changed & bit:
                continue
            if self._moves_in_anothers_pulse(door):
                self._wrong_door(door, now)
                continue
            known = bool(self._latches.known & bit) | bool(self._reeds.known & bit) << 1
            level = bool(self._latches.steady & bit) | bool(self._reeds.steady & bit) << 1
            flapping = self._latches.is_flapping(bit) or self._reeds.is_flapping(bit)
            if door.sense(known, level, flapping, now):
                self._note(door)

    def _moves_in_anothers_pulse(self, door: Door) -> bool:
        firing = self._firing
        return firing is not None and firing is not door and door.state == SECURED

    def _wrong_door(self, moved: Door, now: int) -> None:
        fired = self._firing
        for door in (moved, fired):
            if door is not None:
                door.fail_closed(faults.WRONG_DOOR, now)
                self._note(door)
        self._firing = None
        self._wanted = 0

    def _note(self, door: Door) -> None:
        self._actions.append((CHANGED, door.number, door.verdict))
        if door is self._firing and door.state != RELEASING:
            self._firing = None

    def _serve(self, now: int) -> None:
        if self._firing is not None or not ticks.due(now, self._free_at):
            return
        cooled = self._cooled()
        if cooled is not None:
            self._fire(cooled, now)
        elif self._wanted:
            self._serve_request(now)

    def _cooled(self) -> "Door | None":
        for door in self.doors:
            if door.state == COOLING and not door.timed:
                return door
        return None

    def _serve_request(self, now: int) -> None:
        door = self.door(self._wanted)
        if ticks.due(now, self._wanted_until) or self.halted or door.state != SECURED:
            self._wanted = 0
            self._actions.append((EXPIRED, door.number, 0))
        else:
            self._fire(door, now)

    def _fire(self, door: Door, now: int) -> None:
        bit = 1 << (door.number - 1)
        if not self._is_quiet(door, bit) or not door.release(now):
            return
        if self._wanted == door.number:
            self._wanted = 0
        self._firing = door
        self._free_at = ticks.add(door.deadline, self._gap_ms)
        self._actions.append((CHANGED, door.number, door.verdict))
        self._actions.append((FIRE, door.number, 0))

    def _is_quiet(self, door: Door, bit: int) -> bool:
        return (not door.needs_latch or self._latches.is_quiet(bit)) and (
            not door.needs_reed or self._reeds.is_quiet(bit)
        )

    def _schedule(self, now: int) -> None:
        """When the next step has something to do though no contact moves."""
        self._timed = bool(self._wanted)
        self._next_due = now
        if self._wanted:
            return
        for door in self.doors:
            due = door.next_due(now)
            if due is not None and (not self._timed or ticks.diff(due, self._next_due) < 0):
                self._timed = True
                self._next_due = due
