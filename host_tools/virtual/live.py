"""The live runner: real firmware on the MicroPython unix port against the bench, in real time.

It is the board's power switch and watchdog: it starts the process, starts it again when it ends,
and kills it when it stops feeding. Nothing it started outlives it: the process also ends by itself
when the bench is gone.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .server import BenchServer

# A Pico W has about 190 KB for the application, in 32-bit words. Pointers and objects of the unix
# port are twice as large, so twice the bytes is the honest equal; it is a leak test, not a proof
# that the firmware fits.
PICO_HEAP_KB = 380
WATCHDOG_MS = 4000.0
_CHECK_S = 0.05
_RESTART_PAUSE_S = 0.2
_END_S = 2.0
_START = "import boot, main"


@dataclass(frozen=True, slots=True)
class Firmware:
    """What to run and where. ``build``: the built tree (boot.py, main.py and what they load).

    ``flash``: its files.
    """

    build: Path
    flash: Path
    log: Path
    heap_kb: int = PICO_HEAP_KB
    interpreter: str = "micropython"
    start: str = _START


class LiveRunner:
    """Use as a context manager around everything that needs the station running."""

    def __init__(self, server: BenchServer, firmware: Firmware) -> None:
        self.starts = 0
        self.last_cause = ""
        self._server = server
        self._firmware = firmware
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="live runner", daemon=True)

    def __enter__(self) -> Self:
        self._start("power")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        with self._lock:
            return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Switch off for good. Safe to call twice."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._end()

    def power_cut(self, away_s: float = 0.5) -> None:
        """Power gone now, back after away_s. Blocks until the board has been started again."""
        with self._lock:
            self._end()
            with self._server.bench() as bench:
                bench.lose_power()
            self._stopping.wait(away_s)
            if not self._stopping.is_set():
                self._start("power")

    def log_tail(self, lines: int = 20) -> list[str]:
        """The last lines that the firmware printed."""
        with contextlib.suppress(OSError):
            return self._firmware.log.read_text(errors="replace").splitlines()[-lines:]
        return []

    def _start(self, cause: str) -> None:
        fw = self._firmware
        code = fw.build.resolve()
        self._server.supervision.fed_at_ms = None
        self._server.supervision.restart_asked = False
        env = os.environ | {
            "MICROPYPATH": f"{code}:.frozen:{code / 'lib'}",  # the order of the images
            "LATCHWORK_BENCH": str(self._server.port),
            "LATCHWORK_RESET_CAUSE": cause,
        }
        command = [fw.interpreter, "-X", f"heapsize={fw.heap_kb}k", "-c", fw.start]
        with fw.log.open("ab") as log:
            log.write(f"--- start {self.starts + 1}: {cause}\n".encode())
            log.flush()
            # Its own session: a Ctrl-C at the terminal is ours to handle, not the board's.
            self._process = subprocess.Popen(
                command,
                cwd=fw.flash,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.starts += 1
        self.last_cause = cause
        self._note(f"board starts ({cause})")

    def _end(self) -> None:
        with self._lock:
            if self._process is None:
                return
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait(_END_S)
            self._process = None

    def _watch(self) -> None:
        while not self._stopping.wait(_CHECK_S):
            with self._lock, self._reported():
                self._check()

    def _check(self) -> None:
        supervision = self._server.supervision
        if self._process is None:
            return
        fed = supervision.fed_at_ms
        hung = fed is not None and self._server.now_ms() - fed > WATCHDOG_MS
        if self._process.poll() is None and not hung:
            return
        cause = "soft" if supervision.restart_asked and not hung else "watchdog"
        why = "no feed" if hung else f"ended with {self._process.returncode}"
        self._note(f"board reset: {why}")
        self._end()
        if not self._stopping.wait(_RESTART_PAUSE_S):
            self._start(cause)

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._note(f"board cannot be started: {error}")

    def _note(self, text: str) -> None:
        with self._server.bench() as bench:
            bench.note("board", text)
