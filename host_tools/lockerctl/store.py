"""What this computer knows of its stations: one JSON file each, readable by its owner only.

Home is $LATCHWORK_HOME, otherwise ~/.local/share/latchwork (or below $XDG_DATA_HOME). A file is
replaced as a whole or not at all; every change is made under a lock, so a collector and a command
can run side by side. A file that cannot be trusted is reported and left alone.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from locker.core.settings import is_station_id
from lockerctl.errors import Exit, ToolError
from lockerctl.station import Known, Station, from_fields, to_fields


def home() -> Path:
    """The folder of the host's own data; not created here."""
    given = os.environ.get("LATCHWORK_HOME")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "latchwork"


class Store:
    """The stations of one host. folder: where their files lie (default: home() / "stations")."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "stations"

    def names(self) -> list[str]:
        """Station ids, sorted. A file that does not even have the name of one is not ours."""
        return sorted(p.stem for p in self.folder.glob("*.json") if is_station_id(p.stem))

    def path(self, name: str) -> Path:
        """The file of a station, whether it exists or not."""
        if not is_station_id(name):
            raise ToolError(
                Exit.USAGE, f"{name!r} is no station id.", "Use 1 to 20 of a-z, 0-9 and '-'."
            )
        return self.folder / f"{name}.json"

    def load(self, name: str) -> Station:
        """The station as stored. Raises ToolError: NOT_FOUND or DAMAGED."""
        path = self.path(name)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            known = ", ".join(self.names()) or "none yet"
            raise ToolError(
                Exit.NOT_FOUND,
                f"No station {name!r} here (known: {known}).",
                f"Looked in {self.folder}.",
            ) from None
        except (OSError, UnicodeError) as error:
            raise _damaged(path, str(error)) from error
        return _parsed(path, name, text)

    def create(self, station: Station, again: bool = False) -> Station:
        """Store a new station. again: replace one of the same id (new keys); its command counter
        is carried on, never lowered.
        """
        path = self.path(station.name)
        with self._locked():
            if path.exists():
                if not again:
                    raise ToolError(
                        Exit.REFUSED,
                        f"Station {station.name!r} exists already.",
                        f"Its keys are in {path}.",
                    )
                counter = max(station.counter, self.load(station.name).counter)
                station = replace(station, counter=counter)
            self._write(path, station)
        return station

    def update(self, name: str, change: Callable[[Station], Station]) -> Station:
        """Read, change, replace under the lock. The command counter may grow and never falls."""
        with self._locked():
            before = self.load(name)
            after = change(before)
            if after.counter < before.counter or after.name != name:
                raise ValueError("a station's counter and name are kept")
            if after != before:
                self._write(self.path(name), after)
        return after

    def next_command(self, name: str) -> tuple[Station, int]:
        """Count one command. The number is on disk before it is returned, so it is never used
        twice.
        """
        station = self.update(name, lambda s: replace(s, counter=s.counter + 1))
        return station, station.counter

    def learn(self, name: str, door: int, known: Known) -> Station:
        """Note what was heard of a door; what is older than the news known changes nothing."""

        def change(station: Station) -> Station:
            old = station.known.get(door)
            if old and known.seen_s < old.seen_s:
                return station
            return replace(station, known={**station.known, door: known})

        return self.update(name, change)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_private_folder(self.folder)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, path: Path, station: Station) -> None:
        write_private(path, json.dumps(to_fields(station), indent=1).encode() + b"\n")


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner only."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    for part in reversed(missing):
        part.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file as a whole: after a power cut there is the old one or the new one. Mode 0600
    from the first byte.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _parsed(path: Path, name: str, text: str) -> Station:
    try:
        station = from_fields(json.loads(text))
    except (ValueError, RecursionError) as error:  # json.JSONDecodeError is a ValueError
        raise _damaged(path, str(error)) from error
    if station.name != name:
        raise _damaged(path, f"it is of station {station.name!r}")
    return station


def _damaged(path: Path, why: str) -> ToolError:
    return ToolError(
        Exit.DAMAGED,
        f"{path} cannot be used: {why}.",
        "The file was left as it is; restore it or provision again.",
    )
