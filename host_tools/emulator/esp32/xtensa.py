"""Loads and stores of the Xtensa ISA: what the instruction at a stop is about to do.

QEMU stops this architecture before a watched access, so the access is carried out from here and
the instruction stepped over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Places in GDB's list of the ESP32's registers.
_PC = 0
_AR0 = 1
_LBEG = 65
_LEND = 66
_LCOUNT = 67
_WINDOWBASE = 69
_WINDOW = 4  # registers that a window moves by
_PHYSICAL = 64


@dataclass(frozen=True, slots=True)
class Form:
    """A 32-bit load or store. target, base: a0 to a15; size: of the instruction in bytes."""

    stores: bool
    target: int
    base: int
    offset: int
    size: int


# S32I and S32I.N, L32I and L32I.N; registers of this chip are accessed in no other way.
def decode(code: bytes) -> Form | None:
    """The instruction that three bytes begin with; None for all others."""
    op, target, base, kind = code[0] & 0xF, code[0] >> 4, code[1] & 0xF, code[1] >> 4
    if op == 2 and kind in (2, 6):
        return Form(kind == 6, target, base, code[2] * 4, 3)
    if op in (8, 9):
        return Form(op == 9, target, base, kind * 4, 2)
    return None


class Cpu:
    """The CPU that stopped. registers: all of them, as "g" gives them."""

    def __init__(self, registers: Sequence[int]) -> None:
        self._registers = list(registers)

    @property
    def pc(self) -> int:
        return self._registers[_PC]

    def address(self, form: Form) -> int:
        return (self._registers[self._physical(form.base)] + form.offset) & 0xFFFF_FFFF

    def value(self, form: Form) -> int:
        """What a store stores."""
        return self._registers[self._physical(form.target)]

    def done(self, form: Form, loaded: int | None = None) -> list[int]:
        """The registers up to LCOUNT once the instruction is done: a loop may begin again."""
        after = self._registers[: _LCOUNT + 1]
        if loaded is not None:
            after[self._physical(form.target)] = loaded
        after[_PC] += form.size
        if after[_PC] == after[_LEND] and after[_LCOUNT]:
            after[_PC] = after[_LBEG]
            after[_LCOUNT] -= 1
        return after

    def _physical(self, number: int) -> int:
        """Where a register of the present window is in the list."""
        return _AR0 + (self._registers[_WINDOWBASE] * _WINDOW + number) % _PHYSICAL
