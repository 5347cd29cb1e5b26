"""What is really in the compartments, and what their grants have been used for."""

from __future__ import annotations

from typing import Any

from locker.core.compartments import RESERVED, Compartment
from model.stand_ins import Flash
from model.world import World


class Parcels:
    """Per door: releases fired under the grant that is on flash, tenancies collected for good, and
    whether a parcel may be inside. Kept over a power cut.
    """

    def __init__(self, flash: Flash, world: World) -> None:
        count = len(flash.cells)
        self._flash = flash
        self._world = world
        self.fired = [0] * count
        self.grants: list[tuple[int, int, bool]] = [self._grant(d + 1) for d in range(count)]
        self.spent = [0] * count
        self.code = [0] * count
        self.inside = [1, 0][:count]

    def cell(self, door: int) -> Compartment:
        """What is on flash of a door."""
        compartment = Compartment(door, "S", b"")
        compartment.unpack(self._flash.cells[door - 1])
        return compartment

    def _grant(self, door: int) -> tuple[int, int, bool]:
        cell = self.cell(door)
        return (cell.tenancy, cell.claim, cell.occupancy == RESERVED)

    def stored(self, door: int) -> None:
        """A door's record was written: a new grant counts from nought."""
        grant = self._grant(door)
        before = self.grants[door - 1]
        if grant != before:
            self.fired[door - 1] = 0
        if before[1] and not grant[1]:
            self.spent[door - 1] = before[1]
        self.grants[door - 1] = grant

    def typed(self, door: int, tenancy: int) -> None:
        """A code is judged: until the next one, releases of this door are its doing."""
        self.code = [0] * len(self.inside)
        self.code[door - 1] = tenancy

    def opened(self, door: int) -> None:
        """A door stands open under a grant: a courier may put in, a recipient takes out."""
        if self._world.grant[door - 1]:
            self.inside[door - 1] = int(self.grants[door - 1][2])

    def after_blackout(self) -> tuple[Any, ...]:
        """What is kept when the power goes now: a courier before a door whose bolt is free may use
        it in the dark.
        """
        inside = [
            int(was or (self.grants[i][2] and self._world.grant[i] and self.fired[i] > 0))
            for i, was in enumerate(self.inside)
        ]
        return self.fired[:], self.grants[:], self.spent[:], inside

    def restore(self, kept: tuple[Any, ...]) -> None:
        """The power is back."""
        self.fired, self.grants, self.spent, self.inside = (list(part) for part in kept)
