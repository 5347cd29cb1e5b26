"""What the desk works on, made small: flash that tells every write, a driver that obeys, a person
without a keypad.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from locker.core import clock, compartments, counters, keys, lockout, records, session
from locker.core.compartments import Compartment
from model.freeze import NOW
from model.rules import demand

# Records that the rules ask about; the others are written and forgotten.
_AUTHORISED = records.AUTHORISED

_OTHER_CELLS = {
    counters.CELL: counters.Counters().pack(),
    keys.CELL: keys.Keys(b"c" * 32, b"o" * 32, b"j" * 32, b"s" * 32).pack(),
}


class Flash:
    """Cells of the doors in two copies each, and the journal's authorisations. ``wrote`` is
    called after every write: a place where the power may go.
    """

    def __init__(self, cells: tuple[bytes, ...]) -> None:
        self.cells = list(cells)
        self.older_cells = list(cells)
        self.waiting: list[tuple[int, int]] = []  # (kind, door) not yet durable
        self.writes_left = -1  # writes until one fails; -1: all is well
        self.acknowledged = 0
        self.bad_copies = 0
        self.fell_back = False
        self.journal = None
        self._loaded = 0  # door of the cell loaded last
        self.wrote: Callable[[int, str], None] = lambda *_: None
        self.authorise: Callable[[int], None] = lambda _: None

    # --- as Cells ---

    def load(self, cell: tuple[str, int, int]) -> bytes | None:
        """As Cells.load."""
        door = self._loaded = _door_of(cell)
        if cell == lockout.CELL:
            return lockout.Lockout(len(self.cells)).pack()
        return self.cells[door - 1] if door else _OTHER_CELLS[cell]

    def older(self) -> bytes | None:
        """As Cells.older, for doors."""
        return self.older_cells[self._loaded - 1] if self._loaded else None

    def save(self, cell: tuple[str, int, int], payload: bytes, purge: bool = False) -> None:
        """As Cells.save. Of lockout and counters it keeps nothing: they are a write."""
        door = _door_of(cell)
        for _ in range(2 if purge else 1):
            self._write()
            if door:
                self.older_cells[door - 1] = self.cells[door - 1]
                self.cells[door - 1] = payload
            self.wrote(door, f"cell {cell[0]} stored")

    def save_ages(self) -> None:
        """As Cells.save_ages, for cells that do not rot."""

    # --- as Journal ---

    def note(self, fields: tuple[Any, ...]) -> int:
        """As Journal.note."""
        self.waiting.append((fields[1], fields[2]))
        return 0

    def flush(self) -> None:
        """As Journal.flush: record by record."""
        while self.waiting:
            self._write()
            kind, door = self.waiting.pop(0)
            if kind == _AUTHORISED:
                self.authorise(door)
            self.wrote(0, f"record {records.KIND_NAMES[kind]} stored")

    def _write(self) -> None:
        if self.writes_left == 0:
            self.writes_left = -1
            raise OSError(5)
        self.writes_left = max(self.writes_left - 1, -1)


def _door_of(cell: tuple[str, int, int]) -> int:
    for door in (1, 2):
        if cell == compartments.cell(door):
            return door
    return 0


class Driver:
    """The solenoid driver: on until the window ends; refuses when told to."""

    def __init__(self, fire: Callable[[int], None]) -> None:
        self.on = 0
        self.refuses = False
        self.late = False
        self.refusal = ""
        self._fire = fire

    def fire(self, mask: int, on_ms: int, now: int) -> bool:
        """As Solenoid.fire, for one coil at once."""
        door = mask.bit_length()
        demand(mask == 1 << (door - 1), "4 more than one coil at once")
        self._fire(door)
        self.on = 0 if self.refuses else door
        return not self.refuses

    def busy(self) -> bool:
        """As Solenoid.busy."""
        return self.on != 0

    def end_late(self, now: int) -> bool:
        """As Solenoid.end_late."""
        return self.late

    def abort(self) -> None:
        """As Solenoid.abort."""
        self.on = 0

    def step(self, now: int) -> None:
        """As Solenoid.step."""


class Talk:
    """A person who may ask for anything at any time: more than the real session lets them."""

    def __init__(self) -> None:
        self.state = session.IDLE
        self.door = 0
        self.stores = False
        self._asked: list[tuple[int, int | str, int]] = []

    def ask(self, kind: int, value: int | str, now: int) -> None:
        """The next thing that the desk will be asked for."""
        self._asked.append((kind, value, now))
        self.state = session.CHECKING

    @property
    def has_request(self) -> bool:
        """As Session.has_request."""
        return bool(self._asked)

    def take_request(self) -> tuple[int, int | str, int]:
        """As Session.take_request."""
        return self._asked.pop(0)

    def attend(self, door: int, storing: bool, _now: int) -> None:
        """As Session.attend."""
        self.state, self.door, self.stores = session.DOOR, door, storing

    def attend_free(self, door: int, _now: int) -> None:
        """As Session.attend_free."""
        self.state, self.door = session.DOOR, door

    def leave(self) -> None:
        """The person goes away."""
        self.state, self.door, self.stores = session.IDLE, 0, False

    def door_changed(self, *_: Any) -> None:
        """As Session.door_changed, without a display."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Every other answer of the desk ends the talk."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: self.leave()


class Wall:
    """A clock that is right."""

    def now_s(self, _now: int) -> int:
        """As Clock.now_s."""
        return 200_000_000

    def uncertainty_s(self, _now: int) -> int:
        """As Clock.uncertainty_s."""
        return 0

    def trust(self, _now: int) -> int:
        """As Clock.trust."""
        return clock.SYNCED


class Dead:
    """Contacts as the door task reads them: the rig shows the steady ones to the bank itself."""

    def __init__(self, unread: Callable[[], int]) -> None:
        self.unread = unread

    def reeds(self) -> int:
        """As ContactPort.reeds."""
        return 0

    def latches(self) -> int:
        """As ContactPort.latches."""
        return 0

    def ticks_ms(self) -> int:
        """As System.ticks_ms."""
        return NOW

    def feed(self) -> None:
        """As System.feed."""


def without_wear(payload: bytes, door: int) -> bytes:
    """A door's cell with its wear at nought: it counts on for ever and decides between equals."""
    if not payload:
        return payload
    compartment = Compartment(door, "S", b"")
    compartment.unpack(payload)
    compartment.wear = 0
    return compartment.pack()
