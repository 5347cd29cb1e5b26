"""Brings the station's state up from its cells: reads, repairs or refuses. Dropped after start.

What is lost is never replaced by a fresh one that is more lenient. Keys or counters: the station
stays locked. The lockout: rebuilt at its strictest. A door: that door out of service. The persons:
nobody, and no day code is good until the operator says which. The return codes: none of before
is good.
"""

import struct

from locker.app.memory import mark, marker_of
from locker.app.vault import Vault
from locker.core import codes, compartments, counters, faults, keys, lockout, people, tickets
from locker.core.keys import Keys
from locker.storage.cells import AGE, AGES
from locker.storage.examine import examine
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from locker.core.compartments import Compartment
    from locker.ports import Hal
    from locker.storage.cells import Cell, Cells

_FULL_MASS = const(255)
_FULL_LEVEL = const(60)


class StateLost(Exception):
    """The station cannot run on its cells. number: fault; name: the cell."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__(name)
        self.number = number
        self.name = name


class Opening:
    """vault, keys, courier_key (of the day codes): after run(); found: (fault, cell, door) of each
    cell that was not good.
    """

    def __init__(self, cells: "Cells", sizes: "list[str]") -> None:
        self._cells = cells
        self.vault = Vault(cells, sizes)
        self.found: list[tuple[int, str, int]] = []

    def run(self, station: str) -> None:
        """Read every cell of the station with this id. Raises StateLost."""
        if not any(self._cells.read_copy(keys.CELL[0], copy) for copy in "ab"):
            raise StateLost(faults.MEMORY_LOST, keys.CELL[0])
        self._open_keys(station)
        vault = self.vault
        self._need(counters.CELL, vault.counters.unpack, vault.counters.pack)
        if self._take(lockout.CELL, vault.lockout.unpack, vault.lockout.pack):
            self._close_lockout()
        self._open_people()
        self._open_returns()
        for compartment in vault.compartments:
            self.open_door(compartment)

    def check_marker(self, hal: "Hal", board: "dict[str, Any]") -> None:
        """The memory is whole: see to the marker outside the file system."""
        if mark(marker_of(hal, board), self._cells.owner or 0):
            self.found.append((faults.STATE_FOREIGN, "marker", 0))

    def _open_keys(self, station: str) -> None:
        """Whose the cells are follows from the keys; their own cell must agree."""
        self._need(keys.CELL, self._take_keys)
        self._cells.owner = self.keys.owner(station)
        self._recall_ages()
        if self._take(keys.CELL, self._take_keys, self.keys.pack) == faults.STATE_FOREIGN:
            raise StateLost(faults.STATE_FOREIGN, keys.CELL[0])

    def _recall_ages(self) -> None:
        """How old the cells were when the journal's folder last heard of them."""
        beside = self._cells.beside
        if beside is None:
            return
        beside.owner = self._cells.owner
        known = beside.load(AGES) or b""
        there = [copy for copy in "ab" if beside.read_copy(AGES[0], copy)]
        if len(there) > 2 - beside.bad_copies:
            self.found.append((faults.STATE_REPAIRED, AGES[0], 0))
        for at in range(0, len(known), struct.calcsize(AGE)):
            kind, age = struct.unpack_from(AGE, known, at)
            self._cells.ages[kind] = age

    def open_learnt(self, cell: "Cell", unpack: "Callable[[bytes], None]") -> None:
        """A cell that a new station lacks, and whose loss only costs what it had learnt."""
        taken = b""

        def take(payload: bytes) -> None:
            nonlocal taken
            unpack(payload)
            taken = payload

        try:
            if self._was_ever(cell):
                self._take(cell, take, lambda: taken)
        except StateLost as lost:  # of a newer version: no reason to stay locked
            self.found.append((lost.number, lost.name, 0))

    def _open_people(self) -> None:
        """A station from before there were any begins with none."""
        memory = self.vault.people
        memory[:] = bytes(people.BYTES)
        is_new = not any(self.keys.staff) and not any(
            self._cells.read_copy(people.CELL[0], copy) for copy in "ab"
        )
        if is_new or self._take(people.CELL, self._take_people, lambda: bytes(memory)):
            if not is_new:
                memory[:2] = b"\xff\xff"  # people.LOST
            self._rewrite(people.CELL, bytes(memory))
        generation = people.courier_generation(memory)
        self.courier_key = people.courier_key(self.keys.courier, generation)

    def _open_returns(self) -> None:
        """A station that has never seen one has no cell of them."""
        known = b""

        def take(payload: bytes) -> None:
            nonlocal known
            known = tickets.Tickets(payload or b"?").pack()

        if self._was_ever(tickets.CELL) and self._take(tickets.CELL, take, lambda: known):
            self._rewrite(tickets.CELL, tickets.LOST)

    def _was_ever(self, cell: "Cell") -> bool:
        """Is a copy there, good or bad, or has the journal's folder heard of one?"""
        name, kind, _ = cell
        return kind in self._cells.ages or any(self._cells.read_copy(name, copy) for copy in "ab")

    def _take_people(self, payload: bytes) -> None:
        if len(payload) != people.BYTES:
            raise ValueError("not a people cell")
        self.vault.people[:] = payload

    def _take_keys(self, payload: bytes) -> None:
        self.keys: Keys = keys.unpack_keys(payload)

    def open_door(self, compartment: "Compartment") -> None:
        """Read one door's cell into its compartment, or have the vault lose it."""
        vault = self.vault
        cell = compartments.cell(compartment.door)
        fault = self._take(cell, compartment.unpack, compartment.pack, compartment.door)
        if fault:
            vault.lose(compartment, fault)
            return
        compartment.after_dark()
        vault.loaded(compartment)
        older = self._cells.older()
        # A power cut in the middle of a purge has left the old key in the other copy.
        if older is not None and older[-len(compartment.key) :] != compartment.key:
            self._rewrite(cell, compartment.pack())

    def _close_lockout(self) -> None:
        """As if everything had been guessed at: recovery codes only, at the slowest."""
        counts = self.vault.lockout
        for selector in range(len(self.vault.compartments) + 1):
            counts.charge(selector, _FULL_MASS, False, 0)
        counts.charge(codes.PERSON, _FULL_MASS, False, 0)
        for _ in range(_FULL_LEVEL):
            counts.charge(0, 0, False, 0)
        self._rewrite(lockout.CELL, counts.pack())

    def _need(
        self,
        cell: "Cell",
        unpack: "Callable[[bytes], None]",
        pack: "Callable[[], bytes] | None" = None,
    ) -> None:
        fault = self._take(cell, unpack, pack)
        if fault:
            raise StateLost(fault, cell[0])

    def _take(
        self,
        cell: "Cell",
        unpack: "Callable[[bytes], None]",
        pack: "Callable[[], bytes] | None",
        door: int = 0,
    ) -> int:
        """Load a cell into its object and, with ``pack``, put bad copies right; NONE, or why it
        cannot be had. Raises StateLost for one that a newer version wrote.
        """
        payload = self._cells.load(cell)
        if payload is not None and self._cells.fell_back and not self._cells.bad_copies:
            fault, payload = faults.STATE_LOST, None  # good, and of another day
        elif payload is not None and not self._cells.bad_copies:
            fault = faults.NONE
        else:
            fault, payload = examine(self._cells, cell)
        if fault == faults.STATE_NEWER:
            raise StateLost(fault, cell[0])
        try:
            unpack(payload or b"")
        except ValueError:
            fault, payload = fault or faults.STATE_LOST, None
        if fault and (pack or payload is None):
            self.found.append((fault, cell[0], door))
        if payload is None:
            return fault
        if pack and self._cells.bad_copies:
            self._rewrite(cell, pack())
        return faults.NONE

    def _rewrite(self, cell: "Cell", payload: bytes) -> None:
        """Two good copies of today's layout. Flash that cannot be written is found out later."""
        try:
            self._cells.save(cell, payload, purge=True)
        except OSError as error:
            print("cell", cell[0], "not repaired:", error)
