"""A Pico W that is measured: the same run gives the same nanoseconds.

The emulator shares its event loop with the network by wall time. Here a slice of the chip's time
runs to its end before anything else does, so that what the network answers, it answers at the same
moment of the chip's time in every run.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rp2040py.execute_batch import execute_batch
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.rp2040 import RP2040

from virtual.bench import Bench

from .errors import EmulatorError
from .pico_w import Parts, PicoW
from .radio import Gate

_SLICE_NS = 500_000.0
_TURNS = 12  # of the event loop after a slice: more than any answer of the network needs
_INSTRUCTIONS = 1  # the clock is told after each: the exact way

_LOAD = 0x04
_MARK = 0x10  # the watchdog's SCRATCH1, which nothing else uses
_FIGURES = (0x14, 0x18)  # SCRATCH2 and 3
_ERASE = (0x20, 0xD8)
_PROGRAM = 0x02

ERASE, PROGRAM = "erase", "program"


@dataclass
class Log:
    """What was seen from outside, each with its moment in ms of the chip's time.

    fed: the ends of door steps (the watchdog is fed there); flash: (when, ERASE or PROGRAM);
    marks: (when, number) that a script on the image wrote; figures: what it left beside the last.
    """

    fed: list[float] = field(default_factory=list)
    flash: list[tuple[float, str]] = field(default_factory=list)
    marks: list[tuple[float, int]] = field(default_factory=list)
    figures: list[int] = field(default_factory=lambda: [0, 0])

    def when(self, mark: int) -> float:
        """The first moment of a mark. EmulatorError when it never came."""
        for ms, number in self.marks:
            if number == mark:
                return ms
        raise EmulatorError(f"the script on the image never came to mark {mark}")

    def numbers(self) -> set[int]:
        """All marks so far."""
        return {number for _, number in self.marks}

    def operations(self, begin: float, end: float) -> tuple[int, int]:
        """(erases, page programs) in a span of time."""
        kinds = [kind for ms, kind in self.flash if begin <= ms < end]
        return kinds.count(ERASE), kinds.count(PROGRAM)


class MeasuredPicoW(PicoW):
    """As PicoW, in fixed slices and with a log."""

    def __init__(self, parts: Parts, bench: Bench, gate: Gate) -> None:
        super().__init__(parts, bench, gate)
        self.log = Log()
        self._slice_over = False
        self._slice = self._simulator.clock.create_alarm(self._end_slice)
        self._watch_watchdog()
        self._watch_flash()

    @property
    def chip(self) -> RP2040:
        """The emulated chip, for probes."""
        return self._chip

    def mark(self, number: int) -> None:
        """Write the mark from outside, for a script that waits for it."""
        self._chip.watchdog.scratch_data[(_MARK - 0x0C) >> 2] = number

    @contextmanager
    def powered(self) -> Iterator[None]:
        """On inside the block, which must run in an event loop."""
        random.seed(0)  # the emulator draws TCP sequence numbers
        self._simulator.bind_loop()
        self._chip.core.pc = FLASH_START_ADDRESS
        yield

    async def run(self, until: Callable[[], bool], limit_ms: float) -> bool:
        """Let time pass until until() holds; False when it does not within limit_ms."""
        end = self.now_ms + limit_ms
        while not until():
            if self.now_ms >= end:
                return False
            if not self.armed_ms and self.log.fed:
                self.armed_ms = self.log.fed[0]
            self._run_slice()
            for _ in range(_TURNS):
                await asyncio.sleep(0)
        return True

    def _run_slice(self) -> None:
        self._slice_over = False
        self._slice.schedule(_SLICE_NS)
        while not self._slice_over:  # a batch also ends after some wall time
            self._simulator.stopped = False
            execute_batch(self._simulator, _INSTRUCTIONS)

    def _end_slice(self) -> None:
        self._slice_over = True
        self._simulator.stopped = True

    def _watch_watchdog(self) -> None:
        chip_writes = self._chip.watchdog.write_uint32

        def write(offset: int, value: int) -> None:
            if offset == _LOAD:
                self.log.fed.append(self.now_ms)
            elif offset == _MARK:
                self.log.marks.append((self.now_ms, value))
            elif offset in _FIGURES:
                self.log.figures[_FIGURES.index(offset)] = value
            chip_writes(offset, value)

        self._chip.watchdog.write_uint32 = write  # type: ignore[method-assign]

    def _watch_flash(self) -> None:
        ssi = self._chip.ssi
        applies = ssi._apply_command

        def apply() -> None:
            command = ssi._tx_buffer[0] if ssi._tx_buffer and ssi._write_enabled else 0
            if command in _ERASE:
                self.log.flash.append((self.now_ms, ERASE))
            elif command == _PROGRAM:
                self.log.flash.append((self.now_ms, PROGRAM))
            applies()

        ssi._apply_command = apply  # type: ignore[method-assign]
