"""The clock core in the 32-bit floats of the real Pico W image, against the lab's emulation of
them: the same program on both, every bit compared.
"""

import asyncio
import contextlib
import io
from types import ModuleType

import pytest
from pico import IMAGE, ROOT, booted

from labs import float32
from locker.core import clock, discipline

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

CORE = ROOT / "firmware" / "locker" / "core"
MODULES = {
    f"locker/core/{n}": CORE / f"{n}.py" for n in ("clock", "discipline", "faults", "ticks")
}
PROGRAM = """
from binascii import hexlify
chance = 12345
def draw(limit):
    global chance
    chance = (chance * 1103 + 12345) & 0xFFFFFF
    return chance % limit
def show(c, now):
    print(hexlify(c.pack()).decode(), c.time(now), c.uncertainty_s(now), c.trust(now))
kinds = ((discipline.DS3231, 3), (discipline.CRYSTAL, -37), (discipline.RAW_32K, 26))
for kind, gain_ppm in kinds:
    c = clock.Clock(200_000_000, 0, kind)
    c.take(215_000_000, 214_999_000, 0)
    now = 0
    true_ms = 0
    for day in range(1, 31):
        gap_s = 40_000 + draw(80_000)
        now = (now + gap_s * 1000) & 0x3FFFFFFF
        true_ms += gap_s * 1000 + gap_s * gain_ppm // 1000
        c.advance(now)
        c.take(c._raw(now)[0], 0, now)
        at_ms = true_ms + draw(400) - 200
        print(c.sync(0, (215_000_000 + at_ms // 1000, at_ms % 1000), 500 + draw(900), now))
        show(c, now)
        print(c.hint((c.now_s(now), 10 * draw(100)), draw(300), now))
        show(c, now)
    c.chip_was_set(c.now_s(now), now)
    for day in range(90):
        now = (now + 86_400_000) & 0x3FFFFFFF
        c.advance(now)
        if day % 10 == 9:
            show(c, now)
    print(c.sync(0, (216_600_000, 0), 700, now), c.sync(1, (230_000_000, 5), 30_000, now))
    show(c, now)
"""


def on_the_host(discipline: ModuleType, clock: ModuleType) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(PROGRAM, {"discipline": discipline, "clock": clock})
    return said.getvalue()


async def on_the_image() -> str:
    async with booted() as pico:
        await pico.install(MODULES)
        return await pico.run("from locker.core import clock, discipline\n" + PROGRAM)


def test_the_lab_computes_what_the_board_computes() -> None:
    singles = on_the_host(*float32.load("discipline", "clock"))
    assert len(singles.split("\n")) > 200
    assert singles != on_the_host(discipline, clock)  # the host's doubles
    assert asyncio.run(on_the_image()).split("\r\n") == singles.split("\n")
