"""24 doors on the real Pico W image in an emulator: drivers/hc595.py on the PIO pulse of
boards/pico_w/hal.py, with a gate-level model of three 74HC595 on the emulated pins.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pico import IMAGE, ROOT, Pico, Trace, booted
from rp2040py.gpio_pin import GPIOPinState

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

BOARD: dict[str, Any] = json.loads((ROOT / "boards" / "pico_w" / "board-24.json").read_text())
PINS: dict[str, int] = BOARD["expander"]
FIRE = PINS["fire"]
ENABLE: int = BOARD["coils"]["enable"]
DRIVERS = ROOT / "firmware" / "locker" / "drivers"
MODULES = {
    **{f"locker/drivers/{name}": DRIVERS / f"{name}.py" for name in ("pins", "wlan", "train")},
    "locker/drivers/hc595": DRIVERS / "hc595.py",
    "hal": ROOT / "boards" / "pico_w" / "hal.py",
}
MAKE = f"""
import hal, machine, time
from locker.drivers.hc595 import GatedCoils, ShiftRegister
from machine import Pin
lines = [Pin(pin, Pin.OUT, value=0) for pin in ({PINS["data"]}, {PINS["clock"]}, {PINS["latch"]})]
register = ShiftRegister(tuple(lines) + (Pin({PINS["back"]}, Pin.IN),), 24)
coils = GatedCoils(hal.Coils({BOARD["coils"]!r}, [{FIRE}]), register)
"""


class Chain:
    """Three 74HC595 on a Pico's pins; powers up with noise."""

    def __init__(self, pico: Pico) -> None:
        self._gpio = pico.device.mcu.gpio
        self.stages = self.stored = 0xA5C396
        self.qh_cut = False
        self.opened: list[int] = []  # what was stored at each opening of OE#
        for name, act in (("clock", self._shift), ("latch", self._store), ("fire", self._open)):
            self._gpio[PINS[name]].add_listener(self._rising(act))

    def _rising(self, act: Callable[[], None]) -> Callable[[Any, Any], None]:
        def changed(new: Any, old: Any) -> None:
            if new == GPIOPinState.HIGH and old != GPIOPinState.HIGH:
                act()

        return changed

    def _shift(self) -> None:
        data = self._gpio[PINS["data"]].value == GPIOPinState.HIGH
        self.stages = (self.stages << 1 | data) & 0xFFFFFF
        top = bool(self.stages >> 23) and not self.qh_cut
        self._gpio[PINS["back"]].set_input_value(top)

    def _store(self) -> None:
        self.stored = self.stages

    def _open(self) -> None:
        self.opened.append(self.stored)


_installed: dict[str, bytes] = {}


async def installed_flash() -> bytes:
    """The image's flash with our modules in its file system; made once for all tests."""
    if not _installed:
        async with booted() as pico:
            await pico.install(MODULES)
            _installed["flash"] = pico.flash()
    return _installed["flash"]


def play(story: Callable[[Pico, Chain], Awaitable[None]]) -> tuple[Trace, Chain]:
    """Boot, make the coils, let the story run; what FIRE and ENABLE and the registers did."""

    async def run() -> tuple[Trace, Chain]:
        async with booted(await installed_flash()) as pico:
            chain = Chain(pico)
            trace = pico.watch([FIRE, ENABLE])
            await pico.run(MAKE)
            await story(pico, chain)
            return trace, chain

    return asyncio.run(run())


def test_each_door_is_alone_in_the_registers_while_fire_is_high() -> None:
    async def story(pico: Pico, chain: Chain) -> None:
        said = await pico.run(
            "for door in (1, 9, 24):\n"
            "  began = time.ticks_us()\n"
            "  coils.fire(1 << (door - 1), 10)\n"
            "  print(time.ticks_diff(time.ticks_us(), began))\n"
            "  while coils.busy(): pass\n"
            "  time.sleep_ms(100)\n"
        )
        assert chain.stored == 0
        # Shift out, store, read back: it must fit the door step.
        assert max(int(us) for us in said.split()) <= 5_000

    trace, chain = play(story)
    assert chain.opened == [1 << 0, 1 << 8, 1 << 23]
    for gpio in (FIRE, ENABLE):
        lengths = [length for _start, length in trace.pulses(gpio)]
        assert lengths == [pytest.approx(10, rel=0.01)] * 3


def test_a_pattern_that_does_not_come_back_fires_nothing() -> None:
    async def story(pico: Pico, chain: Chain) -> None:
        chain.qh_cut = True
        said = await pico.run("try: coils.fire(16, 10)\nexcept OSError as e: print(e.errno)\n")
        assert said.strip() == "5"
        await pico.pass_time(20)

    trace, chain = play(story)
    assert chain.opened == [] and chain.stored == 0
    assert trace.high_at_end() == 0 and not trace.pulses(ENABLE)


def test_a_hang_with_interrupts_off_does_not_lengthen_the_pulse() -> None:
    async def story(pico: Pico, chain: Chain) -> None:
        hang = "machine.disable_irq()\nwhile True: pass\n"
        await pico.start("coils.fire(1 << 12, 60)\n" + hang, 120)

    trace, chain = play(story)
    assert chain.opened == [1 << 12]
    assert [length for _start, length in trace.pulses(FIRE)] == [pytest.approx(60, rel=0.01)]
