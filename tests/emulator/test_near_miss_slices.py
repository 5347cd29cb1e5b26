"""Slices of the search for near misses on the real Pico W image: each is over within 5 ms, so that
no door and no key waits for it.
"""

import asyncio

import pytest
from pico import IMAGE, ROOT, booted

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

LOCKER = ROOT / "firmware" / "locker"
CORE = ("access", "codes", "compartments", "damm", "faults", "mac", "near_miss", "otp", "records")
MODULES = {f"locker/core/{n}": LOCKER / "core" / f"{n}.py" for n in (*CORE, "window")} | {
    "locker/app/near_search": LOCKER / "app" / "near_search.py"
}
LIMIT_US = 5_000
SCRIPT = """
import gc, time
from locker.app.near_search import Search
from locker.core import near_miss, otp
from locker.core.access import Entry, Moment
from locker.core.compartments import OCCUPIED, Compartment
from locker.core.mac import Mac
import struct
moment = Moment(215_000_000, 3, True)
mac = Mac(b"k" * 20)
rows = [Compartment(door, "S", b"k" * 32) for door in range(1, 25)]
for row in rows:
    row.occupancy = OCCUPIED
def rotating(step):
    return otp.truncate(mac.digest(struct.pack(">II", 0, step)), 8)
kinds = (
    near_miss.recipient(Entry(3, -1, False), rows, ("4h", "24h", "3d", "7d"), moment),
    near_miss.rotating(lambda step: rotating(step) == -1, range(0), moment),
)
for misses in kinds:
    search = Search(None, 3, misses)
    took = []
    over = False
    while not over:
        gc.collect()
        before = time.ticks_us()
        over = search.slice(0)
        took.append(time.ticks_diff(time.ticks_us(), before))
    print(len(took), max(took), sum(took))
"""


async def measured() -> list[list[int]]:
    async with booted() as pico:
        await pico.install(MODULES)
        said = await pico.run(SCRIPT)
    return [[int(word) for word in line.split()] for line in said.split("\n") if line.strip()]


def test_no_slice_takes_longer_than_a_door_can_wait() -> None:
    fixed, rotating = asyncio.run(measured())
    print(fixed, rotating)
    assert fixed[0] >= (3 * 4 * 16 + 23 * 4 * 4) // 3 and rotating[0] >= 75
    assert max(fixed[1], rotating[1]) <= LIMIT_US
