"""`make emulate`: the shipped files on the real image, and the fence around its network.

The story takes about three minutes, the fence half a minute, the rest is quick.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pico import IMAGE, ROOT

from emulator import flashfs, radio
from emulator.errors import EmulatorError
from emulator.pico_w import FILES, Parts, PicoW
from lockerctl.rig import micropython
from virtual.bench import Bench
from virtual.layout import from_board

BOARD = ROOT / "boards" / "pico_w"
WANDERER = f"""
import network, socket
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect({radio.SSID!r})
while not wlan.isconnected():
    pass
said = []
broker = {radio.BROKER_ADDRESS!r}
for address in (("192.0.2.7", 80), (broker, 1884), (broker, 1883)):
    sock = socket.socket()
    try:
        sock.connect(address)
        said.append("connected")
    except OSError as error:
        said.append("refused")
    sock.close()
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("192.0.2.8", 123))
with open("said", "w") as file:
    file.write(" ".join(said))
socket.getaddrinfo("example.org", 80)
"""


@pytest.fixture
def loopback_only():
    """The addresses that sockets of this process were sent to."""
    seen: list[object] = []
    watching = [True]

    def watch(event, arguments):
        if watching and event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
            seen.append(arguments[1][0] if event != "socket.getaddrinfo" else arguments[0])

    sys.addaudithook(watch)
    yield seen
    watching.clear()


@pytest.mark.emulator
@pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images")
def test_the_shipped_files_play_the_story_on_the_image():
    command = [Path(sys.executable).with_name("lockerctl"), "emulate", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    result = json.loads(done.stdout.splitlines()[-1])
    events = result.pop("events", 0)
    assert result == {
        "story": "ok",
        "board": "pico_w",
        "door": 3,
        "seed": 42,
        "opened": [3],
        "refused": ["wrong_code", "conflict"],
    }
    assert done.returncode == 0
    assert events >= 6  # boot, refusal, claim, pulse, opening, refusal


@pytest.mark.emulator
@pytest.mark.skipif(not IMAGE.exists(), reason="no image: make images")
def test_a_guest_reaches_the_broker_and_nothing_else(tmp_path, loopback_only):
    (tmp_path / "main.py").write_text(WANDERER)
    board = json.loads((BOARD / "board.json").read_text())
    files = flashfs.make(tmp_path, FILES, micropython())

    async def wander() -> tuple[PicoW, radio.Gate]:
        async def take(reader, writer):
            await reader.read()
            writer.close()

        server = await asyncio.start_server(take, radio.LOOPBACK, 0)
        gate = radio.Gate(1883, server.sockets[0].getsockname()[1])
        pico = PicoW(Parts(IMAGE, files, board), Bench(from_board(BOARD)), gate)
        asked = (radio.BROKER_ADDRESS, 53)
        with radio.sealed(), pico.powered():
            assert await pico.run(lambda: asked in gate.dropped, 6000), gate
        server.close()
        return pico, gate

    pico, gate = asyncio.run(wander())
    assert gate.connected == 1
    assert gate.refused == [("192.0.2.7", 80), (radio.BROKER_ADDRESS, 1884)]
    assert ("192.0.2.8", 123) in gate.dropped
    assert set(loopback_only) <= {radio.LOOPBACK}
    out = tmp_path / "out"
    out.mkdir()
    flashfs.read(pico.files(), FILES, micropython(), out)
    assert (out / "said").read_text() == "refused refused connected"


def test_the_gate_leads_to_one_place():
    gate = radio.Gate(1883, 1)
    for address in (("127.0.0.1", 1883), (radio.BROKER_ADDRESS, 53), ("192.0.2.1", 1883)):
        with pytest.raises(ConnectionRefusedError):
            asyncio.run(gate.connect(*address))
    assert gate.connected == 0
    assert len(gate.refused) == 3


def test_a_sealed_process_reaches_no_other_computer():
    import socket

    with radio.sealed(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"?", ("127.0.0.1", 9))
        with pytest.raises(PermissionError):
            sock.sendto(b"?", ("192.0.2.1", 53))
        with pytest.raises(PermissionError):
            socket.create_connection(("192.0.2.1", 80), 1)
        with pytest.raises(PermissionError):
            socket.getaddrinfo("example.org", 80)


def test_files_come_back_from_a_flash_image_as_they_went_in(tmp_path):
    tree, out = tmp_path / "tree", tmp_path / "out"
    (tree / "locker" / "core").mkdir(parents=True)
    out.mkdir()
    contents = {"main.py": b"", "locker/a.mpy": bytes(range(256)) * 40, "locker/core/b": b"x"}
    for name, data in contents.items():
        (tree / name).write_bytes(data)
    image = flashfs.make(tree, FILES, micropython())
    assert len(image) == FILES.end - FILES.start == 848 * 1024
    flashfs.read(image, FILES, micropython(), out)
    found = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert found == contents


def test_a_flash_image_that_is_none_is_refused(tmp_path):
    with pytest.raises(EmulatorError, match="cannot read"):
        flashfs.read(bytes(848 * 1024), FILES, micropython(), tmp_path)
