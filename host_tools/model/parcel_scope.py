"""The real desk, door task, vault and bank of two doors, with the power cut after every single
write to flash and every write failing once.

Door 1 starts with a parcel in it, door 2 free. People type the codes of two tenancies, ask again,
deposit, answer and leave at any time; the operator clears. Wear, lockout and the counters are left
out (README.md).
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Generator, Iterator
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from locker.app import compose, desk
from locker.app.book import Book
from locker.app.door_task import DoorTask
from locker.app.opening import Opening
from locker.core import codes, session
from locker.core.compartments import FREE, OCCUPIED, RESERVED, Compartment
from locker.core.doors import FAIL_CLOSED, INHIBITED, OPENED, SECURED
from locker.core.mac import Mac
from locker.core.wire import Command
from model import parcel_rules, rules
from model.coverage import Coverage
from model.freeze import NOW, UNCOUNTED, Frame
from model.parcels import Parcels
from model.rig import Event, Rig, is_waiting
from model.search import Step, Violation
from model.stand_ins import Dead, Driver, Flash, Talk, Wall, without_wear
from model.world import PULSING, World

_SIZES = "SM"
_TENANCIES = (1, 2)
_ROOT = b"LATCHWORK-DEMO-model"
_PILE = 3  # a pulse is too short for more changes of settled contacts
_ERRANDS = 40  # more than any event gives the desk to do


class ParcelScope:
    """profiles: of both doors; choices: settings of the contacts in play."""

    def __init__(
        self, name: str, profiles: tuple[str, ...], coverage: Coverage, choices: tuple[str, ...]
    ) -> None:
        self.name = name
        self._coverage = coverage
        self._numbers = tuple(range(1, len(profiles) + 1))
        doors = zip(profiles, _SIZES, strict=False)
        self._board = {
            "coils": {"pulse_ms": 60, "duty_percent": 10, "gap_ms": 150, "at_once": 1},
            "contacts": {},
            "doors": [{"lock": profile, "size": size} for profile, size in doors],
        }
        self.flash = Flash(tuple(_first_cell(door) for door in self._numbers))
        self._opening = Opening(self.flash, list(_SIZES[: len(profiles)]))  # type: ignore[arg-type]
        self.vault = self._opening.vault
        self.vault.is_counted = True
        self.world = World(profiles, UNCOUNTED)
        self.parcels = Parcels(self.flash, self.world)
        self.bank = compose._make_bank(self._board, self.vault, NOW)
        for door in self.bank.doors:
            door.INHIBITS_A_DAY = UNCOUNTED
        self._rig = Rig(self.bank, self.world, choices)
        self._driver = Driver(self._fired)
        self._talk = Talk()
        self._build_tasks()
        things = [*self._rig.things, *self.vault.compartments, self.vault, self.flash]
        things += [self._desk, self._door_task, self._driver, self._talk, self.parcels]
        self._frame = Frame(things, self.bank.doors)
        self._blank = self._frame.save()
        self._cuts: dict[bytes, str] = {}
        self._boots: dict[bytes, Step] = {}
        self._saying = "start"
        self._writes = 0
        self.flash.wrote = self._wrote
        self.flash.authorise = self.world.authorise

    def _build_tasks(self) -> None:
        self._dead = Dead(self._rig.unread)
        self._station = SimpleNamespace(
            bank=self.bank,
            solenoid=self._driver,
            vault=self.vault,
            book=self._make_book(),
            clock=Wall(),
            session=self._talk,
            hal=SimpleNamespace(contacts=self._dead, system=self._dead),
            doors_dirty=0,
            overdue=0,
            uptime_s=0,
            note_health=lambda *_: None,
            count_refusal=lambda *_: None,
        )
        station: Any = self._station
        self._desk = desk.Desk(station, _ROOT, ("24h",))
        self._door_task = DoorTask(station, self._desk, 60)

    def _make_book(self) -> Book:
        return Book(self.flash, Wall(), 1)  # type: ignore[arg-type]

    # --- what the search asks ---

    def first(self) -> Iterator[bytes]:
        """Power on for the first time."""
        _, state, _ = self._boot(self._durable(), "start")
        if isinstance(state, Violation):
            raise state
        yield state

    def steps(self, state: bytes) -> Iterator[Step]:
        """Every event in this state; then every place where the power may go in the middle."""
        self._frame.load(state)
        self._frame.check()
        self._cuts = {}
        self._saying = "nothing happens"
        self._may_cut("at rest")
        for label, event, honest in tuple(self._events()):
            yield from self._try(state, label, event, honest)
        yield from self._power_cuts()

    def is_good(self, state: bytes) -> bool:
        """Every door would take a request. (A claim that is used up needs a service release: that
        is searched with the bank.)
        """
        self._frame.load(state)
        return all(self.bank.may_release(c.door) and c.usable for c in self.vault.compartments)

    # --- one event ---

    def _try(
        self, state: bytes, label: str, event: Callable[[], Any], honest: bool
    ) -> Iterator[Step]:
        fired, writes = yield from self._once(state, label, event, honest)
        if fired:
            said = label + " (the driver refuses the pulse)"
            yield from self._once(state, said, event, False, refuses=True)
        for number in range(writes):
            said = label + f" (write {number + 1} to flash fails)"
            yield from self._once(state, said, event, False, fails_at=number)

    def _once(  # noqa: PLR0913 - one event and what goes wrong in it
        self,
        state: bytes,
        said: str,
        event: Callable[[], Any],
        honest: bool,
        refuses: bool = False,
        fails_at: int = -1,
    ) -> Generator[Step, None, tuple[bool, int]]:
        self._frame.load(state)
        self._driver.refuses = refuses
        self.flash.writes_left = fails_at
        self._saying = said
        self._writes = 0
        self._has_fired = False
        try:
            self._act(event, fails_at < 0)
        except Violation as violation:
            yield said, violation, False
            return False, 0
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
            yield said, Violation(f"0 raised {type(error).__name__}: {error}"), False
            return False, 0
        yield said, self._save(), honest
        return self._has_fired, self._writes

    def _act(self, event: Callable[[], Any], flash_is_well: bool) -> None:
        before = rules.Before(self.bank, self.world)
        self._desk._rounds_at = NOW
        self._forget()
        before.cleared = event() or 0
        for door in self.bank.doors:
            if self.world.reading(door.number) == OPENED:
                self.parcels.opened(door.number)
        if self.world.window != PULSING:
            self._driver.on = 0
        self._run(before)
        self.flash.writes_left = -1
        self._driver.refuses = False
        self.parcels.code = [0] * len(self._numbers)
        rules.check(self.bank, self.world, before)
        self._rig.let_rest()
        parcel_rules.check(self, flash_is_well and not self._driver.on)

    def _forget(self) -> None:
        """What is left out of the state must not reach from one event into the next."""
        self.vault.counters.command = 0
        self.vault.lockout.level = 0  # the throttle would close the keypad for good
        self._station.book = self._make_book()

    def _run(self, before: rules.Before) -> None:
        """Door task and desk in turn, as the reactor runs them, until nothing is left to do."""
        for _ in range(_ERRANDS):
            self._step_doors(before)
            if self._is_idle():
                return
            self._desk.step(NOW)
            if self._driver.on:
                return
        raise Violation("18 the desk finds no rest")

    def _step_doors(self, before: rules.Before) -> None:
        self._door_task.step(NOW)
        if self._driver.refuses and self._has_fired and self.world.window == PULSING:
            self.world.refuse(self.world.firing)
        self.world.follow(self.bank, before.stepped_from)
        before.now_are(self.bank)
        for door in self.bank.doors:
            if not is_waiting(self.bank, door.number) and door.state == SECURED:
                self.world.pulses_left[door.number - 1] = 0

    def _is_idle(self) -> bool:
        mine = self._desk
        busy = mine._doors or mine._commands or self._talk.has_request or self.flash.waiting
        return not busy and mine._rounds_at != NOW

    def _fired(self, number: int) -> None:
        self._has_fired = True
        rules.fire(self.bank, self.world, number)
        parcel_rules.fire(self.parcels, self.world, number)
        self._may_cut("the pulse began")

    def _save(self) -> bytes:
        for compartment in self.vault.compartments:
            compartment.wear = 0
        for copies in (self.flash.cells, self.flash.older_cells, self.vault._durable):
            copies[:] = [without_wear(copy, i + 1) for i, copy in enumerate(copies)]
        self._desk.responses.clear()
        self._desk._refused, self._desk._search_at = None, 0  # what a wrong code was right for
        self._station.doors_dirty = self._station.overdue = 0
        return self._frame.save()

    # --- the events ---

    def _events(self) -> Iterator[Event]:
        if not self._driver.on or len(self._desk._doors) < _PILE:
            yield from self._rig.contact_events()
        yield from self._rig.timer_events()
        if self._driver.on:
            yield "the coil goes off", self._coil_off, True
            return
        # The session keeps a courier until the pulse has come or was given up.
        if not (self._talk.stores and self.bank._queue):
            for door in self._numbers:
                yield from self._of_people(door)
            if self._talk.door:
                yield "the person leaves", self._talk.leave, True
        for door in self._numbers:
            if self.bank.door(door).state in (INHIBITED, FAIL_CLOSED) or self._fault(door):
                yield f"service clear of door {door}", partial(self._clear, door), True

    def _fault(self, door: int) -> int:
        return self.vault.compartment(door).fault

    def _may_deposit(self, door: int) -> bool:
        """Tenancies are few here."""
        return self.vault.compartment(door).tenancy <= _TENANCIES[-1]

    def _of_people(self, door: int) -> Iterator[Event]:
        for tenancy in _TENANCIES:
            said = f"code of tenancy {tenancy} of door {door}"
            digits = _recovery(door, tenancy)
            due = tenancy == self.vault.compartment(door).tenancy
            yield said, partial(self._type, door, tenancy, digits), due
        compartment = self.vault.compartment(door)
        if self._may_deposit(door):
            said = f"courier wants size {_SIZES[door - 1]}"
            yield said, partial(self._talk.ask, session.DEPOSIT, door - 1, NOW), False
        if compartment.granted:
            said = f"person at door {door} asks again"
            yield said, partial(self._talk.ask, session.AGAIN, door, NOW), False
        if compartment.occupancy == RESERVED and self._is_answered(door):
            yield (
                f"courier stored in {door}",
                partial(self._talk.ask, session.STORED, door, NOW),
                True,
            )
            yield f"courier cancels {door}", partial(self._cancel, door), False

    def _is_answered(self, door: int) -> bool:
        """The session asks a courier once the door is shut after an opening."""
        shut = self.bank.door(door)
        return self._talk.door == door and shut.state == SECURED and not shut.granted

    def _type(self, door: int, tenancy: int, digits: str) -> None:
        self.parcels.typed(door, tenancy)
        self._talk.ask(session.ENTRY, digits, NOW)

    def _cancel(self, door: int) -> None:
        self.parcels.inside[door - 1] = 0
        self._talk.ask(session.CANCELLED, door, NOW)

    def _coil_off(self) -> None:
        self._driver.on = 0

    def _clear(self, door: int) -> int:
        self._desk.command(Command(1, "clear", door, 2**40, "model"))
        return door

    # --- power ---

    def _durable(self) -> bytes:
        kept = self.parcels.after_blackout()
        return marshal.dumps((self.flash.cells, self.flash.older_cells, kept), 2)

    def _wrote(self, door: int, where: str) -> None:
        rules.demand(not self._driver.on, "19 flash is written while a coil is on")
        self._writes += 1
        if door:
            self.parcels.stored(door)
        self._may_cut(where)

    def _may_cut(self, where: str) -> None:
        self._cuts.setdefault(self._durable(), f"{self._saying}; power cut and boot: {where}")

    def _power_cuts(self) -> Iterator[Step]:
        cuts, self._cuts = self._cuts, {}
        for durable, said in cuts.items():
            if durable not in self._boots:
                self._boots[durable] = self._boot(durable, said)
            yield said, self._boots[durable][1], False

    def _boot(self, durable: bytes, said: str) -> Step:
        self._frame.load(self._blank)
        self.flash.cells, self.flash.older_cells, kept = marshal.loads(durable)  # noqa: S302
        self.parcels.restore(kept)
        try:
            for compartment in self.vault.compartments:
                self._opening.open_door(compartment)
            adopt(self.bank, compose._make_bank(self._board, self.vault, NOW))
            self.world.boot(sum(c.granted << (c.door - 1) for c in self.vault.compartments))
            parcel_rules.boot(self)
            self._run(rules.Before(self.bank, self.world))
        except Violation as violation:
            return said, violation, False
        return said, self._save(), False


def adopt(mine: Any, new: Any) -> None:
    """Make one bank the same as a new one; its objects stay those that the frame knows."""
    pairs = [
        (mine, new),
        (mine.sensors, new.sensors),
        (mine._window, new._window),
        *zip(mine.doors, new.doors, strict=True),
    ]
    for old, fresh in pairs:
        for name, value in vars(fresh).items():
            if isinstance(value, (bool, int, bytes, list, type(None))):
                setattr(old, name, value)


def _key(door: int) -> bytes:
    return codes.first_door_key(_ROOT, door)


def _first_cell(door: int) -> bytes:
    compartment = Compartment(door, _SIZES[door - 1], _key(door))
    compartment.occupancy = OCCUPIED if door == 1 else FREE
    return compartment.pack()


@cache
def _recovery(door: int, tenancy: int) -> str:
    key = codes.key_of_tenancy(_ROOT, door, tenancy)
    return codes.entry(door, codes.recovery_code(Mac(key)), recovery=True)
