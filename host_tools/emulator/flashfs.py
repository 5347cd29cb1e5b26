"""The file system of a station's flash, made and read here by the unix port's own littlefs."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import EmulatorError

_END_S = 60.0

# Runs on the unix port. argv: make, shorten or read, block count, block size, program size, image,
# folder.
_TOOL = """\
import os, sys, vfs

class Flash:
    def __init__(self, data, size):
        self.data = data
        self.size = size
        self.erased = 0

    def readblocks(self, block, buf, offset=0):
        at = block * self.size + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=None):
        at = block * self.size + (offset or 0)
        self.data[at : at + len(buf)] = buf

    def ioctl(self, what, value):
        if what == 4:
            return len(self.data) // self.size
        if what == 5:
            return self.size
        if what == 6:
            self.erased += 1
            at = value * self.size
            self.data[at : at + self.size] = b"\\xff" * self.size
        return 0

def copy(source, target):
    for name, kind, *_ in os.ilistdir(source):
        if kind == 0x4000:
            os.mkdir(target + "/" + name)
            copy(source + "/" + name, target + "/" + name)
            continue
        with open(source + "/" + name, "rb") as old, open(target + "/" + name, "wb") as new:
            new.write(old.read())

def shorten(folder):
    before = flash.erased
    while flash.erased == before:
        open(folder + "/~", "w").close()
        os.remove(folder + "/~")
    for name, kind, *_ in os.ilistdir(folder):
        if kind == 0x4000:
            shorten(folder + "/" + name)

what, count, size, program, image, folder = sys.argv[1:]
count, size, program = int(count), int(size), int(program)
data = bytearray(b"\\xff" * (count * size))
flash = Flash(data, size)
if what == "read":
    with open(image, "rb") as file:
        file.readinto(data)
else:
    vfs.VfsLfs2.mkfs(flash, progsize=program)
vfs.mount(vfs.VfsLfs2(flash, progsize=program, mtime=what != "shorten"), "/flash")
if what == "read":
    copy("/flash", folder)
else:
    copy(folder, "/flash")
    if what == "shorten":
        shorten("/flash")
    vfs.umount("/flash")
    with open(image, "wb") as file:
        file.write(data)
"""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where a port keeps its file system. start, block_bytes, program_bytes: bytes."""

    start: int
    blocks: int
    block_bytes: int = 4096
    program_bytes: int = 256

    @property
    def end(self) -> int:
        """One past the last byte."""
        return self.start + self.blocks * self.block_bytes


def make(folder: Path, geometry: Geometry, micropython: str, *, shorten: bool = False) -> bytes:
    """A file system that holds what lies in the folder. EmulatorError when it does not fit.

    shorten: have littlefs write every folder's log anew, so that few reads find a file.
    """
    with tempfile.TemporaryDirectory(prefix="latchwork-flash-") as place:
        image = Path(place) / "image"
        _run(micropython, "shorten" if shorten else "make", geometry, image, folder)
        return image.read_bytes()


def read(image: bytes, geometry: Geometry, micropython: str, folder: Path) -> None:
    """Copy a whole file system into an empty folder. EmulatorError when it does not mount."""
    with tempfile.TemporaryDirectory(prefix="latchwork-flash-") as place:
        file = Path(place) / "image"
        file.write_bytes(image)
        _run(micropython, "read", geometry, file, folder)


def _run(micropython: str, what: str, geometry: Geometry, image: Path, folder: Path) -> None:
    numbers = (geometry.blocks, geometry.block_bytes, geometry.program_bytes)
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(_TOOL)
        script.flush()
        done = subprocess.run(
            [
                micropython,
                "-X",
                "heapsize=16M",
                script.name,
                what,
                *map(str, numbers),
                image,
                folder,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=_END_S,
        )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise EmulatorError(f"cannot {what} the flash image: {said}")
