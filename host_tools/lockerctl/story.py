"""The scripted story of the demo: one parcel all the way, and four things that must not work.

Nothing here believes the firmware. What opened is read off the modelled coils and doors, what was
refused off the display and the journal together, and the number of events off an MQTT subscriber
and the journal on flash.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from locker.core import damm, faults, records
from locker.core.records import Record
from lockerctl.provision import Setup
from lockerctl.rig import Plan, Rig
from virtual.journeys import deposits, picks_up, tries_code
from virtual.people import Person, StoryFailed

NAME = "demo"
BREAKS = ("swap_doors", "accept_any_code")

_PACE = 0.6
_JOURNAL_S = 5.0


@dataclass
class Result:
    """The JSON line at the end. opened: doors in the order they opened; events: over MQTT."""

    door: int
    seed: int
    opened: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    events: int = 0
    failure: str = ""

    def fields(self) -> dict[str, Any]:
        """As printed: ``story`` is 'ok' or 'failed', with the reason."""
        fields = {
            "story": "failed" if self.failure else "ok",
            "door": self.door,
            "seed": self.seed,
            "opened": self.opened,
            "refused": self.refused,
            "events": self.events,
        }
        return fields | ({"failure": self.failure} if self.failure else {})


@dataclass(frozen=True)
class Cast:
    """The doors of the story: where the parcel goes, which one jams, whose sensor lies."""

    door: int
    jammed: int
    conflict: int


def cast(door: int, doors: int) -> Cast:
    """The two doors after the parcel's, going round."""
    return Cast(door, door % doors + 1, (door + 1) % doors + 1)


def plan(door: int, seed: int, sizes: dict[int, str], clock_set_s: int, mutant: str) -> Plan:
    """A station on which the courier's parcel must go into ``door``: its equals are more worn."""
    roles = cast(door, len(sizes))
    equals = [d for d, size in sizes.items() if size == sizes[door] and d != door]
    setup = Setup(
        occupied=(roles.jammed, roles.conflict),
        wear={d: 10 for d in equals},
        heartbeat_s=5,
        clock_set_s=clock_set_s,
    )
    return Plan(NAME, seed, setup, mutant)


class Teller:
    """Tells the story on a running rig. say: where the narration goes."""

    def __init__(self, rig: Rig, roles: Cast, seed: int, say: Callable[[str], None]) -> None:
        self._rig = rig
        self._roles = roles
        self._say = say
        self._courier = rig.server.person("courier", seed, _PACE)
        self._recipient = rig.server.person("recipient", seed, _PACE)
        self._stranger = rig.server.person("stranger", seed, _PACE)
        self.refused: list[str] = []

    def tell(self) -> None:
        """The whole story. Raises StoryFailed with what went wrong and what the display showed."""
        door = self._roles.door
        self._deposit(door)
        code = self._issue(door)
        self._refuse_wrong_code(door, code)
        self._pick_up(door, code)
        self._refuse_replay(door, code)
        self._refuse_jam(self._roles.jammed)
        self._refuse_conflict(self._roles.conflict)

    def opened(self) -> list[int]:
        """Doors that opened under their own coil's current; a door that moved without is named
        negative.
        """
        with self._rig.server.bench() as bench:
            return [m.door if m.powered else -m.door for m in bench.cabinet.movements]

    def _deposit(self, door: int) -> None:
        self._say(f"A courier types the day code and stores a parcel in door {door}.")
        size = "SML".index(self._rig.station.sizes[door]) + 1
        used = self._rig.server.play(deposits(self._courier, self._rig.courier_code(), str(size)))
        if used != door:
            raise StoryFailed(f"the parcel went into door {used}, not {door}")

    def _issue(self, door: int) -> str:
        issued = lockerctl_json("code", "issue", "--station", NAME, "--door", str(door))
        self._say(
            f"The host issues {issued['spoken']} (class {issued['class']}, until "
            f"{issued['valid_until']}, tenancy {issued['tenancy']} heard from: "
            f"{issued['tenancy_source']})."
        )
        return str(issued["code"])

    def _refuse_wrong_code(self, door: int, code: str) -> None:
        self._say(f"A stranger guesses a code for door {door}.")
        self._refused(
            "wrong_code",
            self._stranger,
            other_code(code),
            "not accepted",
            _is(faults.WRONG_CODE, door),
        )

    def _pick_up(self, door: int, code: str) -> None:
        self._say(f"The recipient types the code; door {door} opens.")
        self._rig.server.play(picks_up(self._recipient, door, code))

    def _refuse_replay(self, door: int, code: str) -> None:
        self._say("Somebody types the same code again.")
        self._refused("replayed", self._stranger, code, "not accepted", _is(faults.SPENT, door))

    def _refuse_jam(self, door: int) -> None:
        self._say(f"Door {door} jams: its bolt does not move.")
        code = self._issue(door)
        with self._rig.server.bench() as bench:
            bench.fault(door, "jam")

        def jammed(record: Record) -> bool:
            return (
                record.kind == records.DOOR
                and record.door == door
                and record.fault == faults.JAMMED
            )

        self._refused("jammed", self._recipient, code, "is stuck", jammed)

    def _refuse_conflict(self, door: int) -> None:
        self._say(f"Door {door}'s reed says open while its bolt says locked.")
        code = self._issue(door)
        with self._rig.server.bench() as bench:
            bench.fault(door, "reed_stuck_off")
        self._refused(
            "conflict",
            self._recipient,
            code,
            "of service e29",
            _is(faults.DOOR_UNUSABLE, door, faults.CONFLICT),
        )

    def _refused(
        self, name: str, person: Person, code: str, text: str, fits: Callable[[Record], bool]
    ) -> None:
        """Refused means: the display says so, and a journal record written since says why."""
        before = self._rig.journal().last
        self._rig.server.play(tries_code(person, code, text))

        def recorded() -> bool:
            return any(fits(r) for r in self._rig.journal().records if r.seq > before)

        if not self._rig.server.wait_for(recorded, _JOURNAL_S):
            raise StoryFailed(
                f"{name}: the display says {text!r}, but the journal holds no such refusal"
            )
        self.refused.append(name)


def other_code(digits: str) -> str:
    """A well-formed entry for the same door that is not this one."""
    body = digits[:2] + f"{(int(digits[2:-1]) + 1) % 10**8:08d}"
    return body + str(damm.check_digit(body))


def lockerctl_json(*arguments: str) -> dict[str, Any]:
    """What another lockerctl on this computer says. Raises StoryFailed with its error."""
    command = [sys.executable, "-c", "from lockerctl.cli import app; app()", *arguments, "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    if done.returncode:
        raise StoryFailed(
            f"lockerctl {' '.join(arguments[:2])} failed: {done.stdout or done.stderr}"
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _is(reason: int, door: int, fault: int = 0) -> Callable[[Record], bool]:
    return lambda r: (r.kind, r.reason, r.door, r.fault) == (records.REFUSED, reason, door, fault)
