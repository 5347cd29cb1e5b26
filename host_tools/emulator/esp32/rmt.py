"""The pulse trains that the firmware hands to the RMT, read where the hardware would read them.

QEMU's model drives no pin and ends every train at once: what a train would do, and when, is
computed here from its symbols. ESP32 technical reference manual, chapter 15.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import EmulatorError
from . import gdb
from .chip import Reader, Watched

CHANNELS = 8
FIRST_SIGNAL = 87  # of channel 0, in the GPIO matrix
_CONFIG = 0x3FF5_6020
_CONFIG_STEP = 8
_RAM = 0x3FF5_6800
_BLOCK = 64
_START = 1 << 0
_REPEATS = 1 << 6
_FROM_APB = 1 << 17
_IDLE_HIGH = 1 << 18
_CARRIER = 1 << 28
_APB_HZ = 80_000_000
_TICKS = 0x7FFF


@dataclass(frozen=True, slots=True)
class Edge:
    """A channel's output changes."""

    at_ms: float
    channel: int
    level: bool


def segments(ram: Sequence[int]) -> list[tuple[int, bool]]:
    """(ticks, level) of a block's symbols up to the end mark.

    EmulatorError when there is none: interrupts would have to refill the block, and when they
    cease it is sent for ever.
    """
    found: list[tuple[int, bool]] = []
    for word in ram:
        for half in (word & 0xFFFF, word >> 16):
            if not half & _TICKS:
                return found
            found.append((half & _TICKS, bool(half >> 15)))
    raise EmulatorError("a pulse train without an end in its block")


def edges(
    channel: int, start_ms: float, config: tuple[int, int], ram: Sequence[int]
) -> list[Edge]:
    """What a train does to its pin. config: CONF0 and CONF1; ram: the block, 64 words.

    EmulatorError for a train that does not end by itself with a low output.
    """
    conf0, conf1 = config
    if conf1 & (_REPEATS | _IDLE_HIGH) or conf0 & _CARRIER or not conf1 & _FROM_APB:
        raise EmulatorError(f"RMT channel {channel} would not send one train and rest low")
    tick_ms = 1000 * ((conf0 & 0xFF) or 256) / _APB_HZ
    found, at_ms = [], start_ms
    for ticks, level in segments(ram):
        found.append(Edge(at_ms, channel, level))
        at_ms += ticks * tick_ms
    return [*found, Edge(at_ms, channel, False)]


class Rmt:
    """Watches the channels' configurations. level: of each channel's output now."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._coming: list[Edge] = []
        self.level = [False] * CHANNELS

    def watched(self) -> Sequence[Watched]:
        return (Watched(gdb.WRITE, _CONFIG, 2 * CHANNELS),)

    def store(self, now_ms: float, address: int, value: int) -> int:
        """EmulatorError for a train that would not end by itself."""
        channel, which = divmod(address - _CONFIG, _CONFIG_STEP)
        if which and value & _START:
            conf0 = self._read(address - 4, 1)[0]
            ram = self._read(_RAM + 4 * _BLOCK * channel, _BLOCK)
            self._coming = [edge for edge in self._coming if edge.channel != channel]
            self._coming += edges(channel, now_ms, (conf0, value), ram)
            self._coming.sort(key=lambda edge: edge.at_ms)
        return value

    def load(self, now_ms: float, address: int) -> int:
        raise EmulatorError(f"RMT register {address:#x} is not watched for reading")

    def advance(self, now_ms: float) -> float | None:
        """Let the next edge happen that is due; when it was, or None."""
        if not self._coming or self._coming[0].at_ms > now_ms:
            return None
        edge = self._coming.pop(0)
        self.level[edge.channel] = edge.level
        return edge.at_ms
