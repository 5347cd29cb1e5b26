"""People who meet a station that may be out of order: they look, try again, and give up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from virtual.people import Person, Story

_PATIENCE_MS = 75_000.0
_ANSWER_MS = 20_000.0  # a pulse, a cool-down and a retry, on slow flash
_LOOK_MS = 150.0
_AJAR = 0.01
_PUSHES = 4
_DOOR = re.compile(r"into door (\d+)|door (\d+) opens now")
_WAIT = re.compile(r"please wait (\d+) s")

# What the display says, and what that is to whoever reads it; the first that fits.
SIGNS = (
    ("mistyped", "again"), ("that failed", "again"), ("please wait", "wait"),
    ("ask support for a recovery", "recovery"), ("two codes in a row", "recovery"),
    ("not accepted", "refused"),
    ("of service", "refused"), ("out of order", "refused"), ("is not ready", "refused"),
    ("door sticks", "refused"), ("is stuck", "stuck"), ("locked again", "again?"),
    ("is free", "pull"), ("parcel size", "size"), ("no free door", "full"),
    ("all doors are taken", "full"), ("parcel inside", "yes"), ("empty?", "empty"),
    ("receipt", "receipt"),
    ("nothing stored", "nothing"), ("thank you", "thanks"), ("still there", "there?"),
    ("type your code", "idle"), ("code from your message", "idle"), ("code:", "typing"),
    ("call support", "idle"),
)  # fmt: skip


@dataclass
class Errand:
    """What somebody came for. door: 0 until a courier is told; outcome: "" while at it, "done",
    or why not; app: with codes from one; returning: number of a return code, 0: not one.
    """

    kind: str
    door: int
    since_ms: float
    outcome: str = ""
    opened_ms: float = 0.0
    app: bool = False
    returning: int = 0


class Visitor:
    """One person with one errand. codes(): the entry to type, and the recovery code.

    done: the door was used as it was meant to be; slips: answers once that nothing is in though
    it is; misjudges: picks a size that is too small first, and takes the parcel to another door.
    """

    def __init__(
        self, person: Person, errand: Errand, codes: Callable[[], tuple[str, str]], size: str = ""
    ) -> None:
        self.errand = errand
        self.lingers_ms = 0.0
        self.slips = self.misjudges = False
        self._p = person
        self._codes = codes
        self._size = size
        self._entries = 0
        self._recovery = False
        self._last = ""
        self.done = False
        self._misfit = False  # what the courier holds does not go in

    def goes(self) -> Story[None]:
        """The whole visit."""
        self._deadline = self._p.bench.now_ms + _PATIENCE_MS
        while not self.errand.outcome:
            yield from self._looks()
            if not self.errand.outcome and self._p.bench.now_ms >= self._deadline:
                self.errand.outcome = f"gave up before: {self._shown()}"

    def _looks(self) -> Story[None]:
        door = self.errand.door
        if door and not self.done and self._position(door) > _AJAR:
            yield from self._uses(door)
            return
        text = self._shown()
        sign = next((sign for words, sign in SIGNS if words in text), "")
        if sign == "refused" and not self._entries:
            sign = "idle"  # that was somebody else
        found = _DOOR.search(text)
        if self._size and found:
            self.errand.door = int(found[1] or found[2])
        if sign == self._last and sign not in ("idle", "typing"):
            yield _LOOK_MS
            return
        self._last = sign
        yield from self._reacts(sign, text)

    def _reacts(self, sign: str, text: str) -> Story[None]:
        if sign in ("idle", "again", "typing"):
            yield from self._types_code(sign)
        elif sign == "wait":
            found = _WAIT.search(text)
            yield 1000.0 * int(found[1]) + 500.0 if found else 2000.0
            yield from self._types_code(sign)
        elif sign == "recovery":
            self._recovery = True
            yield from self._types_code(sign)
        elif sign == "refused":
            self.errand.outcome = "refused: " + text
        elif sign == "stuck" and self.errand.door:
            yield from self._p.pushes(self.errand.door)
            yield from self._p.presses("#")
            self._stays()
            self._last = ""
            yield 1500.0
        elif sign in ("again?", "there?") and self.errand.door:
            yield from self._p.presses("#")
            self._stays()
        elif sign == "pull" and self.errand.door:
            yield from self._p.tries(self.errand.door)
            self._last = ""
        elif self._size:
            yield from self._stores(sign)
        elif sign == "receipt":  # the courier before has left it there
            yield from self._p.presses("#")
        else:
            yield _LOOK_MS

    def _types_code(self, sign: str) -> Story[None]:
        if self.done:
            self.errand.outcome = "done"
        elif self._entries >= 6:
            self.errand.outcome = "gave up after six entries"
        else:
            self._entries += 1
            clear = "*" if sign == "typing" else ""
            yield from self._p.types(clear + self._codes()[self._recovery] + "#")
            self._stays()
            yield 300.0
            self._last = ""

    def _stays(self) -> None:
        """Nobody turns away from a door that they have just asked for: a parcel that is left
        behind an open door looks to any station like one that was taken.
        """
        self._deadline = max(self._deadline, self._p.bench.now_ms + _ANSWER_MS)

    def _stores(self, sign: str) -> Story[None]:
        if sign == "size" and not self.done:
            yield from self._p.presses(self._size)
        elif sign == "full":
            self.errand.outcome = "full"
            yield from self._p.presses("*")
        elif sign == "yes" and self.done:
            yield from self._p.presses("3#" if self.slips else "1#")
            self.slips = False
        elif sign == "yes" and self.errand.door:
            yield from self._p.presses("2#" if self._misfit else "3#")
        elif sign == "empty" and self.errand.door:
            yield from self._says_empty()
        elif sign == "receipt":
            yield from self._p.presses("#")
            self.errand.outcome = "done"
        else:
            yield _LOOK_MS

    def _says_empty(self) -> Story[None]:
        """The second question, for whoever has answered that nothing is in."""
        if self.done:
            yield from self._p.presses("*")
            return
        yield from self._p.presses(f"{self.errand.door:02d}#")
        if not self._misfit:
            self.errand.outcome = "asked for a parcel that never went in"
        self._misfit = False
        self.errand.door = 0

    def _uses(self, door: int) -> Story[None]:
        """The door is open: the reason for being here."""
        self.errand.opened_ms = self._p.bench.now_ms
        yield from self._p.thinks()
        yield from self._p.tries(door)
        compartment = self._p.bench.door(door)
        if self._position(door) <= _AJAR:
            return
        if self._size and self.misjudges:
            self.misjudges, self._misfit = False, True
        elif self._size and not compartment.parcel:
            self._p.puts(door)
            self._misfit = False  # whatever the door before was
        elif not self._size and compartment.parcel:
            self._p.takes(door)
        self.done = not self._misfit
        self._deadline = self._p.bench.now_ms + _PATIENCE_MS
        self._last = ""
        yield from self._p.thinks(500.0, 2500.0)
        yield self.lingers_ms
        for _ in range(_PUSHES):
            yield from self._p.pushes(door)
            yield 400.0
            if compartment.bolt and self._position(door) <= _AJAR:
                break
        if not self._size:
            yield 600.0
            self.errand.outcome = "done"

    def _position(self, door: int) -> float:
        return self._p.bench.door(door).position(self._p.bench.now_ms)

    def _shown(self) -> str:
        return " ".join(" ".join(self._p.bench.display.lines()).split()).lower()
