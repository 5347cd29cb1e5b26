"""What the bench needs to know of a board.

Read from its board.json, so that bench and firmware cannot disagree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .compartment import CompartmentSpec

_SIZES = "SSSMMMLL"


@dataclass(frozen=True, slots=True)
class Layout:
    """A cabinet and the parts on its two-wire bus."""

    doors: tuple[CompartmentSpec, ...]
    columns: int = 20
    rows: int = 4
    display_address: int = 0x27
    rtc_address: int = 0x68
    i2c_hz: int = 100_000
    pulse_limit_ms: int = 200
    name: str = "virtual"

    def with_stiff_springs(self) -> Layout:
        """The same cabinet with doors that do not pop ajar.

        A person must pull within the pulse or find them free.
        """
        return replace(self, doors=tuple(replace(door, pops=False) for door in self.doors))


def standard() -> Layout:
    """Eight doors: three small, three medium, two large."""
    return Layout(tuple(CompartmentSpec(i, size) for i, size in enumerate(_SIZES, 1)))


def from_board(path: Path) -> Layout:
    """Read a board.json (the file or its folder). ValueError names what is wrong in it."""
    file = path / "board.json" if path.is_dir() else path
    try:
        return _layout(json.loads(file.read_text()))
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{file}: not a board description: {error!r}") from error


def _layout(board: Mapping[str, Any]) -> Layout:
    display = board["display"]
    return Layout(
        tuple(_door(door) for door in board["doors"]),
        display["columns"],
        display["rows"],
        display["address"],
        board["rtc"]["address"],
        board["i2c"].get("hz", 100_000),
        board["coils"]["limit_ms"],
        board["board"],
    )


def _door(door: Mapping[str, Any]) -> CompartmentSpec:
    return CompartmentSpec(door["door"], door["size"], door["lock"])
