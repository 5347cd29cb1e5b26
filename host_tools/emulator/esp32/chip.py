"""The chip at its registers: the machine stops before each watched access, and parts of the bench
see it, or answer it, before it goes on. Time stands still meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..errors import EmulatorError
from . import gdb
from .gdb import Gdb
from .xtensa import Cpu, Form, decode

# TRM chapter 18, timer group 0: the timer that the image keeps its own time with.
_TIMER_CONFIG = 0x3FF5_F070
_TIMER_UPDATE = 0x3FF5_F080
_TIMER_WORDS = 4  # configuration, -, low, high
_TIMER_ON = 1 << 31
_APB_HZ = 80_000_000

_PHYSICAL = "Qqemu.PhyMemMode:1"
_VIRTUAL = "Qqemu.PhyMemMode:0"

# Reads so many words from an address on, as a bus master sees them.
Reader = Callable[[int, int], list[int]]


@dataclass(frozen=True, slots=True)
class Watched:
    """Registers at which the machine stops. kind: gdb.WRITE or gdb.READ."""

    kind: int
    first: int
    words: int = 1

    def covers(self, kind: int, address: int) -> bool:
        return kind == self.kind and self.first <= address < self.first + 4 * self.words


class Part(Protocol):
    """What stands behind some registers."""

    def watched(self) -> Sequence[Watched]: ...

    def store(self, now_ms: float, address: int, value: int) -> int | None:
        """The program writes this. What the emulator's own model gets; None: nothing."""
        ...

    def load(self, now_ms: float, address: int) -> int:
        """What the program reads."""
        ...


class Chip:
    """now_ms: since the image started its timer, never back. passes(now_ms): called before each
    access, so that the world around is where it should be by then. pc: where the CPU stands that
    stopped.
    """

    def __init__(self, debugger: Gdb, passes: Callable[[float], None]) -> None:
        self._gdb = debugger
        self._passes = passes
        self._parts: list[tuple[Watched, Part]] = []
        self._forms: dict[int, Form] = {}
        self._before_ms = 0.0
        self._timer_ms = 0.0
        self.pc = 0

    @property
    def now_ms(self) -> float:
        return self._before_ms + self._timer_ms

    def read(self, address: int, count: int) -> list[int]:
        """Some words of memory or registers, while the machine stands."""
        return gdb.words(self._gdb.ask(gdb.read(address, count))[0])

    def write(self, address: int, value: int) -> None:
        """A word into a register, while the machine stands."""
        self._gdb.ask(gdb.write(address, value))

    def patch(self, address: int, code: bytes) -> None:
        """Other instructions in the chip's RAM, while the machine stands."""
        self._gdb.ask(f"M{address:x},{len(code):x}:{code.hex()}")

    def start(self, parts: Sequence[Part]) -> None:
        """Watch the registers of these parts and let the machine run for the first time."""
        self._parts = [(area, part) for part in parts for area in part.watched()]
        watches = [gdb.watch(area.kind, area.first, 4 * area.words) for area, _ in self._parts]
        self._gdb.ask(_PHYSICAL, *watches)
        self._gdb.go()

    def step(self, timeout_s: float) -> bool:
        """See one access through; False when the program touches nothing for so long."""
        if not self._gdb.stopped(timeout_s):
            return False
        _, timer, registers = self._gdb.ask(
            gdb.write(_TIMER_UPDATE, 1), gdb.read(_TIMER_CONFIG, _TIMER_WORDS), "g"
        )
        self._tick(gdb.words(timer))
        self._passes(self.now_ms)
        cpu = Cpu(gdb.words(registers))
        self.pc = cpu.pc
        self._gdb.go(*self._carried_out(cpu, self._form(cpu.pc)))
        return True

    def _tick(self, timer: Sequence[int]) -> None:
        config, _, low, high = timer
        divider = config >> 13 & 0xFFFF
        if not config & _TIMER_ON or not divider:
            return
        now_ms = (high << 32 | low) * 1000 * divider / _APB_HZ
        if now_ms < self._timer_ms:  # a reset
            self._before_ms += self._timer_ms
        self._timer_ms = now_ms

    def _form(self, pc: int) -> Form:
        if pc not in self._forms:
            _, code, _ = self._gdb.ask(_VIRTUAL, f"m{pc:x},3", _PHYSICAL)
            form = decode(bytes.fromhex(code))
            if form is None:
                raise EmulatorError(f"stopped at {pc:#x}, at no load or store of 32 bits")
            self._forms[pc] = form
        return self._forms[pc]

    def _carried_out(self, cpu: Cpu, form: Form) -> list[str]:
        """The packets that leave the access done."""
        address = cpu.address(form)
        if not form.stores:
            value = self._part(gdb.READ, address).load(self.now_ms, address)
            return [gdb.set_registers(cpu.done(form, value))]
        passed = self._part(gdb.WRITE, address).store(self.now_ms, address, cpu.value(form))
        writes = [] if passed is None else [gdb.write(address, passed)]
        return [*writes, gdb.set_registers(cpu.done(form))]

    def _part(self, kind: int, address: int) -> Part:
        for area, part in self._parts:
            if area.covers(kind, address):
                return part
        raise EmulatorError(f"stopped for {address:#x}, which nobody watches")
