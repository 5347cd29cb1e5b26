"""The host's copy of the stations' events: SQLite, one row for each (station, boot, seq), durable
before anything is acknowledged.
"""

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from locker.core import records
from lockerctl.errors import Exit, ToolError
from lockerctl.events import Event
from lockerctl.journal_head import Finding, Head, compare
from lockerctl.store import make_private_folder

SCHEMA = 3

UNSEALED = 64  # beyond the six bits of Event.sealed

# Its ``tenancy`` field holds the first number that is gone, its ``value`` the last.
_LOST = records.KIND_NAMES[records.LOST]

_TABLES = """
CREATE TABLE IF NOT EXISTS events (
    station TEXT NOT NULL,
    boot INTEGER NOT NULL, seq INTEGER NOT NULL,
    time_s INTEGER NOT NULL, uncertainty_s INTEGER NOT NULL, trust TEXT NOT NULL,
    kind TEXT NOT NULL, door INTEGER NOT NULL, actor TEXT NOT NULL,
    reason INTEGER NOT NULL, fault INTEGER NOT NULL, tenancy INTEGER NOT NULL,
    value INTEGER NOT NULL, note TEXT NOT NULL, tag TEXT NOT NULL,
    sealed INTEGER NOT NULL, received_s INTEGER NOT NULL,
    PRIMARY KEY (station, boot, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS events_by_seq ON events (station, seq);
CREATE TABLE IF NOT EXISTS progress (
    station TEXT PRIMARY KEY, held INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (
    station TEXT PRIMARY KEY, boot INTEGER NOT NULL, seq INTEGER NOT NULL, tag TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS findings (
    station TEXT NOT NULL, kind TEXT NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL,
    text TEXT NOT NULL, received_s INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS unjournalled (
    station TEXT NOT NULL, event TEXT NOT NULL, received_s INTEGER NOT NULL,
    PRIMARY KEY (station, event)
) WITHOUT ROWID;
"""
# The columns between station and received_s are the fields of Event, in its order.
_INSERT = "INSERT OR IGNORE INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
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
                if event.kind == _LOST and 0 < event.tenancy <= held + 1:
                    # What of them is not here is gone.
                    held = max(held, min(event.value, event.seq - 1))
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

    def take_head(self, station: str, now: Head, heard: Iterable[Event]) -> Finding | None:
        """Compare with what was told or held before, and remember; a finding is kept, and told
        once. heard: events that came before it and are not in here yet.
        """
        query = "SELECT boot, seq, tag FROM heads WHERE station = ?"
        row = self._database.execute(query, (station,)).fetchone()
        if row == (now.boot, now.seq, now.tag):
            return None
        query = (
            "SELECT boot, seq, tag FROM events WHERE station = ? ORDER BY boot DESC, seq DESC"
            " LIMIT 1"
        )
        last = self._database.execute(query, (station,)).fetchone()
        known = [Head(*found) for found in (row, last) if found]
        known += [Head(event.boot, event.seq, event.tag) for event in heard]
        tags = [self._tag(station, now.seq)] + [h.tag for h in known if h.seq == now.seq]
        finding = None
        if known:
            before = max(known, key=lambda head: (head.boot, head.seq))
            finding = compare(before, now, tags[-1])
        self._remember(station, now, finding)
        return finding

    def findings(self, station: str) -> list[Finding]:
        """All that were ever made of a station, in order."""
        query = "SELECT kind, text FROM findings WHERE station = ? ORDER BY rowid"
        return [Finding(*row) for row in self._database.execute(query, (station,))]

    def add_unjournalled(self, station: str, event: Event) -> bool:
        """Keep what the station could not write; False when it is here already."""
        row = (station, json.dumps(event.fields(), sort_keys=True), int(time.time()))
        with self._database:
            query = "INSERT OR IGNORE INTO unjournalled VALUES (?, ?, ?)"
            return self._database.execute(query, row).rowcount == 1

    def _remember(self, station: str, now: Head, finding: Finding | None) -> None:
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)", (station, *astuple(now))
            )
            if finding:
                row = (station, finding.kind, now.boot, now.seq, finding.text, int(time.time()))
                self._database.execute("INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?)", row)

    def _tag(self, station: str, seq: int) -> str | None:
        query = "SELECT tag FROM events WHERE station = ? AND seq = ? ORDER BY boot DESC LIMIT 1"
        row = self._database.execute(query, (station, seq)).fetchone()
        return row[0] if row else None

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
        if 0 < version < SCHEMA:
            self._migrate()
        self._database.executescript(_TABLES)
        self._database.execute(f"PRAGMA user_version = {SCHEMA}")

    def _migrate(self) -> None:
        """Events of before there was an alarm get a field that can be no alarm's."""
        rows = "INSERT INTO events SELECT station, boot, seq, time_s, uncertainty_s, trust, kind,"
        rows += " door, actor, reason, fault, tenancy, value, note, tag, ?, received_s FROM before"
        with self._database:
            self._database.execute("ALTER TABLE events RENAME TO before")
            self._database.execute("DROP INDEX IF EXISTS events_by_seq")
            self._database.execute(_TABLES.split(";")[0])
            self._database.execute(rows, (UNSEALED,))
            self._database.execute("DROP TABLE before")

    def _insert(self, station: str, event: Event) -> bool:
        row = (station, *astuple(event), int(time.time()))
        return self._database.execute(_INSERT, row).rowcount == 1

    def _is_reused(self, station: str, event: Event) -> bool:
        """An earlier boot had used the number: the station's journal lost its end in between."""
        query = "SELECT 1 FROM events WHERE station = ? AND seq >= ? AND boot < ? LIMIT 1"
        row = self._database.execute(query, (station, event.seq, event.boot)).fetchone()
        return row is not None

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
