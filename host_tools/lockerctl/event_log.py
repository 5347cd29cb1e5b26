"""The host's copy of the stations' events: SQLite, one row for each (station, boot, seq), durable
before anything is acknowledged.
"""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from locker.core import records
from lockerctl.errors import Exit, ToolError
from lockerctl.events import Event
from lockerctl.store import make_private_folder

SCHEMA = 1

# Its ``tenancy`` field holds the first number that is gone.
_LOST = records.KIND_NAMES[records.LOST]

_TABLES = """
CREATE TABLE IF NOT EXISTS events (
    station TEXT NOT NULL,
    boot INTEGER NOT NULL, seq INTEGER NOT NULL,
    time_s INTEGER NOT NULL, uncertainty_s INTEGER NOT NULL, trust TEXT NOT NULL,
    kind TEXT NOT NULL, door INTEGER NOT NULL, actor TEXT NOT NULL,
    reason INTEGER NOT NULL, fault INTEGER NOT NULL, tenancy INTEGER NOT NULL,
    value INTEGER NOT NULL, note TEXT NOT NULL, tag TEXT NOT NULL,
    received_s INTEGER NOT NULL,
    PRIMARY KEY (station, boot, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS events_by_seq ON events (station, seq);
CREATE TABLE IF NOT EXISTS progress (
    station TEXT PRIMARY KEY, held INTEGER NOT NULL
) WITHOUT ROWID;
"""
# The columns between station and received_s are the fields of Event, in its order.
_INSERT = "INSERT OR IGNORE INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_SELECT = "SELECT * FROM events WHERE station = ? ORDER BY boot, seq"


@dataclass(frozen=True)
class Added:
    """What one batch brought.

    gaps: (from, to) of sequence numbers missing now; reused: numbers that came again from a later
    boot, with other content.
    """

    new: list[Event]
    duplicates: int
    held: int
    gaps: list[tuple[int, int]]
    reused: list[int]


class EventLog:
    """One database file. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        make_private_folder(path.parent)
        path.touch(mode=0o600)
        self._database = sqlite3.connect(path, timeout=10)
        try:
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise ToolError(
                Exit.DAMAGED, f"{path} cannot be used: {error}.", "The file was left as it is."
            ) from error

    def __enter__(self) -> "EventLog":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, station: str, batch: Iterable[Event]) -> Added:
        """Commit a batch. Everything in it is on disk when this returns."""
        new: list[Event] = []
        reused: list[int] = []
        duplicates = 0
        with self._database:
            held = self.held(station)
            for event in batch:
                if not self._insert(station, event):
                    duplicates += 1
                    continue
                new.append(event)
                if self._is_reused(station, event):
                    reused.append(event.seq)
                    held = event.seq
                held = event.seq - 1 if held is None else held
                if event.kind == _LOST and event.tenancy <= held + 1:
                    held = self._skip_lost(station, held)
                held = self._advance(station, held)
            if held is not None:
                self._database.execute(
                    "INSERT OR REPLACE INTO progress VALUES (?, ?)", (station, held)
                )
        return Added(new, duplicates, held or 0, self._gaps(station, held), reused)

    def held(self, station: str) -> int | None:
        """Every record from the first one ever heard up to this one is here; None: never heard."""
        query = "SELECT held FROM progress WHERE station = ?"
        row = self._database.execute(query, (station,)).fetchone()
        return int(row[0]) if row else None

    def events(self, station: str) -> list[Event]:
        """All events of a station by (boot, seq)."""
        return [Event(*row[1:-1]) for row in self._database.execute(_SELECT, (station,))]

    def _prepare(self, path: Path) -> None:
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise ToolError(
                Exit.DAMAGED,
                f"{path} was made by a newer lockerctl (schema {version}).",
                "It was left as it is.",
            )
        self._database.execute("PRAGMA journal_mode = WAL")
        # What is acknowledged may be gone from the station: it must be on the disk by then.
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(_TABLES)
        self._database.execute(f"PRAGMA user_version = {SCHEMA}")

    def _insert(self, station: str, event: Event) -> bool:
        row = (station, *astuple(event), int(time.time()))
        return self._database.execute(_INSERT, row).rowcount == 1

    def _is_reused(self, station: str, event: Event) -> bool:
        """An earlier boot had used the number: the station's journal lost its end in between."""
        query = "SELECT 1 FROM events WHERE station = ? AND seq >= ? AND boot < ? LIMIT 1"
        row = self._database.execute(query, (station, event.seq, event.boot)).fetchone()
        return row is not None

    def _skip_lost(self, station: str, held: int) -> int:
        """What follows ``held`` had to give way on the station: go on at the next one here."""
        query = "SELECT min(seq) FROM events WHERE station = ? AND seq > ?"
        following = self._database.execute(query, (station, held)).fetchone()[0]
        return held if following is None else int(following) - 1

    def _advance(self, station: str, held: int) -> int:
        query = "SELECT max(boot) FROM events WHERE station = ? AND seq = ?"
        boot = self._database.execute(query, (station, held)).fetchone()[0] or 0
        while True:
            following = self._database.execute(query, (station, held + 1)).fetchone()[0]
            if following is None or following < boot:
                return held
            held, boot = held + 1, following

    def _gaps(self, station: str, held: int | None) -> list[tuple[int, int]]:
        gaps = []
        end = held or 0
        query = "SELECT seq FROM events WHERE station = ? AND seq > ? ORDER BY seq"
        for (seq,) in self._database.execute(query, (station, end)):
            if seq > end + 1:
                gaps.append((end + 1, seq - 1))
            end = seq
        return gaps
