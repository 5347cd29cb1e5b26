"""An emulated station under power, of either board, with its bench and its witnesses."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from emulator import flashfs, radio
from emulator.errors import EmulatorError
from emulator.esp32 import flash as esp32_flash
from emulator.esp32 import qemu
from emulator.esp32.board import Esp32
from emulator.flashfs import Geometry
from emulator.pico_w import FILES, Parts, PicoW
from locker.core import wire
from lockerctl import broker, images, issue, mqtt, provision
from lockerctl.build import BOARDS, build
from lockerctl.errors import Exit, ToolError
from lockerctl.journal_reader import Reading, read_journal
from lockerctl.provision import Setup
from lockerctl.rig import micropython
from lockerctl.station import Station
from lockerctl.subscriber import Subscriber
from virtual.bench import Bench
from virtual.layout import from_board
from virtual.people import Stage

ESP32 = "esp32"
EMULATED = ("pico_w", "pico_w_24", ESP32)
NAME = "emulated"

_GUEST_PORT = 1883
_NO_PINGS = 0  # the broker's clock runs faster than the board's


class Board(Protocol):
    """What the story needs of an emulated board. area: of its file system in flash."""

    @property
    def area(self) -> Geometry: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def now_ms(self) -> float: ...
    @property
    def armed_ms(self) -> float: ...
    @property
    def resets(self) -> int: ...

    def files(self) -> bytes: ...
    def powered(self) -> AbstractContextManager[None]: ...
    async def run(self, until: Callable[[], bool], limit_ms: float) -> bool: ...


@dataclass(frozen=True)
class Site:
    """Where an emulated board stands: its access point, an open one, and the broker's address.

    start_ms, story_ms, settle_ms: what it may take by its own clock to start, for the story, and
    until the broker has everything; hurries: people waste no time there; armed: what its armed_ms
    means.
    """

    ssid: str
    broker: str
    start_ms: float
    story_ms: float
    settle_ms: float
    hurries: bool
    armed: str


_RP2040 = Site(
    radio.SSID, radio.BROKER_ADDRESS, 8_000.0, 8_000.0, 2_500.0, True, "power to first door step"
)
# QEMU's clock is this computer's: whatever else runs here makes its board slower.
_QEMU = Site(
    qemu.SSID,
    qemu.BROKER_ADDRESS,
    600_000.0,
    120_000.0,
    45_000.0,
    False,
    "image to first key scan",
)


@dataclass(frozen=True)
class Cast:
    """pickup: the door with the parcel; conflict: the one whose contacts contradict each other."""

    pickup: int
    conflict: int


@dataclass(frozen=True)
class Rig:
    """An emulated station under power. witness: an MQTT subscriber that knows nothing of it."""

    site: Site
    station: Station
    bench: Bench
    board: Board
    witness: Subscriber
    heartbeats: mqtt.Session

    def journal(self) -> Reading:
        """What a power cut would leave on the flash now. Raises ToolError."""
        with tempfile.TemporaryDirectory(prefix="latchwork-") as place:
            try:
                flashfs.read(self.board.files(), self.board.area, micropython(), Path(place))
            except EmulatorError as error:
                raise ToolError(Exit.DAMAGED, str(error)) from error
            return read_journal(Path(place) / provision.JOURNAL_FOLDER, self.station.keys.journal)

    def code(self, door: int) -> str:
        """The code of the parcel in a door."""
        now_s = int(self.bench.rtc.unix(self.bench.now_ms))
        return issue.recipient(self.station, door, 1, self.station.default_class, now_s).digits


def check(board: str) -> None:
    """Raises ToolError where this computer cannot emulate the board."""
    if board == ESP32:
        _qemu()


@contextmanager
def powered(board: str, cast: Cast, seed: int) -> Iterator[Rig]:
    """Everything but the event loop that the board runs in. Raises ToolError.

    No socket of this process reaches another computer inside the block.
    """
    image = images.fetch(images.image_for(board)).path
    config: dict[str, Any] = json.loads((BOARDS / board / "board.json").read_text())
    area = _area(board, image, config)
    with ExitStack() as stack:
        stack.enter_context(radio.sealed())
        used = stack.enter_context(broker.running())
        station, files = _flash(board, config, area, cast)
        bench = Bench(from_board(BOARDS / board), seed, time.time())
        for door in (cast.pickup, cast.conflict):
            bench.door(door).parcel = "a parcel"
        device = _device(board, (image, files), config, bench, used.port)
        witness = stack.enter_context(Subscriber(used.host, used.port, NAME))
        topics = [wire.topic(NAME, "hb")]
        heartbeats = stack.enter_context(mqtt.connect(used.host, used.port, topics))
        yield Rig(site(board), station, bench, device, witness, heartbeats)


def site(board: str) -> Site:
    """Of one of EMULATED."""
    return _QEMU if board == ESP32 else _RP2040


def _area(board: str, image: Path, config: dict[str, Any]) -> Geometry:
    if board == ESP32:
        return esp32_flash.files_area(image.read_bytes(), config["flash_kb"] * 1024)
    return FILES


def _device(
    board: str, contents: tuple[Path, bytes], config: dict[str, Any], bench: Bench, port: int
) -> Board:
    image, files = contents
    if board == ESP32:
        return Esp32(_qemu(), (image.read_bytes(), files), config, bench, (_GUEST_PORT, port))
    return PicoW(Parts(image, files, config), bench, radio.Gate(_GUEST_PORT, port))


def _qemu() -> Path:
    try:
        return qemu.find(os.environ)
    except EmulatorError as error:
        hint = f"Install one with the machine {qemu.MACHINE}, or name it: {qemu.SETTING}=/path."
        raise ToolError(Exit.UNFIT, f"No emulated ESP32: {error}", hint) from None


def _flash(
    board: str, config: dict[str, Any], area: Geometry, cast: Cast
) -> tuple[Station, bytes]:
    """A provisioned station and its file system. The keys are random: boards refuse demo keys."""
    where = site(board)
    setup = Setup(
        occupied=(cast.pickup, cast.conflict),
        heartbeat_s=1,
        clock_set_s=int(time.time()),
        keepalive_s=_NO_PINGS,
        wifi={"ssid": where.ssid, "password": "", "country": ""},
    )
    broker_at = (where.broker, _GUEST_PORT)
    station = provision.new_station(NAME, config, provision.random_keys(), broker_at, setup)
    with tempfile.TemporaryDirectory(prefix="latchwork-") as place:
        tree = Path(place) / "tree"
        provision.write_flash(tree, station, config, setup)
        shutil.copytree(build(board, Path(place) / board).folder, tree, dirs_exist_ok=True)
        # The emulated ESP32 stops both its CPUs for each piece that it reads of its flash.
        return station, flashfs.make(tree, area, micropython(), shorten=board == ESP32)
