"""lockerctl deploy against the real Pico W image, over its USB console."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from console import console, flash_with, host
from pico import IMAGE, ROOT, Pico, booted, compiled

from lockerctl.trusted import sha256_hex

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images"),
]
HERE = Path(__file__).parent
DEPLOY = str(HERE / "deploy_folder.py")
# Says which version of each module it got; main.py of the firmware starts in the same way.
MAIN = b"""\
import swap
swap.finish('.')
import one, locker.two
with open('station.json', 'w') as f:
    f.write(one.IS + locker.two.IS)
"""
# Which version is sent, the how-manieth script is the host's last, what starts then. Each run goes
# on from the one before: a file is staged, the manifest is staged, the commit, the swap.
DEATHS = (
    ("new", 7, "oldold"),
    ("new", 6, "oldold"),
    ("new", 7, "newnew"),
    ("old", 10, "oldold"),
)
EMPTY = ("locker/__init__.py", "locker/app/__init__.py")


def version(folder: Path, files: dict[str, bytes]) -> str:
    """A built version, as lockerctl.build leaves it; its folder."""
    files["board.json"] = (ROOT / "boards" / "pico_w" / "board.json").read_bytes()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    entries = {n: {"sha256": sha256_hex(d), "size": len(d)} for n, d in sorted(files.items())}
    (folder / "manifest.json").write_text(json.dumps(entries))
    return str(folder)


def module(folder: Path, text: str) -> bytes:
    (folder / "module.py").write_text(text)
    return compiled(folder / "module.py")


async def restart(pico: Pico) -> str:
    """Soft reset into boot.py and main.py; what main.py found."""
    for byte in b"\r\x03\x02\x04":
        pico.device.cdc.send_serial_byte(byte)
    await pico.pass_time(250)
    return (await pico.run("print(open('station.json').read())")).strip()


def test_ten_unchanged_files_take_less_than_a_third_of_mpremote(tmp_path, capsys):
    built = [
        ROOT / "firmware" / "locker" / "core" / f"{name}.py"
        for name in ("bank", "doors", "session", "wire", "codes", "records", "settings", "clock")
    ]
    files = {f"locker/core/{path.stem}.mpy": compiled(path) for path in built}
    source = version(tmp_path / "build", {**files, "hal.mpy": compiled(built[0])})

    async def story() -> list[tuple[float, float]]:
        async with booted(flash_with(Path(source))) as pico, console(pico) as url:
            seconds = []
            for command in (
                ("python", DEPLOY, url, source),
                ("mpremote", "connect", url, "cp", "-r", source + "/.", ":/"),
            ):
                began, began_ms = time.monotonic(), pico.now_ms
                code, said = await host(*command)
                assert code == 0, said
                seconds.append((time.monotonic() - began, pico.now_ms - began_ms))
                assert '"changed": []' in said or said.count("Up to date") == 11, said
            return seconds

    ours, theirs = asyncio.run(story())
    with capsys.disabled():
        print(
            f"\n10 unchanged files: lockerctl deploy {ours[0]:.1f} s ({ours[1]:.0f} ms on the "
            f"chip), mpremote cp -r {theirs[0]:.1f} s ({theirs[1]:.0f} ms)"
        )
    assert ours[1] < theirs[1] / 3  # time on the chip: the wall clock here is anybody's


def test_host_killed_at_any_moment_leaves_one_version(tmp_path):
    common = {name.replace(".py", ".mpy"): module(tmp_path, "") for name in EMPTY}
    common["swap.mpy"] = compiled(ROOT / "firmware/swap.py")
    common["main.py"] = MAIN
    folders = {}
    for name in ("old", "new"):
        text = f"IS = {name!r}\nPADDING = {name * 50!r}\n"
        own = {"one.mpy": module(tmp_path, text), "locker/two.mpy": module(tmp_path, text)}
        own["hal.mpy"] = module(tmp_path, "")
        folders[name] = version(tmp_path / name, {**common, **own})

    async def story() -> None:
        async with booted(flash_with(Path(folders["old"]))) as pico:
            assert await restart(pico) == "oldold"
            for name, script, starts in DEATHS:
                async with console(pico) as url:
                    code, said = await host("python", DEPLOY, url, folders[name], str(script))
                    assert code == 9, said
                    await pico.pass_time(200)  # the board finishes the script
                assert await restart(pico) == starts

    asyncio.run(story())
