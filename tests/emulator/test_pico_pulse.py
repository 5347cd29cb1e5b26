"""The coil pulse of boards/pico_w/hal.py, as shipped (.mpy), on the real image in an emulator.

The CPU is kept busy while a pulse is measured: the emulator's PIO is off while the CPU sleeps.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pico import IMAGE, ROOT, SAMPLE_NS, Pico, Trace, booted

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

BOARD: dict[str, Any] = json.loads((ROOT / "boards" / "pico_w" / "board.json").read_text())
COILS = [door["coil"] for door in BOARD["doors"]]
ENABLE: int = BOARD["coils"]["enable"]
PINS = [*COILS, ENABLE]
MODULES = {
    "locker/drivers/pins": ROOT / "firmware" / "locker" / "drivers" / "pins.py",
    "locker/drivers/wlan": ROOT / "firmware" / "locker" / "drivers" / "wlan.py",
    "locker/drivers/train": ROOT / "firmware" / "locker" / "drivers" / "train.py",
    "hal": ROOT / "boards" / "pico_w" / "hal.py",
    "safe": ROOT / "boards" / "pico_w" / "safe.py",
}
SAFE_PINS = f"COILS = {tuple(COILS)}\nENABLE = {ENABLE}\nCOIL_SAFE = 0\nENABLE_SAFE = 0\n"
MAKE = "import hal, machine, time\ncoils = hal.make({board!r}).coils\n"
HANG = "machine.disable_irq()\nwhile True: pass\n"

Story = Callable[[Pico, Trace], Awaitable[None]]
_installed: dict[str, bytes] = {}


async def installed_flash() -> bytes:
    """The image's flash with our modules in its file system; made once for all tests."""
    if not _installed:
        async with booted() as pico:
            await pico.install(MODULES)
            await pico.put("safe_pins.py", SAFE_PINS.encode())
            await pico.put("boot.py", (ROOT / "firmware" / "boot.py").read_bytes())
            _installed["flash"] = pico.flash()
    return _installed["flash"]


def play(story: Story, **coil_settings: int) -> Trace:
    """Boot, make the hal with changed coil settings, let the story run; what the pins did."""

    async def run() -> Trace:
        async with booted(await installed_flash()) as pico:
            board = {**BOARD, "coils": {**BOARD["coils"], **coil_settings}}
            trace = pico.watch(PINS)
            await pico.run(MAKE.format(board=board))
            await story(pico, trace)
            return trace

    return asyncio.run(run())


def test_pulse_is_60_ms_on_the_coil_and_the_enable_and_nowhere_else() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        said = await pico.run(
            "coils.fire(4, 60); began = time.ticks_us()\n"
            "while coils.busy(): pass\n"
            "print(time.ticks_diff(time.ticks_us(), began))\n"
        )
        assert 60_000 <= int(said) <= 62_000

    trace = play(story)
    for gpio in PINS:
        lengths = [length for _start, length in trace.pulses(gpio)]
        assert lengths == ([pytest.approx(60, rel=0.01)] if gpio in (COILS[2], ENABLE) else [])


def test_each_door_fires_its_own_coil_at_both_ends_of_the_range() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        await pico.run(
            "for door in range(4):\n"
            "  for ms in (1, 4):\n"
            "    coils.fire(1 << door, ms)\n"
            "    while coils._place() or coils._machine.tx_fifo(): pass\n"
        )

    trace = play(story, limit_ms=4, duty_percent=50)
    for gpio in COILS:
        short, long = [length for _start, length in trace.pulses(gpio)]
        assert short == pytest.approx(1, abs=0.05) and long == pytest.approx(4, abs=0.05)
    assert len(trace.pulses(ENABLE)) == 8


def test_bad_calls_move_nothing() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        said = await pico.run(
            "for mask, ms in ((0, 60), (3, 60), (16, 60), (-1, 60), (1, 0), (1, -1), (1, 201)):\n"
            "  try: coils.fire(mask, ms); print('fired')\n"
            "  except ValueError: pass\n"
        )
        assert said == ""

    assert play(story).changes[1:] == []


def test_second_pulse_is_refused_until_the_off_time_is_over() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        said = await pico.run(
            "coils.fire(1, 10); began = time.ticks_ms()\n"
            "while True:\n"
            "  try: coils.fire(2, 10); break\n"
            "  except OSError: pass\n"
            "while coils.busy(): pass\n"
        )
        assert said == ""

    trace = play(story)
    (first, length), (second, _) = trace.pulses(COILS[0])[0], trace.pulses(COILS[1])[0]
    assert second - first - length >= 9 * length


def test_endless_loop_with_interrupts_off_does_not_lengthen_the_pulse() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        await pico.start("coils.fire(1, 60)\n" + HANG, 100)

    trace = play(story)
    assert [length for _start, length in trace.pulses(COILS[0])] == [pytest.approx(60, rel=0.01)]
    assert trace.high_at_end() == 0


def test_runaway_puts_keep_limit_duty_and_one_coil() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        await pico.start("while True: coils._machine.put(0xFFFFFFF8)\n", 330)

    trace = play(story, limit_ms=10)
    pulses = trace.pulses(COILS[0])
    assert len(pulses) >= 3
    for (start, length), (following, _) in zip(pulses, pulses[1:], strict=False):
        assert length <= 10 + SAMPLE_NS / 1e6
        assert length / (following - start) <= BOARD["coils"]["duty_percent"] / 100
    assert all(trace.pulses(gpio) == [] for gpio in COILS[1:])


@pytest.mark.parametrize("after_us", [100, 1_000, 10_000, 19_000, 25_000])
def test_abort_leaves_the_pins_low_and_keeps_the_off_time(after_us: int) -> None:
    async def story(pico: Pico, trace: Trace) -> None:
        said = await pico.run(
            "coils.fire(2, 20); began = time.ticks_us()\n"
            f"while time.ticks_diff(time.ticks_us(), began) < {after_us}: pass\n"
            "coils.abort(); print(coils.busy())\n"
        )
        assert said.strip() == "False"
        before = len(trace.changes)
        await pico.start(HANG, 40)
        assert len(trace.changes) == before and trace.high_at_end() == 0

    for _start, length in play(story).pulses(COILS[1]):
        assert length <= min(after_us / 1000 + 3, 20.2)


def test_coil_fires_again_after_an_abort() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        await pico.run(
            "coils.abort()\n"
            "coils.fire(1, 10); time.sleep_us(5000); coils.abort()\n"
            "while coils._place(): pass\n"
            "coils.fire(1, 10)\n"
            "while coils.busy(): pass\n"
        )

    lengths = [length for _start, length in play(story, duty_percent=50).pulses(COILS[0])]
    assert len(lengths) == 2 and lengths[0] < 8
    assert lengths[1] == pytest.approx(10, rel=0.01)


def test_soft_reset_in_a_pulse_ends_in_boot_py() -> None:
    async def story(pico: Pico, trace: Trace) -> None:
        await pico.start("coils.fire(1, 60); time.sleep_us(10000); machine.soft_reset()\n", 150)
        assert trace.high_at_end() == 0

    pulses = play(story).pulses(COILS[0])
    assert len(pulses) == 1 and pulses[0][1] < 60.6


def test_contacts_and_keys_are_read_from_their_pins() -> None:
    async def story(pico: Pico, _trace: Trace) -> None:
        doors = BOARD["doors"]
        low = {doors[0]["reed"], doors[3]["reed"], doors[1]["latch"], BOARD["keypad"]["help"]}
        for door in doors:
            for gpio in (door["reed"], door["latch"]):
                pico.device.mcu.gpio[gpio].set_input_value(gpio not in low)
        for gpio in (*BOARD["keypad"]["columns"], BOARD["keypad"]["help"]):
            pico.device.mcu.gpio[gpio].set_input_value(gpio not in low)
        said = await pico.run(
            f"board = {BOARD!r}\n"
            "contacts = hal.Contacts(board['contacts'], board['doors'])\n"
            "import gc, micropython\n"
            "print(contacts.reeds(), contacts.latches())\n"
            "micropython.heap_lock()\n"
            "contacts.reeds(); contacts.latches()\n"
            "micropython.heap_unlock()\n"
        )
        assert said.split() == ["9", "2"]

    play(story)
