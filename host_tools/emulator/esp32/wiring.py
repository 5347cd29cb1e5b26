"""The wires between an emulated ESP32 and the bench, as board.json names the pins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from virtual.bench import Bench
from virtual.people import Stage

from .chip import Part, Reader
from .pins import Pins
from .rmt import Rmt
from .twowire import TwoWire


class Wiring:
    """Drives the bench and the stories on it by the chip's clock. stage: people at the cabinet.

    scanned_ms: when the first row of the keypad was first pulled low; 0 before.
    """

    def __init__(self, bench: Bench, board: Mapping[str, Any], read: Reader) -> None:
        self.bench = bench
        self.stage = Stage(bench)
        self.scanned_ms = 0.0
        self._board = board
        coils = [door["coil"] for door in board["doors"]]
        self._trains = Rmt(read)
        self._pins = Pins(
            self._trains, [board["coils"]["enable"], *coils], self._outputs, self._inputs
        )
        self._two_wire = TwoWire(bench.bus, read)

    def parts(self) -> Sequence[Part]:
        return (self._pins, self._trains, self._two_wire)

    def advance(self, now_ms: float) -> None:
        """Let the bench and the people come to this time, edge by edge of the running trains."""
        while (at_ms := self._trains.advance(now_ms)) is not None:
            self.bench.advance(at_ms)
            self._coils(at_ms)
        self.bench.advance(now_ms)
        self.stage.step()

    def _outputs(self, now_ms: float) -> None:
        self._coils(now_ms)
        lamps = self._board["signals"]
        levels = (self._pins.high(lamps[name]) for name in ("red", "green", "beeper"))
        self.bench.signals.set(now_ms, *levels)
        if not self.scanned_ms and self._pins.low(self._board["keypad"]["rows"][0]):
            self.scanned_ms = now_ms

    def _coils(self, now_ms: float) -> None:
        coils = self._board["coils"]
        mask = sum(
            (self._pins.high(door["coil"]) == (coils["active"] == "high")) << (door["door"] - 1)
            for door in self._board["doors"]
        )
        active = coils.get("enable_active", "high") == "high"
        enable = self._pins.high(coils["enable"]) == active
        self.bench.cabinet.drive(now_ms, mask, enable)

    def _inputs(self, now_ms: float) -> int:
        contacts, keypad, cabinet = (
            self._board["contacts"],
            self._board["keypad"],
            self.bench.cabinet,
        )
        closed, locked = cabinet.reeds(now_ms), cabinet.latches(now_ms)
        level: int = 0
        for door in self._board["doors"]:
            bit = door["door"] - 1
            level |= ((closed >> bit & 1) != (contacts["reed_closed"] == "low")) << door["reed"]
            level |= ((locked >> bit & 1) != (contacts["latch_locked"] == "low")) << door["latch"]
        level |= (not self.bench.keypad.help_down(now_ms)) << keypad["help"]
        pulled = 0
        for row, pin in enumerate(keypad["rows"]):
            if self._pins.low(pin):
                pulled |= self.bench.keypad.columns(now_ms, row)
        for column, pin in enumerate(keypad["columns"]):
            level |= (not pulled >> column & 1) << pin
        return level
