"""The unit tests of HMAC and of one-time codes, run by the real Pico W image itself."""

import asyncio

import pytest
from pico import IMAGE, ROOT, booted

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]

CORE = ROOT / "firmware" / "locker" / "core"
UNIT = ROOT / "tests" / "unit" / "core"
TESTS = ("test_mac", "test_otp")
RUNNER = """
def run(name):
    tests = __import__(name)
    for one in sorted(dir(tests)):
        if one[:5] == "test_":
            getattr(tests, one)()
            print(one)
"""


async def on_the_image(name: str) -> list[str]:
    async with booted() as pico:
        await pico.install({f"locker/core/{n}": CORE / f"{n}.py" for n in ("mac", "otp")})
        await pico.install({name: UNIT / f"{name}.py"})
        return (await pico.run(f"{RUNNER}\nrun({name!r})\n")).split()


def functions(name: str) -> list[str]:
    lines = (UNIT / f"{name}.py").read_text().splitlines()
    return sorted(line[4 : line.index("(")] for line in lines if line.startswith("def test_"))


@pytest.mark.parametrize("name", TESTS)
def test_the_image_passes_every_one(name: str) -> None:
    asked = functions(name)
    assert asked and asyncio.run(on_the_image(name)) == asked
