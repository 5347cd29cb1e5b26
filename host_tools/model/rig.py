"""The real bank on adversarial contacts, and the events that both searches of it share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from locker.core import bank as bank_module
from locker.core import door as door_module
from locker.core import doors
from locker.core.bank import Bank
from model.adversary import CHOICES, SETTINGS, Inputs
from model.freeze import NOW
from model.world import World

Event = tuple[str, Callable[[], Any], bool]  # what happens, how, may an honest world do it

_SHUT = "shut"
_PULSED = (doors.RELEASING, doors.SERVING)  # they end with the pulse window


class Rig:
    """bank: real, with its two Contacts replaced. choices: settings of the contacts in play."""

    def __init__(self, bank: Bank, world: World, choices: tuple[str, ...]) -> None:
        self.bank = bank
        self.world = world
        self.latches, self.reeds = Inputs(), Inputs()
        sensors = bank.sensors
        sensors._latches, sensors._reeds = self.latches, self.reeds  # type: ignore[assignment]
        self._choices = choices
        self._shared_only = len(bank.doors) > 1

    @property
    def things(self) -> list[Any]:
        """What is part of the state."""
        return [
            self.bank, self.bank.sensors, self.bank._window, *self.bank.doors, self.latches,
            self.reeds, self.world,
        ]  # fmt: skip

    def unread(self) -> int:
        """Doors whose contacts cannot be read: the grace of three samples is over at once."""
        mask = 0
        for door in self.bank.doors:
            if self.world.setting(door.number) == "untold":
                mask |= 1 << (door.number - 1)
        sensors = self.bank.sensors
        sensors._unread = sensors._unread_before = sensors.dark = mask
        return mask

    # --- contacts ---

    def contact_events(self) -> Iterator[Event]:
        """Every change of the contacts of one door; of both in one sample while a pulse window is
        open: only then does the bank compare doors.
        """
        for door in self.bank.doors:
            yield from self._of_one(door)
        if self._shared_only and self.world.firing:
            for one in self._choices:
                for two in self._choices:
                    said = f"contacts of door 1 {one} and door 2 {two}"
                    yield said, partial(self._put_both, one, two), False

    def _of_one(self, door: Any) -> Iterator[Event]:
        number = door.number
        now_is = self.world.setting(number)
        moving = self.world.moving[number - 1]
        for name in self._choices:
            if name != now_is or moving:
                said = f"door {number}: contacts {name}"
                yield said, partial(self.put, number, name), name == _SHUT
        if self._is_looked_at(door) and not moving and now_is not in ("unsettled", "untold"):
            yield f"door {number}: a contact moves", partial(self._move, door), False

    def put(self, number: int, name: str) -> None:
        """The contacts of a door settle."""
        latch_known, latch, reed_known, reed, flapping = SETTINGS[name]
        bit = 1 << (number - 1)
        self.latches.put(bit, latch_known, latch, flapping)
        self.reeds.put(bit, reed_known, reed, 0)
        self.world.put(number, CHOICES.index(name))

    def _put_both(self, one: str, two: str) -> None:
        self.put(1, one)
        self.put(2, two)

    def _move(self, door: Any) -> None:
        """Odd doors move the bolt, even doors the reed, if they have it: each must count."""
        by_latch = door.needs & 1 and (door.number & 1 or not door.needs & 2)
        inputs = self.latches if by_latch else self.reeds
        inputs.moving |= 1 << (door.number - 1)
        self.world.moving[door.number - 1] = 1

    def _is_looked_at(self, door: Any) -> bool:
        """True while it matters whether a contact moves: later, it may have come to rest."""
        waits = door.state == doors.COOLING or is_waiting(self.bank, door.number)
        return waits or (door.doubted and not self._shared_only)

    def let_rest(self) -> None:
        """Forget movements that nobody looks at."""
        for door in self.bank.doors:
            if door.state == doors.FAIL_CLOSED and not is_waiting(self.bank, door.number):
                door.edge_seen = True  # counts for a service release that waits only
            if self.world.moving[door.number - 1] and not self._is_looked_at(door):
                self.world.moving[door.number - 1] = 0
                self.latches.moving &= ~(1 << (door.number - 1))
                self.reeds.moving &= ~(1 << (door.number - 1))

    # --- timers ---

    def timer_events(self) -> Iterator[Event]:
        """Every timer that runs may be the next to run out."""
        for door in self.bank.doors:
            yield from self._of_door(door)
        window = self.bank._window
        if window.firing:
            yield "the pulse window ends", self._end_window, True
        elif window.resting:
            yield "the pause after the pulse ends", self._end_rest, True
        if self.bank._queue:
            yield "a door step", _nothing, True
        for at, request in enumerate(self.bank._queue):
            yield f"the request for door {request[0]} gets old", partial(self._age, at), True

    def _of_door(self, door: Any) -> Iterator[Event]:
        n = door.number
        # A pulse window and the state of its door end at the same time.
        in_window = self.bank._window.firing >> (n - 1) & 1 and door.state in _PULSED
        if door.timed and not in_window:
            yield f"door {n}: its time runs out", partial(self._expire, door, "deadline"), True
        if door.state == doors.COOLING and not door.timed:
            yield f"door {n}: its retry gets old", partial(self._age_retry, door), True
        if door.doubted:
            yield f"door {n}: the doubt lasts", partial(self._expire, door, "_doubt_until"), True
        if door._inhibits:
            yield f"door {n}: a day is over", partial(self._new_day, door), True

    def _expire(self, thing: Any, field: str) -> None:
        setattr(thing, field, NOW)
        self.bank._wake(NOW)

    def _new_day(self, door: Any) -> None:
        door._inhibits_from = NOW - door_module._DAY_MS
        self.world.inhibits[door.number - 1] = 0
        self.bank._wake(NOW)

    def _end_window(self) -> None:
        window = self.bank._window
        for door in self.bank.doors:
            if window.firing >> (door.number - 1) & 1 and door.state in _PULSED:
                door.deadline = NOW
        self._expire(window, "ends_at")
        self.world.end_window()

    def _end_rest(self) -> None:
        self._expire(self.bank._window, "ends_at")
        self.world.end_rest()

    def _age(self, at: int) -> None:
        number, _, by_service = self.bank._queue[at]
        self.bank._queue[at] = (number, NOW, by_service)
        self.world.run_out(number)
        self.bank._wake(NOW)

    def _age_retry(self, door: Any) -> None:
        door.deadline = NOW - bank_module._REQUEST_MS
        self.world.run_out(door.number)
        self.bank._wake(NOW)


def is_waiting(bank: Bank, number: int) -> bool:
    """True while a request for this door waits its turn."""
    return any(request[0] == number for request in bank._queue)


def _nothing() -> None:
    """An event that is none."""
