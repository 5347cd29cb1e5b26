"""Retired keys leave the real chip's flash: the image's own littlefs and rp2.Flash."""

import asyncio

import pytest
from pico import IMAGE, ROOT, booted

from locker.core import codes

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

LOCKER = ROOT / "firmware" / "locker"
NAMES = (
    *(f"core/{n}" for n in ("codes", "compartments", "damm", "faults", "mac", "otp", "records")),
    "storage/cells",
    "storage/shred",
)
MODULES = {f"locker/{name}": LOCKER / f"{name}.py" for name in NAMES}
BLOCKS = 212
FIRST = {door: bytes([door]) * 31 + b"k" for door in range(1, 7)}
COLLECTED = (3, 5, 3)
BEGIN = f"""
import gc, os, rp2, time
from locker.core import compartments
from locker.core.compartments import Compartment
from locker.storage.cells import Cells
os.mkdir("cells")
cells = Cells("cells")
doors = [Compartment(door, "S", bytes([door]) * 31 + b"k") for door in range(1, {len(FIRST) + 1})]
def save(c, purge=False):
    cells.save(compartments.cell(c.door), c.pack(), purge)
for c in doors:
    save(c)
    save(c)
for door in {COLLECTED}:
    c = doors[door - 1]
    c.start_claim(c.tenancy)
    c.collect()
    save(c, True)
"""
SHRED = """
from locker.storage.shred import Shredder
gc.collect()
free = gc.mem_free()
shredder = Shredder(rp2.Flash(), cells, doors, save)
times, goes_on = [], True
while goes_on:
    began = time.ticks_us()
    goes_on = shredder.step()
    times.append(time.ticks_diff(time.ticks_us(), began))
times.sort()
print(len(times), times[len(times) // 2], times[-1], int(shredder.left), sum(times))
again = Cells("cells")
print([again.load(compartments.cell(c.door)) == c.pack() and not again.bad_copies for c in doors])
"""


def keys() -> tuple[list[bytes], list[bytes]]:
    """(retired, present) of all doors."""
    retired, present = [], dict(FIRST)
    for door in COLLECTED:
        retired.append(present[door])
        present[door] = codes.next_key(present[door])
    return retired, list(present.values())


async def on_the_image() -> tuple[bytes, str, bytes]:
    async with booted() as pico:
        await pico.install(MODULES)
        await pico.run(BEGIN)
        before = pico.flash()
        return before, await pico.run(SHRED), pico.flash()


def test_no_retired_key_is_left_and_every_cell_is_read() -> None:
    before, said, after = asyncio.run(on_the_image())
    retired, present = keys()
    assert all(key in before for key in retired)
    assert not any(key in after for key in retired)
    assert all(key in after for key in present)
    figures, cells = said.splitlines()
    steps, median_us, longest_us, left, _ = map(int, figures.split())
    assert cells == str([True] * len(FIRST))
    assert steps > BLOCKS and not left
    assert median_us < 5_000 and longest_us < 200_000, (
        "the longest step writes a folder's log anew"
    )
