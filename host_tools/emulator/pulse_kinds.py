"""What can happen to a chip in the middle of a coil's pulse, and what the coil must do then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .pulse_chip import PulseChip

# Scratch registers of the watchdog: orders to the chip, and its answers.
ORDER = 1
ANSWER = 2

READY = 1  # also the order to set the hal up
ARMED = 2  # also the order to fire
FIRED = 3
_FIRST_KIND = 4

RUNAWAY_PULSES = 3

_RUN_HELD_MS = 2.0
_RUNAWAY_LIMIT_MS = 30_000.0
_REFILL_MS = 5.0
_REBOOTED = b"soft reboot"
_RAW_REPL = b"raw REPL; CTRL-B to exit\r\n>"

# Boots with the chip: waits for orders, so that one boot serves every case.
MAIN = f"""\
from machine import mem32
mem32[0x40058014] = {READY}
import pulse_story
"""

STORY = f"""\
import json
import machine
import rp2
import time
from machine import mem32
from micropython import const

ORDER = const(0x40058010)
ANSWER = const(0x40058014)

def hang():
    machine.disable_irq()
    while True:
        pass

def erase():
    flash = rp2.Flash()
    flash.ioctl(6, flash.ioctl(4, 0) - 1)
    hang()

def exception():
    raise RuntimeError("on purpose")

def exception_in_main():
    import station_main

def watchdog():
    machine.WDT(timeout=1)
    hang()

def soft_reset():
    machine.soft_reset()

def to_prompt():
    pass

def runaway():
    word = 0xFFFFFFF8 | index
    while True:
        mem32[0x50200010] = word

kinds = (hang, erase, exception, exception_in_main, watchdog, hang, soft_reset, to_prompt, runaway)
while mem32[ORDER] != {READY}:
    pass
with open("board.json") as file:
    board = json.load(file)
import hal
import safe
import swap
from locker.app import boot_guard  # both ready when station_main asks for them
swap.altered = lambda folder: []  # it takes longer than the pulse
coils = hal.make(board).coils
index = len(board["doors"]) // 2
mem32[ANSWER] = {ARMED}
while mem32[ORDER] != {ARMED}:
    pass
coils.fire(1 << index, board["coils"]["pulse_ms"])
mem32[ANSWER] = {FIRED}
while mem32[ORDER] < {_FIRST_KIND}:
    pass
kind = mem32[ORDER]
mem32[ANSWER] = kind
kinds[kind - {_FIRST_KIND}]()
"""

# The application's last words: what an exception that nothing in it catches comes to.
FAILING_APP = """

def run(make_hal, sleep_ms, kbd_intr, damaged):
    raise RuntimeError("on purpose")
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """exact: the pulse keeps its set time within 1 %. Otherwise it may be cut short, and no more,
    and in the end boot.py or main.py must hold the pins low.

    order: see STORY. console: needs a USB host, and the pulse is fired from the raw REPL.
    """

    name: str
    order: int
    exact: bool
    play: Callable[[PulseChip, int, float], bool]
    console: bool = False
    erase_ms: float = 0.0


def _obeys(chip: PulseChip, order: int, limit_ms: float) -> bool:
    chip.set_register(ORDER, order)
    return chip.run_until(lambda: chip.register(ANSWER) == order, limit_ms)


def _erases(chip: PulseChip, order: int, limit_ms: float) -> bool:
    return _obeys(chip, order, limit_ms) and chip.run_until(lambda: chip.erases == 1, limit_ms)


def _resets(chip: PulseChip, order: int, limit_ms: float) -> bool:
    return (
        _obeys(chip, order, limit_ms)
        and chip.run_until(lambda: chip.resets == 1, limit_ms)
        and _boots(chip, limit_ms)
    )


def _run_pin(chip: PulseChip, _order: int, limit_ms: float) -> bool:
    chip.run_reset(_RUN_HELD_MS)
    return _boots(chip, limit_ms)


def _soft_resets(chip: PulseChip, order: int, limit_ms: float) -> bool:
    return _obeys(chip, order, limit_ms) and _boots(chip, limit_ms)


def _raw_repl(chip: PulseChip, order: int, limit_ms: float) -> bool:
    """The Ctrl-D that resets waits in the chip's own buffer for the script's end."""
    del chip.said[:]
    return _obeys(chip, order, limit_ms) and chip.run_until(
        lambda: _RAW_REPL in chip.said.partition(_REBOOTED)[2], limit_ms
    )


def _runs_away(chip: PulseChip, order: int, limit_ms: float) -> bool:
    """While the FIFO is full the writes are lost, so the CPU need not be played then."""
    wanted = chip.trace.ends + 1 + RUNAWAY_PULSES
    if not _obeys(chip, order, limit_ms):
        return False
    end = chip.now_ms + _RUNAWAY_LIMIT_MS
    while chip.now_ms < end and chip.trace.ends < wanted:
        if not chip.run_until(lambda: chip.fifo_full, _REFILL_MS):
            return False
        chip.stand_still(_RUNAWAY_LIMIT_MS, lambda: not chip.fifo_full)
    return chip.trace.ends >= wanted


def _boots(chip: PulseChip, limit_ms: float) -> bool:
    return chip.run_until(lambda: chip.register(ANSWER) == READY, limit_ms)


KINDS = (
    Kind("hang", 4, True, _obeys),
    Kind("erase_45ms", 5, True, _erases, erase_ms=45.0),
    Kind("erase_400ms", 5, True, _erases, erase_ms=400.0),
    Kind("exception", 6, True, _obeys),
    Kind("exception_in_main", 7, False, _obeys),
    Kind("watchdog", 8, False, _resets),
    Kind("run_pin", 9, False, _run_pin),
    Kind("soft_reset", 10, False, _soft_resets),
    Kind("raw_repl", 11, False, _raw_repl, console=True),
    Kind("runaway", 12, True, _runs_away),
)
