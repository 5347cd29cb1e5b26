"""The station's files, and what goes wrong with them: full, slow, torn by a power cut, rotten."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import IO, Any

from virtual.bench import Bench

_ENOSPC = 28
# W25Q-class flash under littlefs (research: an append costs about one erase, a small rewrite a
# page program); the worst erase that its data sheet allows.
_APPEND_MS, _REWRITE_MS, _WORST_MS = 54.0, 10.0, 400.0
_USERS = ("locker.storage.", "locker.app.")


class PowerCut(BaseException):
    """The supply is gone in the middle of something. No handler of the firmware may see it."""


class Flash:
    """Stands for ``open`` in the firmware's modules. folder: a real one, best in memory.

    full, slow: what is wrong just now. written(): called before each write begins.
    """

    def __init__(self, folder: Path, bench: Bench, seed: str, written: Callable[[], None]) -> None:
        self.folder = folder
        self.full = False
        self.slow = False
        self._bench = bench
        self.written = written
        self._cut_in: int | None = None
        self._rng = Random(f"{seed}/flash")

    def install(self) -> None:
        """Every module of the firmware that touches files uses this flash from now on."""
        for name, module in list(sys.modules.items()):
            if name.startswith(_USERS):
                module.open = self.open  # type: ignore[attr-defined]

    def cut_at_write(self, number: int) -> None:
        """Power goes in the number-th write from now on (1: the next)."""
        self._cut_in = number

    def open(self, path: str, mode: str = "r") -> Any:
        """As the built-in one; files to be written are watched."""
        if not set(mode) & set("wa+"):
            return open(path, mode)
        self.written()
        if self.full and self._rng.random() < 0.5:
            raise OSError(_ENOSPC, "no space")
        return _File(open(path, mode), self, mode)

    def write(self, file: IO[Any], data: bytes, mode: str) -> int:
        """Write to an open file, or only a part of it."""
        if self.full:
            raise OSError(_ENOSPC, "no space")
        if self._cut_in is not None:
            self._cut_in -= 1
            if not self._cut_in:
                self._cut_in = None
                self._tear(file, data)
        n = file.write(data)
        typical = _APPEND_MS if "a" in mode else _REWRITE_MS
        self._bench.advance(self._bench.now_ms + (_WORST_MS if self.slow else typical))
        return n

    def flip_bit(self, rng: Random, name: str) -> str:
        """Rot in one of the files that match a pattern; which one and where, or ""."""
        files = sorted(path for path in self.folder.glob(name) if path.stat().st_size)
        if not files:
            return ""
        path = rng.choice(files)
        data = bytearray(path.read_bytes())
        bit = rng.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        return f"{path.relative_to(self.folder)} bit {bit}"

    def _tear(self, file: IO[Any], data: bytes) -> None:
        """The power goes before, in or after this write. An overwritten file may be left empty or
        torn: littlefs promises better, and the firmware is not to rely on it.
        """
        file.write(data[: self._rng.randrange(len(data) + 1)])
        file.close()
        raise PowerCut


class _File:
    """A file that takes time to write."""

    def __init__(self, file: IO[Any], flash: Flash, mode: str) -> None:
        self._file = file
        self._flash = flash
        self._mode = mode

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        return self._flash.write(self._file, data, self._mode)
