"""All compartments, the wires to their coils, and the witness of what really happened.

The witness (pulses, openings, movements) is fed by current and movement only. Nothing that
firmware says reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from .compartment import Compartment, CompartmentSpec

# A door that leaves the strike this long after its coil lost power was still opened by that pulse.
_ATTRIBUTION_MS = 120_000.0
_FLOWS_A = 0.1


@dataclass(frozen=True, slots=True)
class Pulse:
    """One time of current in one coil. ``end_ms`` is None while it flows."""

    door: int
    start_ms: float
    end_ms: float | None
    peak_a: float


@dataclass(frozen=True, slots=True)
class Movement:
    """A door left its strike plate; ``powered``.

    Its own coil had carried current and had freed the bolt.
    """

    at_ms: float
    door: int
    powered: bool


class Cabinet:
    """Doors by number, driven at the level of coil wires.

    ``tell(now_ms, door, what)`` hears what the compartments say, and also: coil_on, coil_off,
    opened, moved_unpowered.
    """

    def __init__(
        self,
        specs: Iterable[CompartmentSpec],
        seed: int = 0,
        tell: Callable[[float, int, str], None] | None = None,
    ) -> None:
        self._tell = tell or (lambda _t, _d, _w: None)
        self.doors = {spec.door: Compartment(spec, seed, self._hear) for spec in specs}
        self.now_ms = 0.0
        self.pulses: list[Pulse] = []
        self.movements: list[Movement] = []
        self._wiring = {door: door for door in self.doors}
        self._freed_at: dict[int, float] = {}
        self._lines = 0
        self._next = inf
        self._reeds = self._latches = 0
        self._read_again_at = -inf

    def swap_coils(self, a: int, b: int) -> None:
        """Miswire the harness.

        What is meant for door a reaches the coil of door b, and the other way round.
        """
        self._wiring[a], self._wiring[b] = self._wiring[b], self._wiring[a]

    def drive(self, now_ms: float, mask: int, enable: bool) -> None:
        """Levels of the coil wires (bit d-1: door d) and the series enable, in logical terms."""
        self.advance(now_ms)
        lines = mask if enable else 0
        if lines == self._lines:
            return
        self._lines = lines
        for wire, door in self._wiring.items():
            self._switch(now_ms, self.doors[door], bool(lines >> (wire - 1) & 1))
        self.touched()

    def advance(self, now_ms: float) -> None:
        """Carry out what physics had in store until now_ms, doors together, in order."""
        while self._next <= now_ms:
            at = self._next
            for compartment in self.doors.values():
                compartment.advance(at)
            self.touched()
        self.now_ms = max(self.now_ms, now_ms)

    def touched(self) -> None:
        """Somebody changed a compartment directly (pull, push, fault).

        Look again when it wants attention.
        """
        self._read_again_at = -inf
        self._next = min((door.next_event() for door in self.doors.values()), default=inf)

    def next_event(self) -> float:
        """When something may change by itself; inf when nothing will."""
        return self._next

    def reeds(self, now_ms: float) -> int:
        """Bit d-1 set: the reed wire of door d says closed."""
        self._read(now_ms)
        return self._reeds

    def latches(self, now_ms: float) -> int:
        """Bit d-1 set: the latch wire of door d says locked."""
        self._read(now_ms)
        return self._latches

    def current_flows(self, now_ms: float) -> bool:
        """What an input on the coils' common return says."""
        return any(door.coil.current_a(now_ms) > _FLOWS_A for door in self.doors.values())

    def openings(self) -> list[tuple[float, int]]:
        """(time, door) of each door that opened after current had flowed in its coil."""
        return [(m.at_ms, m.door) for m in self.movements if m.powered]

    def _read(self, now_ms: float) -> None:
        self.advance(now_ms)
        if now_ms < self._read_again_at:
            return
        self._reeds = self._latches = 0
        for number, door in self.doors.items():
            self._reeds |= door.reed_level(now_ms) << (number - 1)
            self._latches |= door.latch_level(now_ms) << (number - 1)
        self._read_again_at = self._next

    def _switch(self, now_ms: float, compartment: Compartment, on: bool) -> None:
        coil, door = compartment.coil, compartment.spec.door
        if on == coil.on:
            return
        peak = coil.current_a(now_ms)
        compartment.energise(now_ms, on)
        if on:
            self.pulses.append(Pulse(door, now_ms, None, 0.0))
        else:
            self._end_pulse(now_ms, door, peak)
        self._tell(now_ms, door, "coil_on" if on else "coil_off")

    def _end_pulse(self, now_ms: float, door: int, peak: float) -> None:
        for i in range(len(self.pulses) - 1, -1, -1):
            pulse = self.pulses[i]
            if pulse.door == door and pulse.end_ms is None:
                self.pulses[i] = Pulse(door, pulse.start_ms, now_ms, peak)
                return

    def _hear(self, now_ms: float, door: int, what: str) -> None:
        if what == "bolt_free" and self._powered(door, now_ms):
            self._freed_at[door] = now_ms
        self._tell(now_ms, door, what)
        if what == "left":
            freed = self._freed_at.pop(door, -inf)
            powered = now_ms - freed <= _ATTRIBUTION_MS
            self.movements.append(Movement(now_ms, door, powered))
            self._tell(now_ms, door, "opened" if powered else "moved_unpowered")

    def _powered(self, door: int, now_ms: float) -> bool:
        coil = self.doors[door].coil
        return coil.on and coil.current_a(now_ms) >= coil.spec.drop_out_a
