"""Brings a built firmware to a board so that the board has the old version or the new one, never
a mixture, wherever host, cable or power end.

Changed files are staged in ``next/`` and verified by hash on the device; one rename on it commits
them all, and firmware/swap.py puts them into place, at the latest when the board starts
next. A station's own data is never touched. A staged file that is still right is used again.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockerctl.build import FIRMWARE, MANIFEST, safe_pins
from lockerctl.device import Device
from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import sha256_hex

_CHUNK = 2048  # bytes of a file in one script
_QUICK_S = 20.0
_HASHING_S = 120.0
_STAGED_MANIFEST = "manifest.new"
_BLOCK = 4096
_SPARE_BLOCKS = 8
_PLATFORMS = {"rp2040": "rp2", "rp2350": "rp2", "esp32": "esp32"}

# Called with bytes done, bytes in all and the file's name.
Progress = Callable[[int, int, str], None]

_TOOLS = """\
import os, sys, json, hashlib, binascii
buf = bytearray(1024)
mv = memoryview(buf)
def digest(path):
    h = hashlib.sha256()
    size = 0
    with open(path, 'rb') as f:
        while True:
            n = f.readinto(buf)
            if not n:
                break
            h.update(mv[:n])
            size += n
    return '%d %s' % (size, binascii.hexlify(h.digest()).decode())
def tree(folder, skip=()):
    for name, kind, *_ in os.ilistdir(folder or '.'):
        if name in skip:
            pass
        elif kind == 0x4000:
            tree(folder + name + '/')
        else:
            print(digest(folder + name), folder + name)
"""
_STAGING = """\
def staged():
    try:
        return sorted(os.listdir('next'))
    except OSError:
        return []
def stage(name, text, mode):
    with open('next/' + name, mode) as f:
        f.write(binascii.a2b_base64(text))
def commit(want):
    h = hashlib.sha256()
    for name in staged():
        h.update(('%s %s\\n' % (digest('next/' + name), name)).encode())
    if binascii.hexlify(h.digest()).decode() != want:
        raise ValueError('the staged files are not as sent')
    os.rename('next/manifest.new', 'next/manifest.json')
"""
_LIST = """\
impl = getattr(sys.implementation, '_mpy', 0) & 0xff
vfs = os.statvfs('.')
print(sys.platform, impl, vfs[0] * vfs[3], int('station.json' in os.listdir('.')))
try:
    with open('manifest.json') as f:
        print(*json.load(f))
except (OSError, ValueError):
    print()
tree('', ('cells', 'journal', 'station.json', 'boots', 'refused'))
"""
_SAFE = """\
try:
    import safe
    safe.outputs_safe()
    print('safe')
except Exception:
    print('none')
"""
_SAFE_BY_PINS = """\
from machine import Pin
if ENABLE is not None:
    Pin(ENABLE, Pin.OUT, value=ENABLE_SAFE)
for pin in COILS:
    Pin(pin, Pin.OUT, value=COIL_SAFE)
"""
_MAKE_ROOM = """\
try:
    os.mkdir('next')
except OSError:
    pass
for name in staged():
    if name not in {keep!r}:
        os.remove('next/' + name)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies on a board. files: (bytes, sha256) by path, a station's own data left out.

    mpy: the .mpy version that it loads, 0 when it does not say; listed: the names in its manifest;
    provisioned: it holds a station's settings.
    """

    platform: str
    mpy: int
    free: int
    provisioned: bool
    listed: tuple[str, ...]
    files: dict[str, tuple[int, str]]

    @property
    def pending(self) -> bool:
        """A version has been committed and is not in place yet."""
        return f"next/{MANIFEST}" in self.files

    def staged(self, name: str) -> tuple[int, str] | None:
        """The file staged for this path."""
        return self.files.get("next/" + flat(name))


@dataclass(frozen=True, slots=True)
class Plan:
    """changed: to be sent, or staged already (resumed); removed: of the version before, or Python
    source that would be imported instead of a .mpy; strange: nobody's, left alone.
    """

    changed: tuple[str, ...]
    resumed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    strange: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Done:
    """provisioned: the board holds a station's settings, so it can start."""

    plan: Plan
    provisioned: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Version:
    """A build on this computer. files: content by path, without the manifest."""

    board: dict[str, Any]
    files: dict[str, bytes]
    manifest: bytes

    @property
    def wanted(self) -> dict[str, tuple[int, str]]:
        """(bytes, sha256) of every file, the manifest too."""
        everything = {**self.files, MANIFEST: self.manifest}
        return {name: (len(data), sha256_hex(data)) for name, data in everything.items()}


def flat(name: str) -> str:
    """The name of a path in the staging folder."""
    return name.replace("/", "!")


def load(folder: Path) -> Version:
    """A build from its folder. ToolError: damaged when a file is not what the manifest says,
    refused for the virtual board.
    """
    manifest = (folder / MANIFEST).read_bytes()
    files = {}
    for name, entry in json.loads(manifest).items():
        files[name] = (folder / name).read_bytes()
        if sha256_hex(files[name]) != entry["sha256"] or "!" in name:
            raise ToolError(Exit.DAMAGED, f"{folder / name} is not what the manifest says.")
    board = json.loads(files["board.json"])
    if board["chip"] not in _PLATFORMS:
        text = f"{board['board']} has no port: nothing is copied to it."
        raise ToolError(Exit.REFUSED, text, "BOARD=pico_w or BOARD=esp32; lockerctl virtual run.")
    return Version(board, files, manifest)


def make_safe(device: Device, board: Mapping[str, Any]) -> None:
    """Series enable and coils off by plain GPIO: the device's own code, or board.json's pins."""
    if device.run(_SAFE, _QUICK_S).split() != ["safe"]:
        device.run(safe_pins(board) + _SAFE_BY_PINS, _QUICK_S)


def look(device: Device) -> Found:
    """What is there, hashed by the device. A version committed earlier is put into place first."""
    found = _list(device, _TOOLS)
    if found.pending:
        _finish(device)
        found = _list(device)
    return found


def plan(found: Found, version: Version) -> Plan:
    """What has to be done. Raises ToolError when this build cannot run on this board."""
    _fits(found, version)
    wanted = version.wanted
    changed = tuple(name for name, is_ in wanted.items() if found.files.get(name) != is_)
    resumed = tuple(n for n in changed if n != MANIFEST and found.staged(n) == wanted[n])
    shadows = {name[:-3] + "py" for name in wanted if name.endswith(".mpy")}
    others = [n for n in found.files if n not in wanted and not n.startswith("next/")]
    removed = shadows.union(found.listed).intersection(others)
    size = sum(wanted[name][0] for name in changed if name not in resumed)
    return Plan(
        changed,
        resumed,
        len(wanted) - len(changed),
        tuple(sorted(removed)),
        tuple(sorted(set(others) - removed)),
        size,
    )


def carry_out(device: Device, found: Found, version: Version, todo: Plan, told: Progress) -> None:
    """Stage, commit, put into place. Raises ToolError; the board then has the old version, or the
    new one, or completes the new one when it starts.
    """
    blocks = sum(len(version.files.get(n, version.manifest)) // _BLOCK + 1 for n in todo.changed)
    if found.free < (blocks + _SPARE_BLOCKS) * _BLOCK:
        raise ToolError(
            Exit.REFUSED,
            f"The board has {found.free} bytes free, too few to stage {todo.bytes}.",
            "Remove files that do not belong there: " + (", ".join(todo.strange[:8]) or "none"),
        )
    device.run(_MAKE_ROOM.format(keep=[flat(name) for name in todo.resumed]), _QUICK_S)
    contents = {flat(n): version.files[n] for n in todo.changed if n != MANIFEST}
    contents[_STAGED_MANIFEST] = version.manifest
    done = 0
    for name, data in contents.items():
        if name in map(flat, todo.resumed):
            continue
        for start in range(0, max(1, len(data)), _CHUNK):
            told(done, todo.bytes, name.replace("!", "/"))
            chunk = data[start : start + _CHUNK]
            text = base64.b64encode(chunk).decode()
            device.run(f"stage({name!r}, '{text}', '{'ab' if start else 'wb'}')", _QUICK_S)
            done += len(chunk)
    told(done, todo.bytes, "")
    device.run(f"commit({_digest(contents)!r})", _HASHING_S)
    _finish(device)


def verify(device: Device, version: Version) -> None:
    """The device reports every hash of the manifest. ToolError (damaged) when it does not."""
    found = _list(device)
    wrong = [name for name, is_ in version.wanted.items() if found.files.get(name) != is_]
    if wrong or found.pending:
        raise ToolError(
            Exit.DAMAGED,
            f"The board reports other contents than were sent: {', '.join(wrong[:5])}.",
            "Deploy again; if it stays so, the flash is failing.",
        )


def deploy(device: Device, version: Version, told: Progress, dry_run: bool = False) -> Done:
    """All of it on a connected board. Nothing is changed in a dry run, except that a version
    committed earlier is completed. Raises ToolError.
    """
    began = time.monotonic()
    make_safe(device, version.board)
    found = look(device)
    todo = plan(found, version)
    if (todo.changed or todo.removed) and not dry_run:
        device.soft_reset()  # the application's memory is ours
        device.run(_TOOLS + _STAGING, _QUICK_S)
        carry_out(device, found, version, todo, told)
        verify(device, version)
    return Done(todo, found.provisioned, time.monotonic() - began)


def _digest(contents: Mapping[str, bytes]) -> str:
    """What commit() computes over the staged files."""
    lines = (f"{len(contents[n])} {sha256_hex(contents[n])} {n}\n" for n in sorted(contents))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _finish(device: Device) -> None:
    source = (FIRMWARE / "swap.py").read_text()
    device.run(f"{source}\nfinish('.')\n", _HASHING_S)


def _list(device: Device, tools: str = "") -> Found:
    first, names, *rows = device.run(tools + _LIST, _HASHING_S).splitlines()
    platform, mpy, free, provisioned = first.split()
    files = {}
    for row in rows:
        size, digest, name = row.split(" ", 2)
        files[name] = (int(size), digest)
    return Found(platform, int(mpy), int(free), provisioned == "1", tuple(names.split()), files)


def _fits(found: Found, version: Version) -> None:
    board = version.board["board"]
    needed = _PLATFORMS[version.board["chip"]]
    if found.platform != needed:
        raise ToolError(
            Exit.REFUSED,
            f"The board on this port is a {found.platform}; {board} is a {needed}.",
            "Give the board's own name with --board.",
        )
    built = version.files["hal.mpy"][1]
    if found.mpy and found.mpy != built:
        raise ToolError(
            Exit.REFUSED,
            f"The board's MicroPython loads .mpy version {found.mpy}, this build is {built}.",
            f"Flash the pinned image first: make flash BOARD={board} PORT=...",
        )
