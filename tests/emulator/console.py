"""The emulated board's USB console on a TCP port of loopback, as a host program sees it."""

import asyncio
import contextlib
import dataclasses
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from pico import IMAGE, WALL_LIMIT_S, Pico
from rp2040py.boards import BOARDS
from rp2040py.cli.socket_repl import SocketInteractiveRepl
from rp2040py.device import MicroPythonDevice

from emulator import flashfs
from emulator.pico_w import FILES

BIN = Path(sys.executable).parent


@contextlib.asynccontextmanager
async def console(pico: Pico) -> AsyncIterator[str]:
    """A pySerial URL of the board's console, good for one client at a time."""
    device = pico.device
    repl = SocketInteractiveRepl(device.cdc, device.simulator, on_quit=lambda _code: None)
    await repl.start()
    try:
        yield f"socket://127.0.0.1:{repl.port}"
    finally:
        await repl.stop()


async def host(program: str, *arguments: str, typed: str = "") -> tuple[int, str]:
    """Run a program of the virtual environment; its code and output. typed: what it reads where it
    would ask somebody at a terminal.
    """
    process = await asyncio.create_subprocess_exec(
        BIN / program,
        *arguments,
        start_new_session=True,  # without a terminal
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(typed.encode()), WALL_LIMIT_S)
    return process.returncode or 0, said.decode()


def flash_with(folder: Path) -> bytes:
    """A whole flash: the image, and a file system with what lies in the folder."""
    board = dataclasses.replace(BOARDS["pico"], image=IMAGE)
    flash = bytearray(MicroPythonDevice(board=board).mcu.flash)
    flash[FILES.start : FILES.end] = flashfs.make(folder, FILES, str(BIN / "micropython"))
    return bytes(flash)


class Typist:
    """A person at the console of a board that is left to itself: reads all, types keys."""

    def __init__(self, pico: Pico) -> None:
        self._pico = pico
        self._said = bytearray()
        pico.device.cdc.on_serial_data = self._said.extend

    @property
    def said(self) -> str:
        """Everything that the board has printed since."""
        return self._said.decode(errors="replace")

    async def types(self, keys: bytes, ms: float = 100) -> str:
        """Type, wait; what the board has printed since."""
        before = len(self._said)
        for key in keys:
            self._pico.device.cdc.send_serial_byte(key)
        await self._pico.pass_time(ms)
        return self._said[before:].decode(errors="replace")

    async def sees(self, text: str, limit_ms: float) -> None:
        """Wait until the board prints this. AssertionError with all it printed."""
        until = self._pico.now_ms + limit_ms
        while text not in self.said:
            assert self._pico.now_ms < until, self.said
            await self._pico.pass_time(5)
