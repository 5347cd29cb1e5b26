"""People with an errand, one after the other: couriers, customers, recipients and, in the end, a
technician. And what time brings: each fault ends, somebody shuts what stands open.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from math import inf

from locker.core import faults
from locker.core.doors import SECURED
from lockerctl import issue, returns
from simulation import service
from simulation.crowd import Errand, Visitor
from simulation.flash import PowerCut
from simulation.host import Host
from simulation.plan import Event
from simulation.rig import Rig
from simulation.trip import Trip
from simulation.witness import Witness
from virtual.people import Part, Person

_AFTER_MS = 200_000.0
_ROUND_MS = 30_000.0
_SHUT = 0.01
_BETWEEN_MS = 0.5
_USED_UP = f"e{faults.CLAIM_USED_UP}"  # three releases that freed nothing
_SLIPS, _MISJUDGES, _WITH_APP, _RETURNS = 17, 19, 5, 6  # one of those who bring in so many


class Visits:
    """An actor on a rig. errands: everybody's, in order."""

    def __init__(self, rig: Rig, host: Host, witness: Witness) -> None:
        self.errands: list[Errand] = []
        self._rig = rig
        self._bench = rig.bench
        self._host = host
        self._witness = witness
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._undo: dict[int, Callable[[], None]] = {}
        self._broken: Counter[int] = Counter()
        self._queue: list[Event] = []
        self._visit: tuple[Part, Errand] | None = None
        self._lingers_ms = 0.0
        self._trouble_at = -inf
        self._calm_at = 0.0
        self._trip: Trip | None = None
        self._used_up: set[int] = set()  # doors that wait for a technician
        self._returning: Visitor | None = None  # who was here last to give a parcel back
        self._in_pulse: list[Callable[[int], None]] = []
        self._witness_hears = rig.bench.told
        rig.bench.told = self._hear
        self._wait(_ROUND_MS, self._goes_round)

    # -- an actor -----------------------------------------------------------------------------

    def next_event(self) -> float:
        due = self._due[0][0] if self._due else inf
        if self._visit is not None:
            return min(due, self._visit[0].wake_ms)
        return self._bench.now_ms if self._queue else due

    def step(self) -> None:
        if self._visit is not None and self._visit[0].done:
            self._end_visit(*self._visit)
        if self._visit is None and self._queue:
            self._begin_visit(self._queue.pop(0))
        while self._due and self._due[0][0] <= self._bench.now_ms:
            heapq.heappop(self._due)[2]()
            self._rig.clockwork.stir()

    def mend_all(self) -> None:
        """No fault outlives this, and nobody new comes."""
        self._queue.clear()
        for number in list(self._undo):
            self._mend(number)
        self._in_pulse.clear()
        if self._trip is not None:
            self._trip.disarm()
        self._note_trouble(0.0)

    def may_clear(self, door: int) -> bool:
        """The door is mended and shut."""
        compartment = self._bench.door(door)
        shut = compartment.position(self._bench.now_ms) < _SHUT and compartment.bolt
        return shut and not self._broken[door] and not self._broken[0]

    def final_round(self) -> None:
        """Every parcel can be had, by an ordinary code or the recovery code."""
        # Off the whole ms: a key at the very moment of a step is seen by it, or by the next one.
        self._rig.run(self._bench.now_ms + _BETWEEN_MS)
        for door, compartment in self._bench.cabinet.doors.items():
            if not compartment.parcel or self._witness.violations:
                continue
            self._visit = self._send("pickup", door, door)
            while self._visit is not None:
                self._rig.run(self._bench.now_ms + 1_000.0)
            if door in self._used_up:
                self._visit = self._send_service(door)
                while self._visit is not None:
                    self._rig.run(self._bench.now_ms + 1_000.0)
            if compartment.parcel:
                text = f"door {door}: {self.errands[-1].outcome}"
                self._witness.accuse("parcel trapped", text)

    # -- time ---------------------------------------------------------------------------------

    def _wait(self, ms: float, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._due, (self._bench.now_ms + ms, self._number, act))

    def _for(self, ms: float, undo: Callable[[], None]) -> None:
        """Undo a fault after so long."""
        number = self._number = self._number + 1
        self._undo[number] = undo
        self._wait(ms, lambda: self._mend(number))

    def _mend(self, number: int) -> None:
        undo = self._undo.pop(number, None)
        if undo is not None:
            undo()

    def _note_trouble(self, for_ms: float) -> None:
        self._trouble_at = self._bench.now_ms
        self._calm_at = max(self._calm_at, self._bench.now_ms + for_ms + _AFTER_MS)

    def _goes_round(self) -> None:
        """A caretaker shuts what stands open, and switches a locked station off and on."""
        self._wait(_ROUND_MS, self._goes_round)
        for door, compartment in self._bench.cabinet.doors.items():
            is_open = compartment.position(self._bench.now_ms) > _SHUT or not compartment.bolt
            if is_open and self._visit is None and not self._broken[door]:
                self._bench.push(door)
        if self._rig.locked is not None and not self._undo:
            raise PowerCut
        if self._used_up and self._visit is None and self._is_calm(self._bench.now_ms):
            self._visit = self._send_service(min(self._used_up))

    def _hear(self, at_ms: float, door: int, what: str) -> None:
        self._witness_hears(at_ms, door, what)
        if what == "coil_on":
            acts, self._in_pulse = self._in_pulse, []
            for act in acts:
                act(door)

    # -- visits -------------------------------------------------------------------------------

    def _begin_visit(self, event: Event) -> None:
        door = 0
        if event.do == "pickup":
            doors = [d for d, c in self._bench.cabinet.doors.items() if c.parcel]
            bold = event.n % 4 == 0
            told = [d for d in doors if self._witness.is_stored(d)]  # only then there is a code
            good = [d for d in told if bold or not self._broken[d] and self._is_secured(d)]
            if not good:
                return
            door = good[event.door % len(good)]
        self._visit = self._send(event.do, door, event.n)

    def _is_secured(self, door: int) -> bool:
        task = self._rig.task("doors")
        return task is not None and task._station.bank.door(door).state == SECURED

    def _send(self, kind: str, door: int, n: int) -> tuple[Part, Errand]:
        person = Person(self._bench, kind, n, pace=0.6 + n % 7 / 5)
        errand = Errand(kind, door, self._bench.now_ms)
        brings = kind == "deposit"
        errand.app = brings and n % _WITH_APP == 0 and self._host.has_granted
        if brings and n % _RETURNS == 0 and not errand.app:
            errand.returning = self._left_code() or self._host.give_return()
        self.errands.append(errand)
        size = "123"[n % 3] if kind == "deposit" else ""
        visitor = Visitor(person, errand, lambda: self._codes(errand), size)
        visitor.lingers_ms, self._lingers_ms = self._lingers_ms, 0.0
        visitor.slips, visitor.misjudges = n % _SLIPS == 0, n % _MISJUDGES == 0
        if errand.returning:
            visitor.misjudges = False  # each door takes one of the code's three starts
            self._returning = visitor
        self._witness.busy_until = inf
        return self._rig.stage.add(visitor.goes()), errand

    def _left_code(self) -> int:
        """Whoever was here in vain to give a parcel back comes again, with the code that they have
        still; 0: nobody.
        """
        visitor = self._returning
        if visitor is None or visitor.done:
            return 0
        number = visitor.errand.returning
        return number if self._witness.has_starts_left(number) else 0

    def _send_service(self, door: int) -> tuple[Part, Errand]:
        errand = Errand("service", door, self._bench.now_ms)
        self.errands.append(errand)
        self._witness.busy_until = inf
        person = Person(self._bench, "technician", door)
        return self._rig.stage.add(service.frees(person, self._host, errand)), errand

    def _is_calm(self, since_ms: float) -> bool:
        if not self._host.is_settled:
            self._note_trouble(0.0)
        return since_ms > max(self._calm_at, self._trouble_at) and self._trip is None

    def _end_visit(self, part: Part, errand: Errand) -> None:
        self._visit = None
        part.result()
        now_ms = self._bench.now_ms
        self._witness.busy_until = now_ms
        if errand.kind == "pickup" and _USED_UP in errand.outcome:
            self._used_up.add(errand.door)
        elif errand.kind == "service" and errand.outcome == "done":
            self._used_up.discard(errand.door)
        elif self._is_calm(errand.since_ms) and errand.outcome not in ("done", "full"):
            self._witness.accuse("11 honest person served", f"{errand}")

    def _codes(self, errand: Errand) -> tuple[str, str]:
        """What the host tells the person, whatever the station says to the host just now."""
        record, now_s = self._rig.record, self._rig.now_s()
        if errand.returning:
            short, long = (returns.code(record, errand.returning, b) for b in (False, True))
            return short.digits, long.digits
        if errand.app:
            return self._host.app_code(), issue.courier(record, now_s).digits
        if errand.kind == "deposit":
            return issue.courier(record, now_s).digits, ""
        tenancy = self._witness.tenancy(errand.door)
        name = record.classes[0]
        return (
            issue.recipient(record, errand.door, tenancy, name, now_s).digits,
            issue.recovery(record, errand.door, tenancy).digits,
        )
