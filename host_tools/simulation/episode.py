"""One episode: a fresh station, a list of events, and what the witness says of it."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import traceback
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from simulation.cast import Cast
from simulation.host import Host
from simulation.network import Network
from simulation.plan import Event
from simulation.rig import Rig
from simulation.trip import NoMemory
from simulation.witness import Violation, Witness

OCCUPIED = (2, 3, 5, 7)
_STARTED_MS = 3_000.0
_CALM_MS = 600_000.0
_HOUR_MS = 3_600_000.0


@dataclass
class Outcome:
    """pickups: parcels that people took and stations settled; moments: at which something
    happened."""

    passed_ms: float = 0.0
    pickups: int = 0
    deposits: int = 0
    visits: int = 0
    faults: int = 0
    resets: int = 0
    moments: int = 0
    violations: list[Violation] = field(default_factory=list)
    diary: list[str] = field(default_factory=list)
    console: str = ""


def play(seed: str, events: list[Event], hours: float, skips: bool = True) -> Outcome:
    """Play the events and see to it that everything ends well. Ends at the first violation."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - speed only
    console = io.StringIO()
    with (
        tempfile.TemporaryDirectory(prefix="latchwork-sim-", dir=place) as folder,
        contextlib.redirect_stdout(console),
    ):
        episode = _Episode(Path(folder), seed, events, skips)
        episode.run(hours * _HOUR_MS)
        outcome = episode.outcome()
    outcome.console = console.getvalue()
    return outcome


class _Episode:
    """The parts of an episode, put together; and an actor that lets the events happen."""

    def __init__(self, folder: Path, seed: str, events: list[Event], skips: bool) -> None:
        self._rig = rig = Rig(folder, seed, OCCUPIED, skips)
        self._host = host = Host(rig.bench, rig.record, rig.now_s, self._is_mended)
        self._network = host.network = Network(rig.bench, host, seed)
        self._witness = Witness(rig)
        self._cast = Cast(rig, host, self._witness)
        self._events = list(events)
        rig.connect(self._network, self._raised)
        rig.clockwork.actors += [host, self._witness, self._cast, self]

    def _is_mended(self, door: int) -> bool:
        return self._cast.may_clear(door)

    # -- an actor -----------------------------------------------------------------------------

    def next_event(self) -> float:
        return self._events[0].at_ms + _STARTED_MS if self._events else inf

    def step(self) -> None:
        while self._events and self._events[0].at_ms + _STARTED_MS <= self._rig.bench.now_ms:
            self._cast.play(self._events.pop(0))
            self._rig.clockwork.stir()

    # -- the run ------------------------------------------------------------------------------

    def run(self, length_ms: float) -> None:
        """Until the end, or a violation."""
        self._pass(length_ms)
        self._cast.mend_all()
        self._pass(length_ms + _CALM_MS)
        if not self._witness.violations:
            self._finish()

    def _pass(self, until_ms: float) -> None:
        bench = self._rig.bench
        while bench.now_ms < until_ms and not self._witness.violations:
            self._rig.run(min(until_ms, bench.now_ms + 60_000.0))
            if bench.now_ms // _HOUR_MS != (bench.now_ms - 60_000.0) // _HOUR_MS:
                self._witness.check_journal()

    def _finish(self) -> None:
        """All faults are mended and ten minutes have passed."""
        witness, host = self._witness, self._host
        witness.look()
        witness.check_journal()
        witness.check_purge()
        task = self._rig.task("report")
        if self._rig.locked is not None:
            witness.accuse("locked", f"stays locked: {self._rig.locked.problems}")
        elif host.held < task._station.book.journal.last:
            last = task._station.book.journal.last
            witness.accuse("5 gap-free", f"the host has {host.held} of {last} records")
        for text in host.contradictions:
            witness.accuse("5 gap-free", text)
        self._cast.final_round()

    def _raised(self, error: Exception) -> None:
        if isinstance(error, NoMemory):
            return
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{error!r} in {Path(where.filename).name}:{where.lineno}"
        self._witness.accuse("12 nothing raises", text)

    def outcome(self) -> Outcome:
        """What there was to see."""
        rig, cast = self._rig, self._cast
        done = [e for e in cast.errands if e.outcome == "done"]
        return Outcome(
            passed_ms=rig.bench.now_ms,
            pickups=sum(e.kind == "pickup" for e in done),
            deposits=sum(e.kind == "deposit" for e in done),
            visits=len(cast.errands),
            faults=cast.faults,
            resets=rig.resets,
            moments=rig.clockwork.moments,
            violations=list(self._witness.violations),
            diary=[f"{line.at_ms / 1000:.3f} {line.who}: {line.text}" for line in rig.bench.diary],
        )
