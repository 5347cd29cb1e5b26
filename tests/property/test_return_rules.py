"""Any sequence of people with return codes, doors, answers, failing writes and power cuts, on the
real desk, caretaker and memory of codes: one code never fills two compartments, never opens one
that holds something of somebody else, and finds a place for whoever still holds the parcel.
"""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vendored import use_umqtt

use_umqtt()

from locker.app.book import Book  # noqa: E402 - needs umqtt
from locker.app.desk import Desk  # noqa: E402
from locker.app.vault import Vault  # noqa: E402
from locker.core import codes, compartments, damm, doors, keys, records, session  # noqa: E402
from locker.core import tickets as rules  # noqa: E402
from locker.core.compartments import FREE, OCCUPIED, RESERVED  # noqa: E402
from locker.core.mac import Mac  # noqa: E402
from locker.core.tickets import SERIALS, Tickets  # noqa: E402
from locker.core.wire import Command  # noqa: E402
from model.stand_ins import Driver, Talk, Wall  # noqa: E402

DOORS = 3
PEOPLE = 3
KEYS = keys.Keys(b"c" * 32, b"o" * 32, b"j" * 32, b"s" * 32)
SLOT = Wall().now_s(0) // codes.slot_seconds(codes.RETURN_CLASS)
IN_HAND, FETCHED = 0, -1


class PowerCut(BaseException):
    """Not an Exception: nobody may catch it."""


class Flash:
    """Cells and journal. left: writes until the power goes, or (fails) one raises; -1: neither."""

    def __init__(self) -> None:
        self.cells = {keys.CELL[0]: KEYS.pack()}
        self.stored: list[tuple[int, int, int]] = []  # (number, door, tenancy)
        self.starts: Counter[int] = Counter()
        self.waiting: list[tuple[Any, ...]] = []
        self.acknowledged = 0
        self.journal = None
        self.left = -1
        self.fails = False

    def load(self, cell: tuple[str, int, int]) -> bytes | None:
        return self.cells.get(cell[0])

    def save(self, cell: tuple[str, int, int], payload: bytes, purge: bool = False) -> None:
        for _ in range(2 if purge else 1):
            self._write()
            if cell == rules.CELL:
                self._count(payload)
            self.cells[cell[0]] = payload

    def save_ages(self) -> None:
        self._write()

    def _count(self, payload: bytes) -> None:
        before, after = Tickets(self.cells.get(rules.CELL[0], b"")), Tickets(payload)
        for number in map(number_of, range(PEOPLE)):
            self.starts[number] += after.door_of(number) not in (0, before.door_of(number))

    def note(self, fields: tuple[Any, ...]) -> int:
        self.waiting.append(fields)
        return 0

    def flush(self) -> None:
        while self.waiting:
            self._write()
            fields = self.waiting.pop(0)
            if fields[1] == records.DEPOSITED:
                self.stored.append((fields[-2], fields[2], fields[-3]))

    def _write(self) -> None:
        self.left -= self.left >= 0
        if self.left == 0:
            self.left = -1
            raise OSError(5) if self.fails else PowerCut


class Person(Talk):
    """Whoever stands there: typing, choosing, at a door, or asked what is inside."""

    def ask_size(self, _now: int) -> None:
        self.leave()
        self.state = session.SIZE

    def ask_inside(self, door: int, _now: int) -> None:
        self.state, self.door = session.CONFIRM, door


class Bank:
    """Doors that obey. fire(door): current in a coil."""

    def __init__(self, fire: Any) -> None:
        self._fire = fire
        self.doors = [
            SimpleNamespace(state=doors.SECURED, granted=False, verdict=0, withdraw=lambda: None)
            for _ in range(DOORS)
        ]

    def door(self, number: int) -> Any:
        return self.doors[number - 1]

    def may_release(self, number: int) -> bool:
        return self.door(number).state == doors.SECURED

    def may_serve(self, number: int) -> bool:
        return self.may_release(number)

    def request(self, number: int, _now: int) -> bool:
        self._fire(number)
        self.door(number).state, self.door(number).granted = doors.RELEASED, True
        return True


class World:
    """where: of each person's parcel, a door, IN_HAND or FETCHED; at: door -> who opened it."""

    def __init__(self) -> None:
        self.flash = Flash()
        self.bank = Bank(self.fire)
        self.where = [IN_HAND] * PEOPLE
        self.at: dict[int, int] = {}
        self.present = -1
        self.late = False
        vault = self.new_vault()
        for compartment in vault.compartments:
            vault.save_door(compartment)
        self.boot()

    def new_vault(self) -> Vault:
        vault = Vault(self.flash, ["S", "S", "S"])  # type: ignore[arg-type]
        vault.is_counted = True
        for compartment in vault.compartments:
            compartment.key = codes.first_door_key(b"root", compartment.door)
            packed = self.flash.load(compartments.cell(compartment.door))
            if packed:
                compartment.unpack(packed)
                compartment.after_dark()
            vault.loaded(compartment)
        return vault

    def boot(self) -> None:
        self.flash.left = -1
        self.flash.waiting.clear()
        self.vault = self.new_vault()
        self.talk = Person()
        self.present = -1
        for compartment in self.vault.compartments:
            door = self.bank.door(compartment.door)
            if door.state == doors.RELEASED:
                door.state = doors.SECURED
            door.granted = compartment.granted
        system = SimpleNamespace(ticks_ms=lambda: 0)
        self.station: Any = SimpleNamespace(
            name="test",
            bank=self.bank,
            solenoid=Driver(lambda _: None),
            vault=self.vault,
            book=Book(self.flash, Wall(), 1),  # type: ignore[arg-type]
            clock=Wall(),
            session=self.talk,
            hal=SimpleNamespace(system=system),
            doors_dirty=0,
            overdue=0,
            uptime_s=0,
            note_health=lambda *_: None,
            count_refusal=lambda *_: None,
        )
        self.desk = Desk(self.station, KEYS.courier, ("24h",))
        self.run()

    def run(self) -> None:
        self.vault.lockout.level = self.vault.lockout._mass[0] = 0  # how guesses count: elsewhere
        for _ in range(5):  # more errands than one event gives, and the rounds last
            self.desk.step(0)
        self.desk._rounds_at = 0
        self.desk.step(0)

    # --- what is promised ---

    def fire(self, door: int) -> None:
        who = self.present
        assert who >= 0, "nobody asked"
        assert self.where[who] in (IN_HAND, door), f"a second compartment for {who}"
        others = [w for i, w in enumerate(self.where) if i != who]
        assert door not in others, f"door {door} holds another's parcel"
        self.at[door] = who

    def check(self) -> None:
        for compartment in self.vault.compartments:
            shut = self.bank.door(compartment.door).state == doors.SECURED
            if shut and compartment.door in self.where:
                assert compartment.occupancy != FREE, "a parcel in a free compartment"
        per_number: dict[int, set[tuple[int, int]]] = {}
        for number, door, tenancy in self.flash.stored:
            per_number.setdefault(number, set()).add((door, tenancy))
        assert all(len(places) == 1 for places in per_number.values()), per_number
        assert max(self.flash.starts.values(), default=0) <= 3

    def finds_a_place(self, who: int) -> None:
        """Whoever still holds the parcel, and has not used up all starts or ten minutes."""
        number = number_of(who)
        used_up = self.flash.starts[number] >= 3 or self.late
        self.types(who)
        if not used_up and any(c.occupancy == FREE for c in self.vault.compartments):
            assert self.talk.state in (session.SIZE, session.DOOR, session.CONFIRM), who

    # --- what may happen ---

    def types(self, choice: int) -> None:
        self.present = who = choice % PEOPLE
        self.talk.ask(session.ENTRY, typed(who), 0)
        self.run()

    def choose(self, _: int) -> None:
        if self.talk.state == session.SIZE:
            self.talk.ask(session.DEPOSIT, 0, 0)
            self.run()

    def pull(self, at: int) -> None:
        door = at % DOORS + 1
        if self.bank.door(door).state == doors.RELEASED:
            self.moved(door, doors.OPEN)

    def put(self, at: int) -> None:
        door = at % DOORS + 1
        who = self.at.get(door, -1)
        is_open = self.bank.door(door).state == doors.OPEN
        if is_open and who >= 0 and self.where[who] == IN_HAND and door not in self.where:
            self.where[who] = door

    def push(self, at: int) -> None:
        door = at % DOORS + 1
        if self.bank.door(door).state != doors.SECURED:
            self.bank.door(door).granted = False
            self.moved(door, doors.SECURED)

    def moved(self, door: int, state: int) -> None:
        self.bank.door(door).state = state
        self.desk.door_changed(door, state, 0)
        self.run()

    def answer(self, choice: int) -> None:
        door, who = self.talk.door, self.present
        asked = self.talk.state in (session.DOOR, session.CONFIRM) and door
        if asked and self.bank.door(door).state == doors.SECURED:
            inside = self.where[who] == door
            no = session.WRONG_SIZE if choice % 2 else session.CANCELLED
            self.talk.ask(session.STORED if inside else no, door, 0)
            self.run()

    def again(self, _: int) -> None:
        door = self.talk.door
        if self.talk.state == session.DOOR and door:
            self.talk.ask(session.AGAIN, door, 0)
            self.run()

    def leave(self, _: int) -> None:
        self.talk.leave()
        self.run()

    def fetch(self, at: int) -> None:
        """A courier has taken it, and the operator says so."""
        door = at % DOORS + 1
        if self.vault.compartment(door).occupancy == OCCUPIED:
            number = self.vault.counters.command + 1
            self.desk.command(Command(number, "empty", door, 2**40, "test"))
            self.run()
            if self.vault.compartment(door).occupancy == FREE:
                self.where = [FETCHED if w == door else w for w in self.where]

    def wait(self, _: int) -> None:
        """Ten minutes: what was under way counts as in."""
        self.station.uptime_s += 700
        self.late = self.late or any(c.occupancy == RESERVED for c in self.vault.compartments)
        self.run()

    def dark(self, choice: int) -> None:
        """The power is off: whoever stands at an open door may put the parcel in and shut it."""
        for door, who in self.at.items():
            state = self.bank.door(door).state
            if state == doors.OPEN and choice % 2 and self.where[who] == IN_HAND:
                if door not in self.where:
                    self.where[who] = door
                self.bank.door(door).state = doors.SECURED
        self.boot()

    def doomed(self, choice: int) -> None:
        """The power goes, or a write fails, in one of the next writes."""
        self.flash.fails = choice % 3 == 0
        self.flash.left = 1 + choice % 11


# The commoner ones are drawn more often.
OFTEN = (
    World.types,
    World.choose,
    World.pull,
    World.put,
    World.push,
    World.answer,
    World.doomed,
)
EVENTS = (*OFTEN, *OFTEN, World.again, World.leave, World.fetch, World.wait, World.dark)


def number_of(who: int) -> int:
    return SLOT * SERIALS + 10 + who


def typed(who: int) -> str:
    number = number_of(who)
    body = f"93{number % SERIALS:02d}{codes.return_code(Mac(KEYS.courier), number):08d}"
    return body + str(damm.check_digit(body))


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 32)), min_size=8, max_size=60))
@settings(max_examples=60, deadline=None)
def test_one_code_fills_one_compartment_whatever_happens(events: list[tuple[Any, int]]) -> None:
    world = World()
    for happens, choice in events:
        try:
            happens(world, choice)
        except PowerCut:
            world.dark(choice)
        world.check()
    world.flash.left = -1
    for door in range(DOORS):
        world.pull(door)
        world.push(door)
    for who in range(PEOPLE):
        if world.where[who] == IN_HAND:
            world.finds_a_place(who)
            world.talk.leave()
