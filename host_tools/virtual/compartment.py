"""One compartment: solenoid, lock, spring door, reed, latch switch and what may lie inside.

Driven by events: advance() carries out, in order, everything that physics had in store until then.
So a bench in wall time, an emulator in steps of microseconds and a simulation that jumps an hour
all see the same door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from random import Random

from .coil import Coil, CoilSpec
from .contact import FAULTS as CONTACT_FAULTS
from .contact import Contact

PROFILES = ("rotary", "slam_bolt", "lock_contact_only", "door_contact_only")
MECHANICAL_FAULTS = ("jam", "tight", "coil_cut", "coil_short")
_PARTS = ("reed", "latch")
FAULTS = MECHANICAL_FAULTS + tuple(f"{p}_{f}" for p in _PARTS for f in CONTACT_FAULTS)

# Door positions: 0 shut, 1 wide open.
_STRIKE = 0.02  # the bolt is clear of the strike plate beyond this
_REED = 0.05  # the magnet holds the reed up to here
AJAR = 0.15  # where the spring pushes the door
# Who goes first when two things fall on one moment.
_ORDER = {"retract": 0, "strike": 1, "reed": 2, "release": 3, "arrive": 4}


@dataclass(frozen=True, slots=True)
class CompartmentSpec:
    """What stands in the cabinet.

    ``pops`` tells whether the door has a spring that opens it a hand's width.
    """

    door: int
    size: str = "M"
    profile: str = "rotary"
    pops: bool = True
    coil: CoilSpec = field(default_factory=CoilSpec)

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(
                f"door {self.door}: lock profile {self.profile!r} is not one of {PROFILES}"
            )


@dataclass(slots=True)
class _Motion:
    start_ms: float = 0.0
    end_ms: float = 0.0
    origin: float = 0.0
    goal: float = 0.0

    def position(self, now_ms: float) -> float:
        if now_ms >= self.end_ms:
            return self.goal
        share = (now_ms - self.start_ms) / (self.end_ms - self.start_ms)
        return self.origin + (self.goal - self.origin) * share

    def crosses_at(self, level: float) -> float | None:
        """When the door passes this position; None when it does not."""
        if (self.origin < level) == (self.goal < level):
            return None
        share = (level - self.origin) / (self.goal - self.origin)
        return self.start_ms + share * (self.end_ms - self.start_ms)


class Compartment:
    """See the module. ``tell(now_ms, door, what)`` hears.

    Left, shut, bolt_free, bolt_locked, wide_open.
    """

    def __init__(
        self,
        spec: CompartmentSpec,
        seed: int,
        tell: Callable[[float, int, str], None] | None = None,
    ) -> None:
        self.spec = spec
        self.coil = Coil(spec.coil)
        self.reed = Contact(True, Random(f"{seed}/{spec.door}/reed"))
        self.latch = Contact(True, Random(f"{seed}/{spec.door}/latch"), bounce_ms=2.5)
        self.bolt = True  # rotary: the catch holds; slam_bolt: the bolt is out
        self.parcel = ""
        self.faults: set[str] = set()
        self._tell = tell or (lambda _t, _d, _w: None)
        self._slams = spec.profile == "slam_bolt"
        self._plunger_back = False
        self._motion = _Motion()
        self._due: dict[str, float] = {}
        self._reacts: dict[str, Callable[[float], None]] = {
            "retract": self._retract,
            "strike": self._strike,
            "reed": self._pass_reed,
            "release": self._release,
            "arrive": self._arrive,
        }

    # -- what the world does to it ------------------------------------------------------------

    def energise(self, now_ms: float, on: bool) -> None:
        """Voltage at the coil's terminals."""
        self.advance(now_ms)
        if on == self.coil.on:
            return
        self.coil.cut = "coil_cut" in self.faults
        self.coil.short = "coil_short" in self.faults
        self.coil.switch(now_ms, on)
        self._due.pop("release" if on else "retract", None)
        if on:
            self._schedule("retract", self.coil.pull_in_at())
        elif self._plunger_back:
            self._schedule("release", self.coil.drop_out_at())

    def pull(self, now_ms: float, takes_ms: float = 600.0) -> bool:
        """Somebody pulls the handle. False: it does not give."""
        self.advance(now_ms)
        if self.held(now_ms):
            return False
        self._move(now_ms, 1.0, takes_ms)
        return True

    def push(self, now_ms: float, takes_ms: float = 500.0) -> None:
        """Somebody pushes the door shut, or leans on a shut one: that frees a tight bolt."""
        self.advance(now_ms)
        if "tight" in self.faults:
            self.set_fault(now_ms, "tight", False)
        self._move(now_ms, 0.0, takes_ms)

    def force(self, now_ms: float, takes_ms: float = 200.0) -> None:
        """A crowbar: open whatever the bolt says."""
        self.advance(now_ms)
        if not self._slams:
            self._set_bolt(now_ms, False)
        self._move(now_ms, 1.0, takes_ms)

    def set_fault(self, now_ms: float, fault: str, present: bool = True) -> None:
        """Inject or repair one of FAULTS. ValueError for another word."""
        if fault not in FAULTS:
            raise ValueError(
                f"door {self.spec.door}: fault {fault!r} is not one of {', '.join(FAULTS)}"
            )
        self.advance(now_ms)
        (self.faults.add if present else self.faults.discard)(fault)
        for part, contact in (("reed", self.reed), ("latch", self.latch)):
            if fault.startswith(part):
                contact.break_down(now_ms, fault[len(part) + 1 :] if present else "")
        if not present and not self._stiff():
            self._spring_bolt(now_ms)

    # -- what can be seen of it ---------------------------------------------------------------

    def position(self, now_ms: float) -> float:
        """0 shut to 1 wide open."""
        return self._motion.position(now_ms)

    def held(self, now_ms: float) -> bool:
        """The bolt is in the strike plate: the door cannot be pulled."""
        return self.bolt and self.position(now_ms) < _STRIKE

    def moving(self, now_ms: float) -> bool:
        return now_ms < self._motion.end_ms

    def reed_level(self, now_ms: float) -> bool:
        """The wire of the reed; a profile without one reads like a cut wire."""
        return self.spec.profile != "lock_contact_only" and self.reed.level(now_ms)

    def latch_level(self, now_ms: float) -> bool:
        return self.spec.profile != "door_contact_only" and self.latch.level(now_ms)

    def next_event(self) -> float:
        """When something may change by itself; inf when nothing will."""
        edges = min(self.reed.next_edge(), self.latch.next_edge())
        return min(edges, min(self._due.values(), default=inf))

    def advance(self, now_ms: float) -> None:
        """Carry out everything due until now_ms."""
        while self._due:
            at, _, what = min((at, _ORDER[what], what) for what, at in self._due.items())
            if at > now_ms:
                break
            del self._due[what]
            self._reacts[what](at)
        self.reed.advance(now_ms)
        self.latch.advance(now_ms)

    # -- how it works inside ------------------------------------------------------------------

    def _schedule(self, what: str, at: float) -> None:
        if at != inf:
            self._due[what] = at

    def _stiff(self) -> bool:
        return bool(self.faults & {"jam", "tight"})

    def _retract(self, now_ms: float) -> None:
        self._plunger_back = True
        if self._stiff():
            return
        self._set_bolt(now_ms, False)
        self._pop(now_ms)

    def _release(self, now_ms: float) -> None:
        self._plunger_back = False
        if not self._stiff():
            self._spring_bolt(now_ms)

    def _spring_bolt(self, now_ms: float) -> None:
        """A spring bolt comes out as soon as nothing holds it back.

        A rotary catch waits for the door.
        """
        if self._plunger_back or not self._slams:
            return
        caught = self.position(now_ms) < _STRIKE
        if caught and self.moving(now_ms) and self._motion.goal > 0:
            self._move(now_ms, 0.0, 1.0)
        self._set_bolt(now_ms, True)

    def _strike(self, now_ms: float) -> None:
        if self._motion.goal > self._motion.origin:
            self._tell(now_ms, self.spec.door, "left")
            if not self._stiff():
                self._spring_bolt(now_ms)
        elif self._slams and not self._stiff():
            self._set_bolt(now_ms, False)  # the ramp of the strike plate pushes the bolt in

    def _pass_reed(self, now_ms: float) -> None:
        self.reed.move(now_ms, self._motion.goal < self._motion.origin)

    def _arrive(self, now_ms: float) -> None:
        if self._motion.goal:
            self._tell(now_ms, self.spec.door, "wide_open" if self._motion.goal == 1.0 else "ajar")
            return
        self._tell(now_ms, self.spec.door, "shut")
        if self._plunger_back:
            self._pop(now_ms)
        elif not self._stiff():
            self._set_bolt(now_ms, True)

    def _pop(self, now_ms: float) -> None:
        if self.spec.pops and self.position(now_ms) < AJAR and self._motion.goal < AJAR:
            self._move(now_ms, AJAR, 90.0)

    def _set_bolt(self, now_ms: float, bolt: bool) -> None:
        if bolt == self.bolt:
            return
        self.bolt = bolt
        self.latch.move(now_ms, bolt)
        self._tell(now_ms, self.spec.door, "bolt_locked" if bolt else "bolt_free")

    def _move(self, now_ms: float, goal: float, takes_ms: float) -> None:
        origin = self.position(now_ms)
        self._motion = _Motion(now_ms, now_ms + max(takes_ms, 1.0), origin, goal)
        for what, level in (("strike", _STRIKE), ("reed", _REED)):
            at = self._motion.crosses_at(level)
            self._due.pop(what, None)
            if at is not None:
                self._schedule(what, at)
        self._due["arrive"] = self._motion.end_ms
