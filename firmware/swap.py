"""Puts a version that the host has staged into place, and looks whether all code is as it was
built, before anything of it is used.

The host stages changed files in ``next/`` ("/" in their paths written as "!") and, when each has
been verified on the device, ``next/manifest.json`` by one rename: from that moment on the new
version is the one. Until then nothing outside ``next/`` is touched; after it main.py does not
start anything before finish() has returned. A cut at any point in between, power included, is
made good by the next finish(), of the old version or of the new one: so finish(), the names in
``next/``, the manifest's keys and (boot.py runs before) safe.outputs_safe() with the names in
safe_pins must keep their meaning for ever. lockerctl sends this very file to a device.

littlefs does not check what is in a file, nor MicroPython what it loads: a flipped bit would run.
"""

import binascii
import gc
import os

_NEXT = "/next/"
_MANIFEST = "manifest.json"
_NOTHING = "none"
_CODE = "code.crc"
_CHUNK_BYTES = 4096
_ENOENT = 2
_EEXIST = 17


def finish(folder: str) -> bool:
    """Complete a deployment in the device's ``folder`` ("." there); False when there is none.

    Raises OSError or ValueError when it cannot be completed: nothing may start then.
    """
    staged = folder + _NEXT
    # A power cut in a move between folders leaves littlefs with the file beside it out of sight
    # until something is written or removed, even if it is not there.
    _remove(staged + _NOTHING)
    new = _names(staged + _MANIFEST)
    if new is None:
        return False
    for name in os.listdir(staged[:-1]):
        if name != _MANIFEST:
            _move(staged + name, folder, name.split("!"))
    for name in _old_names(folder + "/" + _MANIFEST):
        if name not in new:
            _remove(folder + "/" + name)
    for name in new:
        if name.endswith(".mpy"):
            _remove(folder + "/" + name[:-3] + "py")  # it would be imported instead
    _remove(folder + "/boots")  # failures of the old version
    os.rename(staged + _MANIFEST, folder + "/" + _MANIFEST)
    os.rmdir(staged[:-1])
    return True


def altered(folder: str) -> "list[str]":
    """The files of code in the device's ``folder`` that are missing or not as they were built; of
    code.crc only its own name, when that is what is damaged.

    code.crc, by the build: CRC-32 (8 hex digits) and name of each, then its own CRC-32.
    """
    try:
        with open(folder + "/" + _CODE, "rb") as file:
            data = file.read()
    except OSError:
        data = b""
    if data[-8:] != b"%08x" % binascii.crc32(data[:-8]):
        return [_CODE]
    words = data[:-8].decode().split()
    chunk = bytearray(_CHUNK_BYTES)
    found = [
        words[i]
        for i in range(1, len(words), 2)
        if words[i - 1] != "%08x" % _crc(folder + "/" + words[i], chunk)
    ]
    gc.collect()  # each file that was open leaves 1.7 KB
    return found


def _crc(path: str, chunk: bytearray) -> int:
    """CRC-32 of a file, -1 when it cannot be read."""
    crc = 0
    view = memoryview(chunk)
    try:
        with open(path, "rb") as file:
            while True:
                size = file.readinto(chunk)
                if not size:
                    return crc
                crc = binascii.crc32(view[:size], crc)
    except OSError:
        return -1


def _names(path: str) -> "list[str] | None":
    """The files that a manifest lists, or None when there is no manifest."""
    try:
        with open(path) as file:
            import json  # not above: looking for it takes a start 10 ms

            return list(json.load(file))
    except OSError as error:
        if error.errno == _ENOENT:
            return None
        raise


def _old_names(path: str) -> "list[str]":
    """Of the version in use. A list that has rotted keeps no new version out; its files stay."""
    try:
        return _names(path) or []
    except (ValueError, TypeError) as error:
        print("manifest.json:", error)
        return []


def _move(source: str, folder: str, parts: list[str]) -> None:
    for part in parts[:-1]:
        folder += "/" + part
        try:
            os.mkdir(folder)
        except OSError as error:
            if error.errno != _EEXIST:
                raise
    os.rename(source, folder + "/" + parts[-1])


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError as error:
        if error.errno != _ENOENT:
            raise
