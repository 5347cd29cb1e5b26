"""The emulated board's USB console on a TCP port of loopback, as a host program sees it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from pico import WALL_LIMIT_S, Pico
from rp2040py.cli.socket_repl import SocketInteractiveRepl

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


async def host(program: str, *arguments: str, kill_after_s: float = 0) -> tuple[int, str]:
    """Run a program of the virtual environment, killed after so long; its code and output."""
    process = await asyncio.create_subprocess_exec(
        BIN / program,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    if kill_after_s:
        await asyncio.sleep(kill_after_s)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    said, _ = await asyncio.wait_for(process.communicate(), WALL_LIMIT_S)
    return process.returncode or 0, said.decode()
