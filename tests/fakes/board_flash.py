"""A board's raw REPL in this process, on a folder: for the host tools that send code.

The code sent is run as it is, on a flash whose power can be cut before any change, and on a host
that can be killed before or in any script.
"""

import builtins
import errno
import os
import types
from pathlib import Path
from typing import Any

from locker.drivers import ds3231
from lockerctl.errors import Exit, ToolError


class PowerCut(BaseException):
    """The board has lost its power."""


class HostKilled(BaseException):
    """The host has gone; the board runs what it has got."""


class BoardFlash:
    """lockerctl.device.Device. cut_at: the how-manieth change of the flash does not happen;
    kill_at: the how-manieth script never reaches the board.
    """

    def __init__(self, folder: Path, platform: str = "rp2") -> None:
        self.folder = folder
        self.platform = platform
        self.pins: dict[int, int] = {}
        self.cut_at = self.kill_at = -1
        self.changes = self.scripts = self.resets = 0
        self.said: list[str] = []
        self.free_blocks = 200
        self.urandom = os.urandom
        self.clock = ClockChip()
        self._globals: dict[str, Any] = {}
        self.soft_reset()

    def run(self, code: str, limit_s: float) -> str:
        assert limit_s > 0
        if self.scripts == self.kill_at:
            raise HostKilled
        self.scripts += 1
        self.said = []
        try:
            exec(code, self._globals)
        except Exception as error:
            raise ToolError(Exit.REJECTED, f"The board says: {error!r}") from error
        return "".join(self.said)

    def soft_reset(self) -> None:
        self.resets += 1
        own = {
            "open": self._open,
            "print": lambda *a: self.said.append(" ".join(map(str, a)) + "\n"),
            "__import__": self._import,
        }
        self._globals = {"__builtins__": {**vars(builtins), **own}, "__name__": "__main__"}

    def start(self) -> None:
        """main.py's first statement."""
        source = (Path(__file__).parents[2] / "firmware/swap.py").read_text()
        self.soft_reset()
        exec(source + "\nfinish('.')", self._globals)

    def files(self) -> dict[str, bytes]:
        """Everything on the flash."""
        found = (p for p in sorted(self.folder.rglob("*")) if p.is_file())
        return {p.relative_to(self.folder).as_posix(): p.read_bytes() for p in found}

    def _change(self) -> None:
        if self.changes == self.cut_at:
            raise PowerCut
        self.changes += 1

    def _open(self, path: str, mode: str = "r") -> Any:
        if "r" not in mode:
            self._change()
            return _Written(self, self.folder / path, mode)
        return (self.folder / path).open(mode)

    def _import(self, name: str, *rest: Any) -> Any:
        if name == "os":
            return self._os()
        if name == "sys":
            return types.SimpleNamespace(
                platform=self.platform, implementation=types.SimpleNamespace(_mpy=0x306)
            )
        if name == "machine":
            return types.SimpleNamespace(Pin=self._pin, I2C=lambda *_a, **_k: self.clock)
        if name == "safe":
            return self._safe()
        return builtins.__import__(name, *rest)

    def _safe(self) -> Any:
        if not (self.folder / "safe.mpy").exists():
            raise ImportError("safe")
        return types.SimpleNamespace(outputs_safe=lambda: self.pins.update({22: 0}))

    def _pin(self, number: int, mode: int = 0, value: int = 0) -> None:
        if mode:
            self.pins[number] = value

    _pin.OUT = 1  # type: ignore[attr-defined]

    def _os(self) -> Any:
        def path(name: str) -> Path:
            return self.folder / name

        def changed(action: Any) -> Any:
            def act(*names: str) -> None:
                for name in names[:1]:
                    path(name).stat() if action is not os.mkdir else None
                self._change()
                action(*map(path, names))

            return act

        def ilistdir(folder: str) -> Any:
            for item in sorted(path(folder).iterdir()):
                yield item.name, 0x4000 if item.is_dir() else 0x8000, 0, item.stat().st_size

        return types.SimpleNamespace(
            ilistdir=ilistdir,
            listdir=lambda folder=".": [item.name for item in path(folder).iterdir()],
            mkdir=changed(os.mkdir),
            remove=changed(os.remove),
            rename=changed(os.replace),
            rmdir=changed(os.rmdir),
            urandom=lambda count: self.urandom(count),
            statvfs=lambda _p: (4096, 4096, 212, self.free_blocks),
        )


class ClockChip:
    """A DS3231 on the board's bus."""

    def __init__(self) -> None:
        self.registers = bytearray(0x13)

    @property
    def at_s(self) -> "int | None":
        """The time that it was set to."""
        return ds3231.DS3231(self, 0x68).read()

    def readfrom_mem_into(self, _address: int, register: int, into: bytearray) -> None:
        into[:] = self.registers[register : register + len(into)]

    def writeto_mem(self, _address: int, register: int, data: bytes) -> None:
        self.registers[register : register + len(data)] = data


class _Written:
    """A file open for writing. Half of a write may be on the flash when the power goes."""

    def __init__(self, board: BoardFlash, path: Path, mode: str) -> None:
        if not path.parent.is_dir():
            raise OSError(errno.ENOENT, "ENOENT")
        self._board = board
        self._file = path.open(mode)

    def write(self, data: bytes) -> None:
        self._file.write(data[: len(data) // 2])
        self._file.flush()
        self._board._change()
        self._file.write(data[len(data) // 2 :])

    def __enter__(self) -> "_Written":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
