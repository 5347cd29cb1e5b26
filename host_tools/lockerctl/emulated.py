"""The short story on an emulated board: the image and the .mpy files as they are flashed, against
the bench, over the board's own Wi-Fi to a real broker.

One parcel is picked up, one code is wrong, one door contradicts itself. As in the demo nothing
here believes the firmware: coils, doors, display, flash and an MQTT subscriber are asked.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from locker.core import faults, records
from lockerctl.emulated_rig import Cast, Rig
from lockerctl.journal_reader import Reading
from lockerctl.story import other_code
from virtual.bench import Bench
from virtual.journeys import picks_up, tries_code
from virtual.people import Person, Story, StoryFailed

REFUSED = ("wrong_code", "conflict")

_TASK_FAULTS = (faults.TASK_FAILED, faults.TASK_FAILED_OFTEN)
_LOOK_MS = 100.0
_PACE = 0.15
_EASY_PACE = 0.6


class Hands(Person):
    """Types evenly: a key is down for hold_ms, and another one every_ms after it; the same one
    once more after again_ms, for it has to be seen up in between.
    """

    hold_ms: float
    every_ms: float
    again_ms: float

    def types(self, keys: str) -> Story[None]:
        """Key by key."""
        self.says(f"types {keys}")
        for key, following in zip(keys, keys[1:] + " ", strict=True):
            self.bench.keypad.tap(self.bench.now_ms, key, self.hold_ms)
            yield self.again_ms if key == following else self.every_ms


class QuickHands(Hands):
    """Twelve keys a second: a second of this board is twenty of ours."""

    hold_ms, every_ms, again_ms = 55.0, 80.0, 100.0


class SlowHands(Hands):
    """For a board that runs several times slower than its chip, by the chip's own clock."""

    hold_ms, every_ms, again_ms = 400.0, 800.0, 800.0


@dataclass
class Outcome:
    """opened: doors in their order, negative when their coil was not the reason; events: heard.

    wall_s: how long it took here; chip_s: by the board's clock; boot_ms: until the board is at
    work, see its armed_ms; pulses: (door, ms) of current in its coil; heap_bytes: free, from the
    first and the last heartbeat; longest_ms: of each task's steps.
    """

    opened: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    events: int = 0
    failure: str = ""
    wall_s: float = 0.0
    chip_s: float = 0.0
    boot_ms: float = 0.0
    pulses: list[tuple[int, float]] = field(default_factory=list)
    heap_bytes: list[int] = field(default_factory=list)
    longest_ms: dict[str, int] = field(default_factory=dict)


async def tell(rig: Rig, cast: Cast, seed: int, say: Callable[[str], None]) -> Outcome:
    """Power on, play the story to its end, compare the witnesses. Raises EmulatorError.

    say: gets the bench's diary line by line.
    """
    outcome = Outcome()
    began = time.monotonic()
    with rig.board.powered():
        part = rig.board.stage.add(_story(rig, cast, seed))
        diary = _Diary(rig.bench, say)
        ended = await rig.board.run(
            lambda: diary.told() and part.done, rig.site.start_ms + rig.site.story_ms
        )
        settled = ended and await rig.board.run(_heard(rig), rig.site.settle_ms)
    try:
        part.result()
    except StoryFailed as failed:
        outcome.failure = str(failed)
    outcome.wall_s = time.monotonic() - began
    _measure(rig, outcome)
    _judge(rig, cast, settled, outcome)
    return outcome


class _Diary:
    """The bench's diary as it grows, and what the display shows whenever that has settled."""

    def __init__(self, bench: Bench, say: Callable[[str], None]) -> None:
        self._bench = bench
        self._say = say
        self._lines = 0
        self._shown = self._last = ""
        self._since = 0.0

    def told(self) -> bool:
        """Say what is new; True."""
        bench = self._bench
        for line in list(bench.diary)[self._lines :]:
            self._say(f"{line.at_ms / 1000:6.2f} s  {line.who:10} {line.text}")
        self._lines = len(bench.diary)
        shown = " / ".join(line.strip() for line in bench.display.lines() if line.strip())
        if shown != self._last:
            self._last, self._since = shown, bench.now_ms
        elif shown != self._shown and bench.now_ms - self._since >= _LOOK_MS:
            self._shown = shown
            self._say(f"{self._since / 1000:6.2f} s  display    {shown}")
        return True


def _person(rig: Rig, name: str, seed: int) -> Person:
    if rig.site.hurries:
        return QuickHands(rig.bench, name, seed, _PACE)
    return SlowHands(rig.bench, name, seed, _EASY_PACE)


def _story(rig: Rig, cast: Cast, seed: int) -> Story[None]:
    stranger, recipient, neighbour = (
        _person(rig, name, seed) for name in ("stranger", "recipient", "neighbour")
    )
    yield from stranger.reads("type your code", timeout_ms=rig.site.start_ms)
    code = rig.code(cast.pickup)
    yield from tries_code(stranger, other_code(code), "not accepted")
    rig.bench.fault(cast.conflict, "reed_stuck_off")
    yield from picks_up(recipient, cast.pickup, code)
    yield from tries_code(neighbour, rig.code(cast.conflict), f"service e{faults.CONFLICT}")


def _heard(rig: Rig) -> Callable[[], bool]:
    """Whether the witness has every record that is on the flash; looked at ten times a second."""
    look_at = 0.0

    def heard() -> bool:
        nonlocal look_at
        if rig.board.now_ms < look_at:
            return False
        look_at = rig.board.now_ms + _LOOK_MS
        return _ids(rig.journal()) == [event.id for event in rig.witness.events]

    return heard


def _ids(reading: Reading) -> list[tuple[int, int]]:
    return [event.id for event in reading.events]


def _measure(rig: Rig, outcome: Outcome) -> None:
    outcome.chip_s = rig.board.now_ms / 1000
    outcome.boot_ms = rig.board.armed_ms
    outcome.pulses = [
        (pulse.door, pulse.end_ms - pulse.start_ms)
        for pulse in rig.bench.cabinet.pulses
        if pulse.end_ms is not None
    ]
    while (message := rig.heartbeats.get(0.0)) is not None:
        fields = message.fields()
        outcome.heap_bytes = [*outcome.heap_bytes[:1], int(fields["heap"])]
        outcome.longest_ms = {task: row[0] for task, row in fields["late"].items()}


def _judge(rig: Rig, cast: Cast, settled: bool, outcome: Outcome) -> None:
    """What opened, what the journal says was refused, and what the witnesses do not agree on."""
    reading = rig.journal()
    outcome.opened = [m.door if m.powered else -m.door for m in rig.bench.cabinet.movements]
    outcome.events = len(rig.witness.events)
    for name, reason, door, fault in (
        (REFUSED[0], faults.WRONG_CODE, cast.pickup, 0),
        (REFUSED[1], faults.DOOR_UNUSABLE, cast.conflict, faults.CONFLICT),
    ):
        wanted = (records.REFUSED, reason, door, fault)
        if any((r.kind, r.reason, r.door, r.fault) == wanted for r in reading.records):
            outcome.refused.append(name)
    outcome.failure = outcome.failure or _disagreement(rig, cast, reading, settled, outcome)


def _disagreement(rig: Rig, cast: Cast, reading: Reading, settled: bool, outcome: Outcome) -> str:
    if rig.board.resets:
        return f"the board reset itself {rig.board.resets} times"
    if reading.problems:
        return f"the journal does not check: {reading.problems[0]}"
    broken = [r for r in reading.records if r.fault in _TASK_FAULTS]
    if broken:
        return f"a task of the firmware failed: {broken[0]}"
    if outcome.opened != [cast.pickup]:
        return f"these doors opened: {outcome.opened}"
    if outcome.refused != list(REFUSED):
        return f"the journal holds these refusals: {outcome.refused}"
    if not settled:
        return f"the flash holds {len(reading.records)} records, {outcome.events} were heard"
    return ""
