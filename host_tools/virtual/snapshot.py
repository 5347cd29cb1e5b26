"""What viewers see: a copy of the bench at one moment, safe to draw without its lock."""

from __future__ import annotations

from dataclasses import dataclass

from .bench import Bench, Line

_SHUT = 0.005
_WIDE = 0.5


@dataclass(frozen=True, slots=True)
class DoorView:
    """One compartment. ``position`` 0 shut to 1 wide open."""

    number: int
    size: str
    position: float
    bolt: bool
    coil_on: bool
    celsius: float
    parcel: str
    faults: tuple[str, ...]

    @property
    def state(self) -> str:
        """shut, ajar or OPEN."""
        if self.position <= _SHUT:
            return "shut"
        return "OPEN" if self.position >= _WIDE else "ajar"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole bench. ``diary``: the last lines, oldest first."""

    at_ms: float
    doors: tuple[DoorView, ...]
    lines: tuple[str, ...]
    backlight: bool
    cursor: tuple[int, int] | None
    keys_down: str
    red: bool
    green: bool
    beep: bool
    diary: tuple[Line, ...]


def take(bench: Bench, diary_lines: int = 40) -> Snapshot:
    """Copy the bench as it is at its present time."""
    doors = tuple(_door(bench, number) for number in sorted(bench.cabinet.doors))
    return Snapshot(
        at_ms=bench.now_ms,
        doors=doors,
        lines=tuple(bench.display.lines()),
        backlight=bench.backpack.backlight,
        cursor=bench.display.cursor(),
        keys_down=bench.keypad.down(),
        red=bench.signals.red,
        green=bench.signals.green,
        beep=bench.signals.beep,
        diary=tuple(bench.diary)[-diary_lines:],
    )


def _door(bench: Bench, number: int) -> DoorView:
    door, now = bench.cabinet.doors[number], bench.now_ms
    return DoorView(
        number,
        door.spec.size,
        door.position(now),
        door.bolt,
        door.coil.on,
        door.coil.celsius(now),
        door.parcel,
        tuple(sorted(door.faults)),
    )
