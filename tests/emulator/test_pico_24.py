"""24 doors on the real Pico W image: boards/pico_w_24 as shipped, its 74HC595 and MCP23017 chips
modelled on the emulated pins, and the virtual cabinet behind them.

The chip's clock stands still between two scripts. A 74HC595 or an MCP23017 has no reset line here:
it keeps what it has when the Pico is reset.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from console import flash_with
from pico import IMAGE, ROOT, Pico, Trace, booted
from rp2040py.gpio_pin import GPIOPinState

from emulator.door_lines import Expanded
from emulator.wiring import Wiring
from lockerctl.build import build
from virtual.bench import Bench
from virtual.layout import from_board

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

FOLDER = ROOT / "boards" / "pico_w_24"
BOARD: dict[str, Any] = json.loads((FOLDER / "board.json").read_text())
FIRE: int = BOARD["expander"]["fire"]
ENABLE: int = BOARD["coils"]["enable"]
ALL = (1 << 24) - 1
U12, U14 = 0x7F << 7, 0x7 << 21  # doors 8 to 14, doors 22 to 24
SETTLED = 40  # samples: each chip has had its turn
MAKE = """
import gc, hal, json, machine, time
h = hal.make(json.load(open("board.json")))
c = h.contacts
def look(samples=1):
    unread, longest, levels = 0, 0, set()
    for _ in range(samples):
        began = time.ticks_us()
        reeds = c.reeds()
        longest = max(longest, time.ticks_diff(time.ticks_us(), began))
        latches = c.latches()
        unread |= c.unread()
        levels.add((reeds, latches))
    print(reeds, latches, c.unread(), unread, len(levels), longest)
def fire(door, ms):
    began = time.ticks_us()
    h.coils.fire(1 << (door - 1), ms)
    print(time.ticks_diff(time.ticks_us(), began))
    while h.coils.busy(): pass
"""


class Rig:
    """The board under power, boot.py behind it, main.py left out."""

    def __init__(self, runner: asyncio.Runner, pico: Pico) -> None:
        self.bench = Bench(from_board(FOLDER), 1)
        self.doors: Expanded = self._wire(pico)
        self.trace: Trace = pico.watch([FIRE, ENABLE])
        self._runner = runner
        self.pico = pico

    def _wire(self, pico: Pico) -> Expanded:
        wiring = Wiring(pico.device.mcu, pico.device.simulator.clock, self.bench, BOARD)
        assert isinstance(wiring.doors, Expanded)
        return wiring.doors

    def run(self, script: str) -> str:
        """What a script printed."""
        return self._runner.run(self.pico.run(script))

    def start(self, script: str, ms: float) -> None:
        """Let a script that never ends run for so long."""
        self._runner.run(self.pico.start(script, ms))

    def look(self, samples: int = 1) -> tuple[int, int, int, int, int]:
        """(reeds, latches, unread, unread at any of the samples, how many different levels); how
        long the longest took is printed with -s.
        """
        words = [int(word) for word in self.run(f"look({samples})\n").split()]
        print("longest of", samples, "samples:", words[5], "us")
        return words[0], words[1], words[2], words[3], words[4]

    def lost(self, samples: int = SETTLED) -> int:
        """The doors that were unread in so many samples; no level may have changed."""
        before = self.look()
        reeds, latches, _, unread, levels = self.look(samples)
        assert (reeds, latches) == before[:2] and levels == 1
        return unread


@pytest.fixture(scope="module")
def flash(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The image and the shipped files, but nothing that starts by itself."""
    folder = tmp_path_factory.mktemp("pico_w_24")
    built = build("pico_w_24", folder / "built").folder
    (built / "main.py").unlink()
    return flash_with(Path(built))


@pytest.fixture
def rig(flash: bytes) -> Iterator[Rig]:
    """A fresh board for each test."""
    with asyncio.Runner() as runner:
        power = booted(flash)
        rig = Rig(runner, runner.run(power.__aenter__()))
        yield rig
        runner.run(power.__aexit__(None, None, None))


def test_boot_has_driven_fire_and_enable_low(rig: Rig) -> None:
    assert rig.run("import safe_pins; print(safe_pins.COILS)\n").strip() == f"({FIRE},)"
    levels = [rig.pico.device.mcu.gpio[pin].value for pin in (FIRE, ENABLE)]
    assert levels == [GPIOPinState.LOW] * 2
    assert rig.doors.opened == []


def test_every_contact_is_its_doors_and_every_pulse_its_own(rig: Rig) -> None:
    rig.run(MAKE)
    assert rig.look(SETTLED)[:3] == (ALL, ALL, 0)
    for door in (1, 9, 24):
        shift_us = int(rig.run(f"fire({door}, 30)\n"))
        assert shift_us <= 5_000  # shift out, store, read back: it must fit the door step
        rig.run("time.sleep_ms(330)\n")
        open_doors = sum(1 << (number - 1) for _, number in rig.bench.cabinet.openings())
        assert rig.look(4)[:3] == (ALL & ~open_doors, ALL & ~open_doors, 0)
        assert rig.doors.chain.stored == 0
    assert [door for _, door in rig.bench.cabinet.openings()] == [1, 9, 24]
    assert rig.doors.opened == [1 << 0, 1 << 8, 1 << 23]
    for gpio in (FIRE, ENABLE):
        lengths = [length for _start, length in rig.trace.pulses(gpio)]
        assert lengths == [pytest.approx(30, rel=0.01)] * 3


def test_a_pattern_that_does_not_come_back_fires_nothing(rig: Rig) -> None:
    rig.doors.chain.cut = True
    said = rig.run(MAKE + "try: fire(5, 60)\nexcept OSError as e: print(e.errno)\n")
    assert said.strip() == "5"
    rig.run("time.sleep_ms(100)\n")
    assert rig.doors.opened == [] and rig.doors.chain.stored == 0
    assert rig.trace.high_at_end() == 0 and not rig.bench.cabinet.movements
    rig.doors.chain.cut = False
    rig.run("fire(5, 60)\n")
    assert [door for _, door in rig.bench.cabinet.openings()] == [5]


def test_a_hang_with_interrupts_off_does_not_lengthen_the_pulse(rig: Rig) -> None:
    rig.run(MAKE)
    hang = "h.coils.fire(1 << 12, 60)\nmachine.disable_irq()\nwhile True: pass\n"
    rig.start(hang, 120)
    assert rig.doors.opened == [1 << 12]
    assert [length for _, length in rig.trace.pulses(FIRE)] == [pytest.approx(60, rel=0.01)]


def unplugged(doors: Expanded, present: bool) -> None:
    (doors.bus.unplugged.discard if present else doors.bus.unplugged.add)(0x21)


def garbled(doors: Expanded, present: bool) -> None:
    doors.expanders[1].garbled = None if present else 0x5A


@pytest.mark.parametrize("breaks", [unplugged, garbled])
def test_a_chip_that_dies_takes_its_doors_along_until_it_is_back(
    rig: Rig, breaks: Callable[[Expanded, bool], None]
) -> None:
    breaks(rig.doors, False)
    rig.run(MAKE)
    assert rig.look(SETTLED)[:3] == (ALL & ~U12, ALL & ~U12, U12)
    breaks(rig.doors, True)
    assert rig.look(SETTLED)[:3] == (ALL, ALL, 0)
    breaks(rig.doors, False)
    assert rig.lost() == U12
    breaks(rig.doors, True)
    rig.doors.expanders[1].power_up()
    assert rig.look(SETTLED)[:3] == (ALL, ALL, 0)


def test_a_chip_that_lost_its_settings_shows_nothing_of_its_own(rig: Rig) -> None:
    rig.run(MAKE)
    rig.look(SETTLED)
    rig.bench.force(23)
    rig.run("time.sleep_ms(200)\n")
    before = rig.look(4)
    assert before[:2] == (ALL & ~(1 << 22), ALL & ~(1 << 22))
    rig.doors.expanders[3].power_up()  # door 23's open contacts now read closed
    assert rig.lost(80) == U14
    assert rig.look()[:3] == before[:3]


def test_a_bus_that_is_held_ends_nothing_and_comes_back(rig: Rig) -> None:
    rig.doors.hold_sda(True)
    rig.run(MAKE)
    assert rig.look(SETTLED)[2:4] == (ALL, ALL)
    rig.doors.hold_sda(False)
    assert rig.look(SETTLED)[:3] == (ALL, ALL, 0)
    rig.doors.hold_sda(True)
    assert rig.lost() == ALL
    rig.doors.hold_sda(False)
    assert rig.look(SETTLED)[:3] == (ALL, ALL, 0)


def test_a_sample_takes_nothing_from_the_heap(rig: Rig) -> None:
    said = rig.run(
        MAKE + "for _ in range(200): c.reeds()\ngc.collect()\nfree = gc.mem_free()\n"
        "for _ in range(100): c.reeds(); c.latches(); c.unread()\nprint(free - gc.mem_free())\n"
    )
    assert int(said) <= 32  # the loop's own numbers
