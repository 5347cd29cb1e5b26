"""What must be true after every event. Numbers are those of the list in README.md."""

from __future__ import annotations

from typing import Any

from locker.core import doors, ticks
from locker.core.bank import Bank
from locker.core.doors import (
    COOLING,
    FAIL_CLOSED,
    INHIBITED,
    RELEASING,
    SECURED,
    SERVING,
    SHUT,
    STARTING,
)
from model.freeze import UNCOUNTED
from model.search import Violation
from model.world import FREE, MOVED, PULSES, WHY, World

_FREED = (doors.RELEASED, doors.OPEN, doors.OPEN_LATE, doors.OPEN_ALARM, doors.RELOCKING)


class Before:
    """What a rule needs to know of the state before the event."""

    def __init__(self, bank: Bank, world: World) -> None:
        self.states = tuple(door.state for door in bank.doors)
        self.stepped_from = self.states
        self.contacts = tuple(world.contacts)
        self.doubted = tuple(door.doubted for door in bank.doors)
        self.firing = world.firing
        self.cleared = 0  # the door that a service clear was taken for
        self.shut = tuple(world.is_shut(door.number) for door in bank.doors)

    def now_are(self, bank: Bank) -> None:
        """Another door step of the same event begins; ``check`` still asks about the first."""
        self.stepped_from = tuple(door.state for door in bank.doors)


def demand(true: object, what: str) -> None:
    """Raise Violation unless it holds."""
    if not true:
        raise Violation(what)


def fire(bank: Bank, world: World, number: int) -> None:
    """Rules of a pulse, at the moment of the pulse."""
    if bank.door(number).state == SERVING:
        serve(bank, world, number)
        return
    left = world.pulses_left[number - 1]
    demand(left > 0, f"1 door {number} fired {WHY[-left]}")
    demand(world.window == FREE, "4 a pulse began in the window or the pause of another")
    demand(
        world.is_shut(number),
        f"7 door {number} fired while its contacts are {world.setting(number)}"
        + (" and moving" if world.moving[number - 1] else ""),
    )
    demand(not bank.halted, f"8 door {number} fired while the bank is halted")
    world.fire(number)


def serve(bank: Bank, world: World, number: int) -> None:
    """Rules of a pulse for service."""
    demand(world.served[number - 1], f"1 door {number} was served without an authorisation")
    demand(world.window == FREE, "4 a pulse began in the window or the pause of another")
    demand(not bank.cut_off, f"8 door {number} was served while the drivers are cut off")
    world.serve(number)


def request(bank: Bank, world: World, number: int) -> None:
    """Rules of a request that was taken."""
    demand(world.reading(number) == SHUT, f"9 a request for door {number} was taken unsecured")
    demand(not bank.halted, "8 a request was taken while the bank is halted")
    demand(world.pulses_left[number - 1] < PULSES, f"9 door {number} was promised twice")
    world.pulses_left[number - 1] = PULSES


def clear(world: World, number: int) -> None:
    """Rules of a service clear that was taken."""
    demand(world.reading(number) == SHUT, f"10 door {number} was cleared with bad readings")


def check(bank: Bank, world: World, before: Before) -> None:
    """All rules of a state."""
    for door in bank.doors:
        _check_door(world, door, before)
        _check_exit(world, door, before)
        _check_doubt(world, door, before)
        _count_inhibits(world, door, before)
    _check_strangers(bank, world, before)
    _check_wake(bank)


def _check_door(world: World, door: Any, before: Before) -> None:
    number, state, reading = door.number, door.state, world.reading(door.number)
    if state == SECURED:
        demand(reading == SHUT or door.doubted, f"11 door {number} is secured, contacts are not")
    if world.setting(number) != "unsettled" and reading not in (
        doors.SHUT,
        doors.UNLATCHED,
        doors.OPENED,
    ):
        acted = door.doubted or state in (INHIBITED, FAIL_CLOSED, STARTING, SERVING)
        demand(acted, f"12 door {number} lives on with contacts {world.setting(number)}")
    if state in _FREED:
        demand(world.grant[number - 1], f"13 door {number} is taken as released without a grant")
    if reading == doors.CONFLICT and not door.doubted:
        demand(
            state in (FAIL_CLOSED, SERVING), f"12 door {number} did not fail closed on a conflict"
        )


def _check_exit(world: World, door: Any, before: Before) -> None:
    number, state = door.number, door.state
    was = before.states[number - 1]
    missed = was == RELEASING and state == COOLING
    demand(
        not missed or world.pulses_left[number - 1] != MOVED,
        f"1 door {number} has moved, and its pulse counts as missed",
    )
    if was == SERVING:
        demand(state in (SERVING, FAIL_CLOSED), f"10 door {number} left a service release alive")
    if was == FAIL_CLOSED and state not in (FAIL_CLOSED, SERVING):
        demand(before.cleared == number, f"10 door {number} left fail_closed without a clear")
    if was == INHIBITED and state not in (INHIBITED, FAIL_CLOSED, SERVING):
        demand(state == SECURED, f"15 door {number} left inhibited for {state}")
        demand(world.is_shut(number), f"15 door {number} left inhibited with bad readings")


def _check_doubt(world: World, door: Any, before: Before) -> None:
    at = door.number - 1
    same = before.contacts[at] == world.contacts[at] and before.doubted[at]
    demand(
        not (same and world.moving[at] and not door.doubted),
        f"12 door {door.number} believed a contradiction while a contact moves",
    )


def _count_inhibits(world: World, door: Any, before: Before) -> None:
    at = door.number - 1
    if world.inhibits_limit == UNCOUNTED:
        return
    if door.state == INHIBITED and before.states[at] != INHIBITED:
        world.inhibits[at] += 1
        demand(
            world.inhibits[at] <= world.inhibits_limit,
            f"15 door {door.number} was inhibited once more than a day allows",
        )


def _check_strangers(bank: Bank, world: World, before: Before) -> None:
    """Another door moved in a pulse window."""
    if not before.firing:
        return
    for door in bank.doors:
        at = door.number - 1
        stranger = door.number != before.firing and before.states[at] == SECURED
        if stranger and before.shut[at] and world.reading(door.number) != SHUT:
            demand(bank.halted, f"14 door {door.number} moved in the window of {before.firing}")
            states = (door.state, bank.door(before.firing).state)
            demand(states == (FAIL_CLOSED, FAIL_CLOSED), "14 a wrong door did not fail closed")


def _check_wake(bank: Bank) -> None:
    """The bank sleeps past no deadline."""
    due = [door.deadline for door in bank.doors if door.timed]
    due += [door._doubt_until for door in bank.doors if door.doubted]
    if bank._window.busy:
        due.append(bank._window.ends_at)
    due += [request[1] for request in bank._queue]
    if due:
        awake = bank._timed and min(ticks.diff(at, bank._next_due) for at in due) >= 0
        demand(awake, "16 the bank sleeps past a deadline")
