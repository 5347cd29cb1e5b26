"""Judges a run from outside: by current and movement on the bench, by the files on flash, and by
what the host has heard. design.md, section 8, has the numbers of the invariants.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from math import inf

from locker.core import codes, compartments, counters, faults, lockout, records, tickets
from locker.core.compartments import Compartment
from locker.core.counters import Counters
from locker.core.lockout import Lockout
from locker.core.records import Record
from locker.core.tickets import Tickets
from locker.storage.cells import Cells
from lockerctl.journal_reader import read_journal
from simulation.rig import Rig

_LOOK_MS = 10_000.0
_PULSES_A_RELEASE = 2  # one, and one retry
_RELEASES = compartments.RELEASES_PER_CLAIM
_FRESH_MS = 20_000.0  # request 5 s, a pulse window, a cool-down, and a slow flash
_WINDOW_MS = 60_000.0
_DUTY = 0.10
_SLACK_MS = 1.0
_RECORDED_MS = 400_000.0  # a pulse's record may wait for a full flash
_LEAK_MS = 575_000.0  # the bucket's 600 s, less a look and a housekeeping step, with some to spare
_SETTLED_MS = 20_000.0
_STARTS = 3  # doors that one return code may start
_STARTS_RETURN = (records.RETURN_ACCEPTED, records.DEPOSIT_STARTED)
_COIL_FAULTS = (faults.COIL_OPEN, faults.COIL_SHORT, faults.DRIVER_WELDED)
_WRONG = (
    faults.WRONG_CODE,
    faults.SPENT,
    faults.CODE_EXPIRED,
    faults.CODE_EARLY,
    faults.CODE_OF_OTHER_DOOR,
)


@dataclass(frozen=True, slots=True)
class Violation:
    """What was seen that must not be. name: stable, of the invariant."""

    at_ms: float
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.at_ms / 1000:.3f} s: {self.name}: {self.text}"


class Witness:
    """An actor on a rig. violations: in the order they were seen.

    busy_until: somebody is at the panel until then; given_back: return codes whose parcel is in;
    revoked: (door, tenancy) whose codes the operator has ended.
    """

    def __init__(self, rig: Rig) -> None:
        self.violations: list[Violation] = []
        self.swapped = False
        self.rotten = False
        self.busy_until = inf
        self._rig = rig
        self._bench = rig.bench
        self._on: dict[int, float] = {}
        self._pulses: deque[tuple[float, int, float]] = deque()
        self._count: dict[int, tuple[int, int]] = {}
        self._coils: deque[tuple[float, int, int]] = deque()  # when, wire, what its coil had
        self._at = _LOOK_MS
        self._last = 0
        self._boots: dict[int, float] = {}
        self._releases: dict[tuple[int, int], int] = {}
        self._collected: set[tuple[int, int]] = set()
        self._started: Counter[int] = Counter()  # doors, by return code
        self.given_back: set[int] = set()
        self.revoked: set[tuple[int, int]] = set()
        self._wrong: deque[tuple[float, bool]] = deque()  # when; into an empty bucket?
        self._bucket_empty = True
        self._before: tuple[bytes, bytes] | None = None
        rig.bench.told = self._hear
        rig.flash.written = self._see_write
        rig.on_reset = self._see_reset

    # -- an actor -----------------------------------------------------------------------------

    def next_event(self) -> float:
        return self._at

    def step(self) -> None:
        self._at = self._bench.now_ms + _LOOK_MS
        self.look()

    def look(self) -> None:
        """Everything that can be seen without waiting."""
        self._read_new()
        if self._rig.locked is None:
            self._check_lockout()
            self._check_parcels()

    def accuse(self, name: str, text: str) -> None:
        """One more violation."""
        self.violations.append(Violation(self._bench.now_ms, name, text))

    # -- coils and doors ----------------------------------------------------------------------

    def _hear(self, at_ms: float, door: int, what: str) -> None:
        if what == "coil_on":
            self._on[door] = at_ms
            if len(self._on) > self._rig.board["coils"]["at_once"]:
                self.accuse("4 coils at once", f"doors {sorted(self._on)}")
            self._check_authorised(self._wire(door))
        elif what == "coil_off":
            self._check_pulse(door, self._on.pop(door), at_ms)

    def _wire(self, door: int) -> int:
        """The door that the board meant."""
        wiring = self._bench.cabinet._wiring
        return next(wire for wire, behind in wiring.items() if behind == door)

    def _check_authorised(self, door: int) -> None:
        found = [r for r in self._tail() if (r.kind, r.door) == (records.AUTHORISED, door)]
        if not found:
            self.accuse("1 authorised", f"current in door {door} without a record on flash")
            return
        seq, count = self._count.get(door, (0, 0))
        count = count + 1 if seq == found[-1].seq else 1
        self._count[door] = found[-1].seq, count
        for_service = found[-1].actor == records.OPERATOR
        if count > (1 if for_service else _PULSES_A_RELEASE):
            self.accuse("1 authorised", f"pulse {count} of door {door} on record {found[-1].seq}")
        if found[-1].boot != self._boot():
            self.accuse("1 authorised", f"door {door} fired on the authorisation of another boot")
        stored = self._stored(door)
        if stored is not None and stored.locked_down:
            self.accuse("locked down", f"current in door {door}, which the operator locked down")
        if not for_service:
            self._check_claim(door)

    def _check_claim(self, door: int) -> None:
        stored = self._stored(door)
        if stored is None or not stored.releases or not (stored.granted or stored.is_reopened):
            self.accuse("6 one claim", f"current in door {door}, and no claim on flash")

    def _check_coil_fault(self, record: Record) -> None:
        """What the coils' current is said to tell is so."""
        while self._coils[0][0] < self._bench.now_ms - _RECORDED_MS:
            self._coils.popleft()
        if (record.door, record.fault) not in [(wire, has) for _, wire, has in self._coils]:
            self.accuse("coil named", f"E{record.fault} of door {record.door}, which has not that")

    def _boot(self) -> int:
        boots = [r.boot for r in self._tail() if r.kind == records.BOOT]
        return boots[-1] if boots else self._tail()[-1].boot

    def _check_pulse(self, door: int, since_ms: float, at_ms: float) -> None:
        length = at_ms - since_ms
        if length > self._rig.board["coils"]["limit_ms"] + _SLACK_MS:
            self.accuse("2 on-time", f"door {door} was on for {length:.1f} ms")
        coil = self._bench.door(door).coil
        has = faults.COIL_OPEN if coil.cut else faults.COIL_SHORT if coil.short else faults.NONE
        self._coils.append((at_ms, self._wire(door), has))
        self._pulses.append((at_ms, door, length))
        while self._pulses[0][0] < at_ms - _WINDOW_MS:
            self._pulses.popleft()
        total = sum(on for _, d, on in self._pulses if d == door)
        if total > _WINDOW_MS * _DUTY:
            self.accuse("3 duty", f"door {door} was on for {total:.0f} ms of a minute")

    # -- the flash ----------------------------------------------------------------------------

    def _see_write(self) -> None:
        if self._on:
            self.accuse(
                "no write in a pulse", f"a write began while coil {sorted(self._on)} was on"
            )

    def _tail(self) -> list[Record]:
        """The good records of the last two journal files."""
        found = []
        for path in sorted((self._rig.folder / "journal").glob("*.log"))[-2:]:
            data = path.read_bytes()
            for at in range(0, len(data), records.RECORD_BYTES):
                record = records.unpack_record(data[at : at + records.RECORD_BYTES])
                if record is not None:
                    found.append(record)
        return found

    def _read_new(self) -> None:
        for record in self._tail():
            if record.seq > self._last:
                if record.seq > self._last + 1 and self._last and not self.rotten:
                    self.accuse("5 gap-free", f"record {record.seq} follows {self._last}")
                self._last = record.seq
                self._take(record)

    def _take(self, record: Record) -> None:
        if record.actor == records.SENDER:
            self._take_return(record)
        elif record.actor == records.RECIPIENT:
            self._take_claim(record)
        if record.kind == records.COLLECTED:
            self._collected.add((record.door, record.tenancy))
        elif record.kind == records.REVOKED and record.door:
            self.revoked.add((record.door, record.tenancy))
        elif record.fault in _COIL_FAULTS:
            self._check_coil_fault(record)
        elif record.fault == faults.NEAR_MISS:
            return  # it tells more of an entry that was counted when it was refused
        elif record.kind == records.REFUSED and record.reason in _WRONG:
            self._wrong.append((self._bench.now_ms, self._bucket_empty))
            self._bucket_empty = False

    def _take_claim(self, record: Record) -> None:
        key = record.door, record.tenancy
        if record.kind == records.CLAIMED and key in self.revoked:
            self.accuse("revoked", f"a code of door, tenancy {key} is taken")
        if record.kind != records.AUTHORISED:
            return
        if key in self._collected:
            self.accuse("6 one claim", f"door {key[0]} released for tenancy {key[1]} again")
        self._releases[key] = self._releases.get(key, 0) + 1
        if self._releases[key] > _RELEASES:
            self.accuse("6 one claim", f"release {self._releases[key]} of door, tenancy {key}")

    def _take_return(self, record: Record) -> None:
        """A code for giving a parcel back starts three doors at most, and none once it is in."""
        number = record.value
        if record.kind == records.DEPOSITED:
            self.given_back.add(number)
        elif record.kind == records.DEPOSIT_STARTED:
            self._started[number] += 1
            if self._started[number] > _STARTS:
                self.accuse("return code", f"start {self._started[number]} of {number}")
        if number in self.given_back and record.kind in _STARTS_RETURN:
            self.accuse("return code", f"{number} is taken again, though its parcel is in")

    def check_journal(self) -> None:
        """The whole journal, chain included. Slow: now and then."""
        reading = read_journal(self._rig.folder / "journal", self._rig.record.keys.journal)
        if reading.problems and not self.rotten:
            self.accuse("5 gap-free", "; ".join(reading.problems[:3]))

    # -- cells --------------------------------------------------------------------------------

    def _cells(self) -> Cells:
        return Cells(str(self._rig.folder / "cells"))

    def tenancy(self, door: int) -> int:
        """Of the parcel behind a door, as its receipt tells."""
        stored = self._stored(door)
        return stored.tenancy if stored is not None else 1

    def has_starts_left(self, number: int) -> bool:
        """A return code may surely start one more door: a power cut may cost one unseen. Not when
        the station counts its parcel as in, which it does where contacts have lied: the host has
        heard of that deposit, and the customer gets another code.
        """
        used = Tickets(self._cells().load(tickets.CELL) or b"")
        return self._started[number] < _STARTS - 1 and not used.has_ended(number)

    def is_stored(self, door: int) -> bool:
        """The station has told that a parcel is in, so there are codes for it."""
        stored = self._stored(door)
        return stored is None or stored.occupancy != compartments.RESERVED

    def _stored(self, door: int) -> Compartment | None:
        payload = self._cells().load(compartments.cell(door))
        if payload is None:
            return None
        found = Compartment(door, self._rig.record.sizes[door], b"")
        found.unpack(payload)
        return found

    def _lockout(self) -> Lockout | None:
        payload = self._cells().load(lockout.CELL)
        if payload is None:
            return None
        found = Lockout(len(self._rig.record.sizes))
        found.unpack(payload)
        return found

    def _check_lockout(self) -> None:
        while self._wrong and self._wrong[0][0] < self._bench.now_ms - _LEAK_MS:
            self._wrong.popleft()
        stored = self._lockout()
        # It leaks one per 600 s on a clock that starts when something, a courier's or a person's
        # mass too, first fills it: none has leaked yet of entries that began with it empty.
        leaked = bool(self._wrong) and not self._wrong[0][1]
        least = min(len(self._wrong), 60) - leaked
        level = stored.level if stored is not None else 0
        if level < least and not self.rotten:
            self.accuse("7 lockout", f"{len(self._wrong)} wrong entries, {level} on flash")
        packed = stored.pack() if stored is not None else bytes(3)
        self._bucket_empty = not (packed[0] or packed[2] or packed[-1])

    def _check_parcels(self) -> None:
        """A parcel behind a door that the station thinks free would be given to the next."""
        if self._bench.now_ms < self.busy_until + _SETTLED_MS:
            return
        for door, compartment in self._bench.cabinet.doors.items():
            stored = self._stored(door)
            if stored is None or not compartment.parcel:
                continue
            if stored.occupancy == compartments.FREE and stored.usable:
                self.accuse("parcel forgotten", f"door {door} holds one, the station thinks free")
                compartment.parcel = ""

    def check_purge(self) -> None:
        """8: the key of a collected parcel lies in no file of its door."""
        for door, tenancy in self._collected:
            key = codes.key_of_tenancy(self._rig.record.keys.door_root, door, tenancy)
            for path in (self._rig.folder / "cells").iterdir():
                if key in path.read_bytes():
                    self.accuse("8 purged", f"{path.name} still holds the key of {door}/{tenancy}")
        self._collected.clear()

    # -- resets -------------------------------------------------------------------------------

    def _see_reset(self, after: bool) -> None:
        """7, 10: what counts failures or numbers does not fall across a reset."""
        cells = self._cells()
        now = cells.load(lockout.CELL) or b"", cells.load(counters.CELL) or b""
        if after and self._before is not None and not self.rotten:
            if now[0] != self._before[0]:
                self.accuse("7 lockout", "the failure counts changed across a reset")
            if _numbers(now[1]) < _numbers(self._before[1]):
                self.accuse("10 counters", "a counter fell across a reset")
        self._before = None if after else now
        self._read_new()


def _numbers(payload: bytes) -> tuple[int, int]:
    found = Counters()
    found.unpack(payload)
    return found.boot, found.command
