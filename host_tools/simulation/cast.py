"""Carries the events of a plan out: breaks things, mends them again, and sends people who should
not be there; those who should are of simulation.visits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from locker.core import codes
from lockerctl import issue, returns
from lockerctl.story import other_code
from simulation.crowd import Errand
from simulation.flash import PowerCut
from simulation.host import EXPIRES_MS, Host
from simulation.network import FAULTS as NETWORK_FAULTS
from simulation.plan import Event
from simulation.rig import Rig
from simulation.trip import Hung, NoMemory, Trip
from simulation.visits import Visits
from simulation.witness import Witness
from virtual.people import Person, Story

_TASKS = ("desk", "desk", "panel", "doors", "report", "housekeeping")
_LINES = 400  # the door step that fires takes 200
_UNHARMED = (*NETWORK_FAULTS, "link_down", "reset_connection", "nonsense")
_SHORT_MS = 2.0
_LONG = 0.3  # of all codes that should not work: the long form
_FUSED = 0.5  # of all shorts
_JUMPS_S = (-86_400, -3_600, -90, -30, 30, 90, 3_600, 86_400)
_CLOCK_WRONG_MS = 300_000.0
_CONTACTS = {"reed", "latch"}


class Cast(Visits):
    """faults: how many there were."""

    def __init__(self, rig: Rig, host: Host, witness: Witness) -> None:
        super().__init__(rig, host, witness)
        self.faults = 0

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
