"""Names that every pinned MicroPython image holds, read from the images: what a name costs a board
no heap for (lockerctl.naming). ``python -m lockerctl.image_names`` writes boards/image_names.txt.

An image keeps its names in pools, each a struct of six words (the pool before, the number of names
before, room, number, hashes, lengths) and a pointer to each name (py/qstr.h, MicroPython 1.27).
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from lockerctl import images
from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import REPO, exit_code

LIST = REPO / "boards" / "image_names.txt"
BOARDS = ("pico_w", "esp32")

_HEADER = """\
# Names that every image of images.lock holds: the build calls the firmware's own names by these,
# as they cost no heap. Written by python -m lockerctl.image_names. A name that an image lacks
# costs that board some bytes, no more.
"""
_ONLY_SOME = """\
# Names that only some of these images hold: what the firmware calls so keeps its name, as the same
# may be asked of an object of the image.
"""
_POOL = struct.Struct("<6I")
_FIRST = (
    b"",
    b"__dir__",
    b"\n",
    b" ",
    b"*",
    b"/",
    b"<module>",
)  # its second name and on
_UF2_BLOCK, _UF2_DATA = 512, 32
_APP_AT = 0x10000 - 0x1000  # the ESP32's application in a .bin that is flashed at 0x1000
_ESP_MAGIC, _ESP_HEADER = 0xE9, 24
_NAME_MAX = 64

Segment = tuple[int, bytes]  # address, content


def listed() -> list[str]:
    """Names that every image holds."""
    return _part(0)


def only_some() -> list[str]:
    """Names that at least one image holds and another lacks."""
    return _part(1)


def _part(index: int) -> list[str]:
    lines = LIST.read_text().split(_ONLY_SOME)[index].splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def names(image: Path) -> list[str]:
    """All names in an image. ToolError (refused) when they are not found."""
    memory = _Memory(_uf2(image) if image.suffix == ".uf2" else _esp32(image))
    found: list[str] = []
    pool: int | None = memory.first_pool()
    while pool is not None:
        found += memory.names(pool)
        pool = memory.following(pool, len(found))
    return found


class _Memory:
    """What the chip sees of an image."""

    def __init__(self, segments: list[Segment]) -> None:
        self._segments = segments

    def first_pool(self) -> int:
        """Its address. ToolError when there is none."""
        for text in self._places(b"\0__dir__\0"):
            for pointer in self._places(struct.pack("<I", text + 1)):
                start = pointer - 2 * 4
                if tuple(map(self._name, self._words(start + 4, len(_FIRST)))) == _FIRST:
                    return start - _POOL.size
        raise ToolError(Exit.REFUSED, "the image has no pool of names where 1.27 has it")

    def following(self, pool: int, before: int) -> int | None:
        """The pool that comes after one, when so many names lie before it."""
        for place in self._places(struct.pack("<I", pool)):
            fields = self._words(place, 6)
            if len(fields) == 6 and before in (fields[1] & 0x7FFFFFFF, fields[1] >> 1):
                return place
        return None

    def names(self, pool: int) -> list[str]:
        """Those of one pool."""
        count = self._words(pool, 6)[3]
        return [
            self._name(word).decode("latin-1") for word in self._words(pool + _POOL.size, count)
        ]

    def _words(self, address: int, count: int) -> tuple[int, ...]:
        data = self._read(address, 4 * count)
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _name(self, address: int) -> bytes:
        return self._read(address, _NAME_MAX).split(b"\0")[0]

    def _read(self, address: int, count: int) -> bytes:
        for start, data in self._segments:
            if start <= address < start + len(data):
                return data[address - start : address - start + count]
        return b""

    def _places(self, wanted: bytes) -> Iterator[int]:
        for start, data in self._segments:
            at = data.find(wanted)
            while at >= 0:
                yield start + at
                at = data.find(wanted, at + 1)


def _uf2(image: Path) -> list[Segment]:
    data = image.read_bytes()
    segments: list[tuple[int, bytearray]] = []
    for at in range(0, len(data), _UF2_BLOCK):
        address, size = struct.unpack_from("<II", data, at + 12)
        if not segments or segments[-1][0] + len(segments[-1][1]) != address:
            segments.append((address, bytearray()))
        segments[-1][1].extend(data[at + _UF2_DATA : at + _UF2_DATA + size])
    return [(address, bytes(content)) for address, content in segments]


def _esp32(image: Path) -> list[Segment]:
    data = image.read_bytes()
    if data[_APP_AT] != _ESP_MAGIC:
        raise ToolError(Exit.REFUSED, f"{image} has no application where it should be")
    segments, at = [], _APP_AT + _ESP_HEADER
    for _ in range(data[_APP_AT + 1]):
        address, size = struct.unpack_from("<II", data, at)
        segments.append((address, data[at + 8 : at + 8 + size]))
        at += 8 + size
    return segments


def main() -> None:
    """Write the list."""
    every = [set(names(images.fetch(images.image_for(board)).path)) for board in BOARDS]
    common = set.intersection(*every)
    usable, others = _usable(common), _usable(set.union(*every) - common)
    LIST.write_text(_HEADER + "\n".join(usable) + "\n" + _ONLY_SOME + "\n".join(others) + "\n")
    print(f"{LIST.relative_to(REPO)}: {len(usable)} names, {len(others)} only in some")


def _usable(names_: set[str]) -> list[str]:
    return sorted(name for name in names_ if name.isidentifier() and not name.startswith("__"))


if __name__ == "__main__":
    sys.exit(exit_code(main))
