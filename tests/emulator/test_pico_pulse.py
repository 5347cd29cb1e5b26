"""boards/pico_w/hal.py, as shipped (.mpy), on the real image: what its coils and contacts do.

What happens in a pulse when something goes wrong is played by test_emulate_pulse.py.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pico import IMAGE, ROOT, Pico, Trace, booted

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

BOARD: dict[str, Any] = json.loads((ROOT / "boards" / "pico_w" / "board.json").read_text())
COILS = [door["coil"] for door in BOARD["doors"]]
ENABLE: int = BOARD["coils"]["enable"]
LIMIT_MS = 20
MODULES = {
    "locker/drivers/pins": ROOT / "firmware" / "locker" / "drivers" / "pins.py",
    "locker/drivers/wlan": ROOT / "firmware" / "locker" / "drivers" / "wlan.py",
    "locker/drivers/ticker": ROOT / "firmware" / "locker" / "drivers" / "ticker.py",
    "locker/drivers/train": ROOT / "firmware" / "locker" / "drivers" / "train.py",
    "hal": ROOT / "boards" / "pico_w" / "hal.py",
}
SETUP = """
import gc, hal, micropython, time
board = {board!r}
coils = hal.make(board).coils
def fire(mask, ms):
    refused = 0
    while True:
        try:
            coils.fire(mask, ms)
            return refused
        except OSError:
            refused += 1
def wait(us):
    began = time.ticks_us()
    while time.ticks_diff(time.ticks_us(), began) < us: pass
"""


@dataclass
class Rig:
    """A board under power with its hal made. Its clock stands still between two calls."""

    runner: asyncio.Runner
    pico: Pico
    trace: Trace

    def run(self, script: str) -> tuple[str, Trace]:
        """What a script printed, and what the pins did meanwhile."""
        mark = len(self.trace.changes)
        said = self.runner.run(self.pico.run(script))
        return said, Trace(self.trace.changes[mark:])


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """One boot for all: short pulses, and off-times as long."""
    coils = {**BOARD["coils"], "limit_ms": LIMIT_MS, "duty_percent": 50}
    with asyncio.Runner() as runner:
        power = booted()
        pico = runner.run(power.__aenter__())
        runner.run(pico.install(MODULES))
        trace = pico.watch([*COILS, ENABLE])
        runner.run(pico.run(SETUP.format(board={**BOARD, "coils": coils})))
        yield Rig(runner, pico, trace)
        runner.run(power.__aexit__(None, None, None))


def test_bad_calls_move_nothing(rig: Rig) -> None:
    said, trace = rig.run(
        f"long = {LIMIT_MS + 1}\n"
        "for mask, ms in ((0, 9), (3, 9), (16, 9), (-1, 9), (1, 0), (1, -1), (1, long)):\n"
        "  try: coils.fire(mask, ms); print('fired')\n"
        "  except ValueError: pass\n"
    )
    assert said == "" and trace.changes == []


def test_each_door_fires_its_own_coil_and_the_enable_and_says_how_long(rig: Rig) -> None:
    said, trace = rig.run(
        "for door in range(4):\n"
        "  for ms in (1, 4):\n"
        "    fire(1 << door, ms); began = time.ticks_us()\n"
        "    while coils.busy(): pass\n"
        "    print(time.ticks_diff(time.ticks_us(), began))\n"
    )
    assert [float(us) / 1000 for us in said.split()] == [
        pytest.approx(ms, abs=0.4) for ms in [1, 4] * 4
    ]
    for gpio, expected in [(ENABLE, [1, 4] * 4), *((coil, [1, 4]) for coil in COILS)]:
        lengths = [length for _start, length in trace.pulses(gpio)]
        assert lengths == [pytest.approx(ms, abs=0.05) for ms in expected]


def test_second_pulse_is_refused_until_the_off_time_is_over(rig: Rig) -> None:
    said, trace = rig.run("fire(1, 5); print(fire(2, 5) > 0)\nwhile coils.busy(): pass\n")
    assert said.strip() == "True"
    (first, length), (second, _) = trace.pulses(COILS[0])[0], trace.pulses(COILS[1])[0]
    assert second - first - length >= length


@pytest.mark.parametrize("after_us", [100, 1_000, 5_000, 9_000, 12_000])
def test_abort_leaves_the_pins_low_and_keeps_the_off_time(rig: Rig, after_us: int) -> None:
    said, trace = rig.run(
        f"fire(2, 10); wait({after_us}); coils.abort()\n"
        "print(coils.busy(), fire(4, 3) > 0)\n"
        "while coils.busy(): pass\n"
    )
    assert said.split() == ["False", "True"]
    assert [length for _, length in trace.pulses(COILS[2])] == [pytest.approx(3, abs=0.05)]
    cut = trace.pulses(COILS[1])
    assert len(cut) == 1 and cut[0][1] <= min(after_us / 1000 + 1, 10.1)
    assert trace.high_at_end() == 0


def test_abort_without_a_pulse_changes_nothing(rig: Rig) -> None:
    said, trace = rig.run(
        "wait(25000); coils.abort(); print(fire(1, 3))\nwhile coils.busy(): pass\n"
    )
    assert said.strip() == "0"
    assert [length for _, length in trace.pulses(ENABLE)] == [pytest.approx(3, abs=0.05)]


def test_contacts_are_read_from_their_pins_without_allocation(rig: Rig) -> None:
    doors = BOARD["doors"]
    low = {doors[0]["reed"], doors[3]["reed"], doors[1]["latch"]}
    for door in doors:
        for gpio in (door["reed"], door["latch"]):
            rig.pico.device.mcu.gpio[gpio].set_input_value(gpio not in low)
    said, _trace = rig.run(
        "contacts = hal.Contacts(board['contacts'], board['doors'])\n"
        "print(contacts.reeds(), contacts.latches())\n"
        "micropython.heap_lock()\n"
        "contacts.reeds(); contacts.latches()\n"
        "micropython.heap_unlock()\n"
    )
    assert said.split() == ["9", "2"]
