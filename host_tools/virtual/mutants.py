"""Wrong firmware on purpose.

A named change to a copy of the source, which a good demo or test must notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mutant:
    """One exact change of one source file. ``path`` is relative to firmware/."""

    path: str
    before: str
    after: str
    says: str


class MutantError(Exception):
    """The change does not fit the source (any more)."""


# By name, as BREAK=<name> gives it. swap_doors is not here: it is a miswired harness,
# Bench.swap_coils().
MUTANTS: dict[str, Mutant] = {
    "accept_any_code": Mutant(
        "locker/core/access.py",
        "    if not tenancy:\n        return faults.WRONG_CODE, 0\n",
        "    tenancy = tenancy or compartment.tenancy\n",
        "every well-formed entry for an occupied door is right",
    ),
}


def apply(mutant: Mutant, source: Path) -> None:
    """Change a *copy* of firmware/.

    MutantError unless the text stands there exactly once and the change is one.
    """
    file = source / mutant.path
    if not file.is_file():
        raise MutantError(f"{mutant.path}: no such file in {source}")
    text = file.read_text()
    found = text.count(mutant.before)
    if found != 1:
        raise MutantError(
            f"{mutant.path}: the text to change stands there {found} times, not once"
        )
    if mutant.after == mutant.before:
        raise MutantError(f"{mutant.path}: the change changes nothing")
    file.write_text(text.replace(mutant.before, mutant.after))


def named(name: str, table: dict[str, Mutant] | None = None) -> Mutant:
    """MutantError lists what there is when the name is unknown."""
    known = MUTANTS if table is None else table
    if name not in known:
        raise MutantError(f"no mutant {name!r}; there are: {', '.join(sorted(known)) or 'none'}")
    return known[name]
