"""The flash of an ESP32: the official image and a file system where that image looks for it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..errors import EmulatorError
from ..flashfs import Geometry

IMAGE_AT = 0x1000  # the boot loader's place on this chip
_TABLE = 0x8000
_TABLE_END = 0x9000
_ENTRY = struct.Struct("<HBBII16sI")  # mark, type, subtype, offset, size, label, flags
_MARK = 0x50AA
_FILES = b"vfs"
_BLOCK = 4096
_PROGRAM = 32  # MicroPython's default on this port, with which it formats and mounts


def files_area(image: bytes, flash_bytes: int) -> Geometry:
    """Where the image keeps its files: its partition "vfs", or all that its partitions leave free.

    EmulatorError for an image without a partition table.
    """
    free = 0
    for offset, size, label in _partitions(image):
        if label == _FILES:
            return Geometry(offset, size // _BLOCK, _BLOCK, _PROGRAM)
        free = max(free, offset + size)
    if not free:
        raise EmulatorError("the image has no partition table")
    return Geometry(free, (flash_bytes - free) // _BLOCK, _BLOCK, _PROGRAM)


def compose(image: bytes, files: bytes, flash_bytes: int) -> bytes:
    """A whole flash. EmulatorError when something does not fit."""
    area = files_area(image, flash_bytes)
    if IMAGE_AT + len(image) > area.start or area.start + len(files) > flash_bytes:
        raise EmulatorError(f"image and files do not fit {flash_bytes // 1024} KB of flash")
    flash = bytearray(b"\xff" * flash_bytes)
    flash[IMAGE_AT : IMAGE_AT + len(image)] = image
    flash[area.start : area.start + len(files)] = files
    return bytes(flash)


def _partitions(image: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(offset, size, label) of each entry of the table."""
    table = image[_TABLE - IMAGE_AT : _TABLE_END - IMAGE_AT]
    for at in range(0, len(table) - _ENTRY.size + 1, _ENTRY.size):
        mark, _, _, offset, size, label, _ = _ENTRY.unpack_from(table, at)
        if mark != _MARK:
            return
        yield offset, size, label.rstrip(b"\0")
