"""Carries the events of a plan out: sends people, breaks things, and mends them again."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import inf
from random import Random

from locker.core import codes, faults
from locker.core.doors import SECURED
from lockerctl import issue, returns
from lockerctl.story import other_code
from simulation import service
from simulation.crowd import Errand, Visitor
from simulation.flash import PowerCut
from simulation.host import EXPIRES_MS, Host
from simulation.network import FAULTS as NETWORK_FAULTS
from simulation.plan import Event
from simulation.rig import Rig
from simulation.trip import Hung, NoMemory, Trip
from simulation.witness import Witness
from virtual.people import Part, Person, Story

_TASKS = ("desk", "desk", "panel", "doors", "report", "housekeeping")
_LINES = 400  # the door step that fires takes 200
_UNHARMED = (*NETWORK_FAULTS, "link_down", "reset_connection", "nonsense")
_AFTER_MS = 200_000.0
_VISIT_MS = 200_000.0
_ROUND_MS = 30_000.0
_SHORT_MS = 2.0
_LONG = 0.3  # of all codes that should not work: the long form
_FUSED = 0.5  # of all shorts
_JUMPS_S = (-86_400, -3_600, -90, -30, 30, 90, 3_600, 86_400)
_CLOCK_WRONG_MS = 300_000.0
_SHUT = 0.01
_BETWEEN_MS = 0.5
_USED_UP = f"e{faults.CLAIM_USED_UP}"  # three releases that freed nothing
_CONTACTS = {"reed", "latch"}
_SLIPS, _MISJUDGES, _WITH_APP, _RETURNS = 17, 19, 5, 6  # one of those who bring in so many


class Cast:
    """An actor on a rig. errands: everybody's, in order; faults: how many there were."""

    def __init__(self, rig: Rig, host: Host, witness: Witness) -> None:
        self.errands: list[Errand] = []
        self.faults = 0
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

    def play(self, event: Event) -> None:
        """Let an event begin."""
        if event.do in ("deposit", "pickup"):
            self._queue.append(event)
            return
        if event.n % 2 and self._visit is not None and self._visit[1].door:
            event = replace(event, door=self._visit[1].door)
        self.faults += 1
        self._bench.note("fault", f"{event.do} {event.door or ''} {event.for_ms / 1000:g} s")
        if event.do not in _UNHARMED:
            self._note_trouble(event.for_ms)
        _ACTS.get(event.do, Cast._break_door)(self, event, Random(event.n))

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

    # -- doors --------------------------------------------------------------------------------

    def _break_door(self, event: Event, _rng: Random) -> None:
        part = event.do.split("_")[0]
        broken = {fault.split("_")[0] for fault in self._bench.door(event.door).faults}
        if part in _CONTACTS and broken & _CONTACTS:
            return  # two contacts of one door that lie alike cannot be told from the truth
        self._bench.fault(event.door, event.do)
        self._hold(event.door, event.for_ms, lambda: self._repair(event.door, event.do))

    def _repair(self, door: int, fault: str) -> None:
        self._bench.fault(door, fault, False)
        self._bench.push(door)

    def _hold(self, door: int, for_ms: float, undo: Callable[[], None]) -> None:
        """A fault that keeps the operator from clearing the door (0: all doors)."""
        self._broken[door] += 1

        def mend() -> None:
            self._broken[door] -= 1
            undo()

        self._for(for_ms, mend)

    def _short(self, event: Event, rng: Random) -> None:
        """A coil that draws so much that its fuse opens, or the supply collapses; it frees no
        bolt.
        """
        if rng.random() < _FUSED:
            self._break_door(event, rng)
            return
        self._bench.fault(event.door, "coil_cut")
        lasting = [True]

        def pulse(door: int) -> None:
            if door == event.door:
                self._cut_after(_SHORT_MS, 500.0)
            elif lasting:
                self._in_pulse.append(pulse)

        def undo() -> None:
            lasting.clear()
            self._repair(event.door, "coil_cut")

        self._in_pulse.append(pulse)
        self._hold(event.door, event.for_ms, undo)

    def _force(self, event: Event, _rng: Random) -> None:
        self._bench.force(event.door)

    def _linger(self, event: Event, _rng: Random) -> None:
        self._lingers_ms = event.for_ms

    def _swap(self, event: Event, _rng: Random) -> None:
        other = event.door % len(self._bench.cabinet.doors) + 1
        self._bench.swap_coils(event.door, other)
        self._hold(0, event.for_ms, lambda: self._bench.swap_coils(event.door, other))

    # -- power and software -------------------------------------------------------------------

    def _cut(self, event: Event, _rng: Random) -> None:
        self._cut_after(0.0, event.for_ms)

    def _cut_after(self, ms: float, away_ms: float) -> None:
        def cut() -> None:
            self._rig.away_ms = away_ms
            self._note_trouble(0.0)
            raise PowerCut

        self._wait(ms, cut)

    def _brown_out(self, event: Event, rng: Random) -> None:
        after_ms = rng.uniform(0.0, 80.0)
        self._in_pulse.append(lambda _door: self._cut_after(after_ms, event.for_ms))

    def _cut_at_write(self, event: Event, rng: Random) -> None:
        self._rig.away_ms = event.for_ms
        self._rig.flash.cut_at_write(rng.randint(1, 12))

    def _hang(self, _event: Event, rng: Random) -> None:
        self._arm(rng, Hung())

    def _no_memory(self, _event: Event, rng: Random) -> None:
        self._arm(rng, NoMemory("injected"))

    def _arm(self, rng: Random, error: BaseException) -> None:
        task = self._rig.task(rng.choice(_TASKS))
        if task is None:
            return
        if self._trip is not None:
            self._trip.disarm()
        self._trip = Trip(task, rng.randint(1, _LINES), error, self._tripped)

    def _tripped(self) -> None:
        self._trip = None
        self._note_trouble(0.0)

    # -- clock, flash, panel ------------------------------------------------------------------

    def _jump(self, _event: Event, rng: Random) -> None:
        rtc, step_s = self._bench.rtc, rng.choice(_JUMPS_S)
        rtc.set_unix(self._bench.now_ms, rtc.unix(self._bench.now_ms) + step_s)

        def undo() -> None:
            """A technician sets it right, and switches the station off and on."""
            rtc.set_unix(self._bench.now_ms, float(self._rig.now_s()))
            self._cut_after(0.0, 1_000.0)

        self._note_trouble(_CLOCK_WRONG_MS)
        self._for(_CLOCK_WRONG_MS, undo)

    def _unplug(self, event: Event, _rng: Random) -> None:
        layout = self._bench.layout
        is_clock = event.do == "clock_gone"
        address = layout.rtc_address if is_clock else layout.display_address
        self._bench.bus.unplugged.add(address)

        def undo() -> None:
            self._bench.bus.unplugged.discard(address)
            if not is_clock:
                self._bench.display.power_up(self._bench.now_ms)

        self._for(event.for_ms, undo)

    def _full(self, event: Event, _rng: Random) -> None:
        self._rig.flash.full = True
        self._for(event.for_ms, lambda: setattr(self._rig.flash, "full", False))

    def _slow(self, event: Event, _rng: Random) -> None:
        self._rig.flash.slow = True
        self._for(event.for_ms, lambda: setattr(self._rig.flash, "slow", False))

    def _rot(self, _event: Event, rng: Random) -> None:
        self._witness.rotten = True
        self._rig.flash.flip_bit(rng, rng.choice(("cells/*", "journal/*.log")))

    def _stick_key(self, event: Event, rng: Random) -> None:
        key = rng.choice("147*0#369")
        self._bench.keypad.press(self._bench.now_ms, key)
        self._for(event.for_ms, lambda: self._bench.keypad.release(self._bench.now_ms, key))

    # -- network ------------------------------------------------------------------------------

    def _link_down(self, event: Event, _rng: Random) -> None:
        self._rig.hal.link_up = False
        self._for(event.for_ms, lambda: setattr(self._rig.hal, "link_up", True))

    def _network_fault(self, event: Event, _rng: Random) -> None:
        faults = self._host.network.faults
        faults.add(event.do)
        self._for(event.for_ms, lambda: faults.discard(event.do))

    def _reset_connection(self, _event: Event, _rng: Random) -> None:
        self._host.network.lose_connection()

    def _nonsense(self, _event: Event, rng: Random) -> None:
        for _ in range(rng.randint(1, 12)):
            self._host.replay(rng.randrange(1000))

    # -- people who should not be there -------------------------------------------------------

    def _wrong_codes(self, event: Event, rng: Random) -> None:
        self._rig.stage.add(self._guesses(event.door, rng))

    def _guesses(self, door: int, rng: Random) -> Story[None]:
        person = self._stranger(rng)
        right = issue.recipient(
            self._rig.record,
            door,
            self._witness.tenancy(door),
            self._rig.record.classes[0],
            self._rig.now_s(),
        ).digits
        for _ in range(rng.randint(1, 8)):
            right = other_code(right)
            self._note_trouble(60_000.0)
            yield from person.types(right + "#")
            yield rng.uniform(500.0, 4_000.0)

    def _stale_code(self, event: Event, rng: Random) -> None:
        """Somebody has the code of another day. Not with a clock that may be wrong: then it may be
        good.
        """
        if self._is_calm(self._bench.now_ms):
            self._note_trouble(60_000.0)
            self._rig.stage.add(self._types_stale(event.door, rng))

    def _types_stale(self, door: int, rng: Random) -> Story[None]:
        record, name = self._rig.record, self._rig.record.classes[0]
        length_s, quarter_s = codes.CLASSES[name], codes.slot_seconds(name)
        off_s = rng.choice((-length_s - quarter_s, 2 * quarter_s))
        at_s = self._rig.now_s() + off_s
        tenancy = self._witness.tenancy(door)
        digits = issue.recipient(record, door, tenancy, name, at_s).digits
        yield from self._stranger(rng).types(digits + "#")

    def _used_return(self, _event: Event, rng: Random) -> None:
        """Somebody tries what has given a parcel back once more."""
        used = sorted(self._witness.given_back)
        if used:
            code = returns.code(self._rig.record, rng.choice(used), rng.random() < _LONG)
            self._rig.stage.add(self._stranger(rng).types(code.digits + "#"))

    def _revoke(self, event: Event, rng: Random) -> None:
        """The operator ends the codes of a parcel; somebody tries one of them later."""
        door, tenancy = event.door, self._witness.tenancy(event.door)
        digits = self._codes(Errand("pickup", door, 0.0))[rng.random() < _LONG]
        self._host.order("revoke", door, more=f"{tenancy:08x}")
        self._note_trouble(EXPIRES_MS)  # it may arrive, or not, until then

        def tries() -> None:
            if (door, tenancy) in self._witness.revoked:
                self._note_trouble(60_000.0)
                self._rig.stage.add(self._stranger(rng).types(digits + "#"))

        self._wait(EXPIRES_MS, tries)

    def _stranger(self, rng: Random) -> Person:
        return Person(self._bench, "stranger", rng.randrange(1000), 0.5)

    def _lock_down(self, event: Event, _rng: Random) -> None:
        """The operator lets nobody at a door for a while."""
        self._host.locked.add(event.door)
        self._hold(event.door, event.for_ms, lambda: self._host.locked.discard(event.door))

    def _mash(self, _event: Event, rng: Random) -> None:
        self._rig.stage.add(self._mashes(rng))

    def _mashes(self, rng: Random) -> Story[None]:
        for _ in range(rng.randint(5, 40)):
            self._bench.keypad.tap(self._bench.now_ms, rng.choice("0123456789*#?"), 40.0)
            yield rng.uniform(20.0, 300.0)

    def _second_code(self, event: Event, rng: Random) -> None:
        """Somebody else is quick, and types the code of another door while a coil is on."""

        def pulse(door: int) -> None:
            if event.door != door:
                self._note_trouble(0.0)
                self._rig.stage.add(self._hurries(event.door))

        self._in_pulse.append(pulse)

    def _hurries(self, door: int) -> Story[None]:
        for key in self._codes(Errand("pickup", door, 0.0))[0] + "#":
            self._bench.keypad.tap(self._bench.now_ms, key, 35.0)
            yield 70.0


_ACTS: dict[str, Callable[[Cast, Event, Random], None]] = {
    "coil_short": Cast._short,
    "force": Cast._force,
    "held_open": Cast._linger,
    "swap_coils": Cast._swap,
    "power_cut": Cast._cut,
    "brown_out": Cast._brown_out,
    "cut_at_write": Cast._cut_at_write,
    "hang": Cast._hang,
    "no_memory": Cast._no_memory,
    "clock_jump": Cast._jump,
    "clock_gone": Cast._unplug,
    "display_gone": Cast._unplug,
    "link_down": Cast._link_down,
    **dict.fromkeys(NETWORK_FAULTS, Cast._network_fault),
    "reset_connection": Cast._reset_connection,
    "nonsense": Cast._nonsense,
    "flash_full": Cast._full,
    "flash_slow": Cast._slow,
    "bit_flip": Cast._rot,
    "stuck_key": Cast._stick_key,
    "stale_code": Cast._stale_code,
    "lockdown": Cast._lock_down,
    "wrong_codes": Cast._wrong_codes,
    "mashed_keys": Cast._mash,
    "second_code": Cast._second_code,
    "used_return": Cast._used_return,
    "revoke": Cast._revoke,
}
