"""What must be true of codes, claims and parcels. Numbers are those of the list in README.md."""

from __future__ import annotations

from typing import Any

from locker.core import faults
from locker.core.compartments import FREE, RELEASES_PER_CLAIM, RESERVED, Compartment
from locker.core.doors import FAIL_CLOSED
from model.parcels import Parcels
from model.rules import demand
from model.world import PULSES, World


def fire(parcels: Parcels, world: World, door: int) -> None:
    """Rules of a pulse; world has counted it."""
    cell = parcels.cell(door)
    demand(cell.usable, f"20 door {door} fired while out of service on flash")
    demand(cell.granted and cell.releases, f"21 door {door} fired with no grant on flash")
    if cell.claim:
        spent = parcels.spent[door - 1]
        code = parcels.code[door - 1] or cell.claim
        demand(code > spent, f"22 a code of a collected tenancy fired door {door}")
    if world.pulses_left[door - 1] < PULSES - 1:
        return
    parcels.fired[door - 1] += 1
    fired = parcels.fired[door - 1]
    demand(fired <= RELEASES_PER_CLAIM, f"23 one grant released door {door} {fired} times")
    if cell.occupancy == RESERVED and fired == 1:
        demand(
            not parcels.inside[door - 1], f"24 a courier was given door {door} with a parcel in it"
        )


def check(scope: Any, at_rest: bool) -> None:
    """Rules of a state. at_rest: the desk had nothing left to do, and no write failed."""
    if not at_rest:
        return
    for compartment in scope.vault.compartments:
        door = compartment.door
        cell = scope.parcels.cell(door)
        # A release given back while the flash failed may wait for the next write.
        releases = max(cell.releases, compartment.releases)
        same = _booted(compartment, releases) == _booted(cell, cell.releases)
        demand(same, f"25 door {door} is not as stored")
        latched = scope.bank.door(door).state == FAIL_CLOSED
        demand(not latched or cell.fault, f"26 door {door} failed closed, and flash does not know")
        explained = compartment.granted or compartment.is_reopened
        demand(
            explained or not scope.bank.door(door).granted,
            f"27 door {door} may be opened by nobody's grant",
        )
        lost = scope.parcels.inside[door - 1] and cell.occupancy == FREE
        demand(not lost, f"24 door {door} counts as free with a parcel in it")


def _booted(compartment: Compartment, releases: int) -> bytes:
    """What a boot would make of its record, had it used so many releases."""
    after = Compartment(compartment.door, compartment.size, b"")
    after.unpack(compartment.pack())
    after.releases = releases
    after.after_dark()
    return after.pack()


def boot(scope: Any) -> None:
    """Rules of a boot."""
    for door in scope.bank.doors:
        cell = scope.parcels.cell(door.number)
        latched = cell.fault == faults.NONE or door.state == FAIL_CLOSED
        demand(latched, f"26 door {door.number} forgot over a boot that it had failed closed")
