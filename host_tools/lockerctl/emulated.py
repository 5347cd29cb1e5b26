"""The short story on an emulated board: the image and the .mpy files as they are flashed, against
the bench, over the board's own Wi-Fi to a real broker.

One parcel is picked up, one code is wrong, one door contradicts itself. As in the demo nothing
here believes the firmware: coils, doors, display, flash and an MQTT subscriber are asked.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator import flashfs, radio
from emulator.errors import EmulatorError
from emulator.pico_w import FILES, Parts, PicoW
from locker.core import faults, records, wire
from lockerctl import broker, images, issue, mqtt, provision
from lockerctl.build import BOARDS, build
from lockerctl.errors import Exit, ToolError
from lockerctl.journal_reader import Reading, read_journal
from lockerctl.provision import Setup
from lockerctl.rig import micropython
from lockerctl.station import Station
from lockerctl.story import other_code
from lockerctl.subscriber import Subscriber
from virtual.bench import Bench
from virtual.journeys import picks_up, tries_code
from virtual.layout import from_board
from virtual.people import Person, Story, StoryFailed

BOARDS_EMULATED = ("pico_w", "pico_w_24")
NAME = "emulated"
REFUSED = ("wrong_code", "conflict")

_GUEST_PORT = 1883
_START_MS = 8_000.0
_STORY_MS = 8_000.0
_SETTLE_MS = 2_500.0
_LOOK_MS = 100.0
_NO_PINGS = 0  # the broker's clock runs some 30 times faster than the board's
_PACE = 0.15


class QuickHands(Person):
    """Quick, and no dawdling: a second of the board is half a minute of ours."""

    def types(self, keys: str) -> Story[None]:
        """Nine keys a second."""
        self.says(f"types {keys}")
        for key in keys:
            self.bench.keypad.tap(self.bench.now_ms, key, 65.0)
            yield 110.0


@dataclass(frozen=True)
class Cast:
    """pickup: the door with the parcel; conflict: the one whose contacts contradict each other."""

    pickup: int
    conflict: int


@dataclass(frozen=True)
class Rig:
    """An emulated station under power. witness: an MQTT subscriber that knows nothing of it."""

    station: Station
    bench: Bench
    board: PicoW
    gate: radio.Gate
    witness: Subscriber
    heartbeats: mqtt.Session

    def journal(self) -> Reading:
        """What a power cut would leave on the flash now. Raises ToolError."""
        with tempfile.TemporaryDirectory(prefix="latchwork-") as place:
            try:
                flashfs.read(self.board.files(), FILES, micropython(), Path(place))
            except EmulatorError as error:
                raise ToolError(Exit.DAMAGED, str(error)) from error
            return read_journal(Path(place) / provision.JOURNAL_FOLDER, self.station.keys.journal)

    def code(self, door: int) -> str:
        """The code of the parcel in a door."""
        now_s = int(self.bench.rtc.unix(self.bench.now_ms))
        return issue.recipient(self.station, door, 1, self.station.default_class, now_s).digits


@dataclass
class Outcome:
    """opened: doors in their order, negative when their coil was not the reason; events: heard.

    wall_s: how long it took here; chip_s: by the board's clock; boot_ms: from power to the end of
    the first door step; heap_bytes: free, from the first and the last heartbeat; longest_ms: of
    each task's steps.
    """

    opened: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    events: int = 0
    failure: str = ""
    wall_s: float = 0.0
    chip_s: float = 0.0
    boot_ms: float = 0.0
    heap_bytes: list[int] = field(default_factory=list)
    longest_ms: dict[str, int] = field(default_factory=dict)


@contextmanager
def powered(board: str, cast: Cast, seed: int) -> Iterator[Rig]:
    """Everything but the event loop that the board runs in. Raises ToolError.

    No socket of this process reaches another computer inside the block.
    """
    image = images.fetch(images.image_for(board)).path
    config: dict[str, Any] = json.loads((BOARDS / board / "board.json").read_text())
    with ExitStack() as stack:
        stack.enter_context(radio.sealed())
        used = stack.enter_context(broker.running())
        station, files = _flash(config, cast)
        bench = Bench(from_board(BOARDS / board), seed, time.time())
        for door in (cast.pickup, cast.conflict):
            bench.door(door).parcel = "a parcel"
        gate = radio.Gate(_GUEST_PORT, used.port)
        pico = PicoW(Parts(image, files, config), bench, gate)
        witness = stack.enter_context(Subscriber(used.host, used.port, NAME))
        topics = [wire.topic(NAME, "hb")]
        heartbeats = stack.enter_context(mqtt.connect(used.host, used.port, topics))
        yield Rig(station, bench, pico, gate, witness, heartbeats)


def _flash(config: dict[str, Any], cast: Cast) -> tuple[Station, bytes]:
    """A provisioned station and its file system. The keys are random: boards refuse demo keys."""
    setup = Setup(
        occupied=(cast.pickup, cast.conflict),
        heartbeat_s=1,
        clock_set_s=int(time.time()),
        keepalive_s=_NO_PINGS,
        wifi={"ssid": radio.SSID, "password": "", "country": ""},
    )
    where = (radio.BROKER_ADDRESS, _GUEST_PORT)
    station = provision.new_station(NAME, config, provision.random_keys(), where, setup)
    with tempfile.TemporaryDirectory(prefix="latchwork-") as place:
        tree = Path(place) / "tree"
        provision.write_flash(tree, station, config, setup)
        built = build(config["board"], Path(place) / "built")
        shutil.copytree(built.folder, tree, dirs_exist_ok=True)
        return station, flashfs.make(tree, FILES, micropython())


async def tell(rig: Rig, cast: Cast, seed: int, say: Callable[[str], None]) -> Outcome:
    """Power on, play the story to its end, compare the witnesses. Raises EmulatorError.

    say: gets the bench's diary line by line.
    """
    outcome = Outcome()
    began = time.monotonic()
    with rig.board.powered():
        part = rig.board.wiring.stage.add(_story(rig, cast, seed))
        diary = _Diary(rig.bench, say)
        ended = await rig.board.run(lambda: diary.told() and part.done, _START_MS + _STORY_MS)
        settled = ended and await rig.board.run(_heard(rig), _SETTLE_MS)
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


def _story(rig: Rig, cast: Cast, seed: int) -> Story[None]:
    stranger, recipient, neighbour = (
        QuickHands(rig.bench, name, seed, _PACE) for name in ("stranger", "recipient", "neighbour")
    )
    yield from stranger.reads("type your code", timeout_ms=_START_MS)
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
    if outcome.opened != [cast.pickup]:
        return f"these doors opened: {outcome.opened}"
    if outcome.refused != list(REFUSED):
        return f"the journal holds these refusals: {outcome.refused}"
    if not settled:
        return f"the flash holds {len(reading.records)} records, {outcome.events} were heard"
    return ""
