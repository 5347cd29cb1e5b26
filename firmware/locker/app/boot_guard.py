"""Starts the application, or what is safe instead.

A boot is counted as failed before the application is touched, and forgiven when it has lasted
60 s. After three in a row the station does not try again: safe mode. The power going off and on is
no failure of ours: such a boot gets its try.

A station that fails later, again and again, still serves people in between, which safe mode would
not: it goes on, and from the third time the display, the heartbeat and the journal say so (E52),
until it has run for an hour.
"""

import gc
import sys

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from locker.app.reactor import Reactor, Slot
    from locker.ports import CoilPort, Hal

_FAILED_MAX = const(3)
_HEALTHY_MS = const(60_000)
_CALM_MS = const(3_600_000)
_PERIOD_MS = const(1_000)
_CONSOLE_CLOSED = const(-1)
# Imports leave garbage between what they keep. Uncollected it splits the heap until they fail, and
# a collection costs 15 ms: of what the firmware leaves, half may be garbage. On a Pico W that
# makes the start 0.5 s shorter than collecting every 8 KB, as is needed on an ESP32.
_LIVE_BYTES = const(98_304)
_GARBAGE_LEAST_BYTES = const(8_192)
_NO_LIMIT = const(-1)
_ROOM_BYTES = const(4_096)
_OUTBOX_ROOM_BYTES = const(3_072)
_LATE_MAX = const(999)
_NAMES_MAX = const(64)
_NAMES_TABLE_BYTES = const(1_024)

# Kept until all modules are in, and then free at the bottom of the heap, where MicroPython begins
# to look for room: the hashes of a code find it there at once instead of behind everything else.
# The second is for the buffer of the network, 2 KB in one piece: where there is none, an ESP32's
# heap grows and takes the memory of the radio.
room = [bytearray(_ROOM_BYTES), bytearray(_OUTBOX_ROOM_BYTES)]


class BootCount:
    """In a file: failed, the boots since the last good one; late, how many good ones in a row
    ended without the power going off. Flash that cannot be written stops nothing.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.failed = self.late = 0
        self._read()

    def add(self, cause: str = "") -> None:
        """This boot fails until forgive(). cause: what ended the one before, if that is known."""
        if cause == "power":
            self.late = 0
        elif self._is_known and not self.failed:
            self.late = min(self.late + 1, _LATE_MAX)
        if self.failed < _FAILED_MAX:
            self._write(self.failed + 1)

    def forgive(self) -> None:
        """This boot is a good one."""
        self._write(0)

    def calm(self) -> None:
        """It has been one for so long that what went before no longer matters."""
        self.late = 0
        self._write(0)

    def _read(self) -> None:
        self._is_known = False
        try:
            with open(self._path) as file:
                counts = file.read(16).split()
            self.failed = int(counts[0])
            self.late = int(counts[1])
            self._is_known = True
        except (OSError, ValueError, IndexError):
            return

    def _write(self, failed: int) -> None:
        try:
            with open(self._path, "w") as file:
                file.write("%d %d" % (failed, self.late))
        except OSError as error:
            print("boots are not counted:", error)


class HealthTask:
    """Forgives the boot once the station has run for 60 s, and those before it after an hour. No
    flash write while a coil is on.
    """

    def __init__(self, count: BootCount, coils: "CoilPort") -> None:
        self._count = count
        self._coils = coils
        self._todo = [(_HEALTHY_MS // _PERIOD_MS, count.forgive)]
        if count.late:
            self._todo.append((_CALM_MS // _PERIOD_MS, count.calm))
        self._seconds = 0

    def step(self, now: int) -> int:
        """One second more."""
        if self._todo:
            self._seconds += 1
            at, do = self._todo[0]
            if self._seconds > at and not self._coils.busy():
                do()
                self._todo.pop(0)
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """Nothing is held between steps."""


def run(
    make_hal: "Callable[[dict[str, Any]], Hal]",
    sleep_ms: "Callable[[int], None]",
    kbd_intr: "Callable[[int], None]",
    damaged: "list[str]",
) -> None:
    """Run the station in the current folder. Returns when the console shall open: there is no
    usable board.json, the service jumper is set, or the board cannot even be set up.

    damaged: files of code, which cannot be imported. The station then stays locked with the
    console open, for a deployment; what fails without them only opens it sooner.
    """
    count = BootCount("boots")
    hal = None
    _collect_seldom()
    try:
        board = _board()
        if board is None:
            return
        hal = make_hal(board)
        _collect_seldom()
        reactor = _reactor(hal, board, count, kbd_intr, damaged)
        del board  # this function never ends
        _collect_every(_NO_LIMIT)
        while True:
            sleep_ms(reactor.round())
    except Exception as error:  # noqa: BLE001 - whatever it is, the station must not just stand there
        sys.print_exception(error)
    if damaged:
        return  # it would fail again
    if hal is None:
        _without_hal(count)
    elif not hal.system.service_jumper:
        hal.system.restart()


def _reactor(
    hal: "Hal",
    board: "dict[str, Any]",
    count: BootCount,
    kbd_intr: "Callable[[int], None]",
    damaged: "list[str]",
) -> "Reactor":
    """What this boot runs."""
    if damaged:
        return _locked_by_damage(hal, board, damaged)
    if hal.system.service_jumper:
        print("service jumper: no watchdog, console open")
        return _station(hal, board)
    if count.failed >= _FAILED_MAX and hal.system.reset_cause() != "power":
        return _safe_mode(hal, board)
    kbd_intr(_CONSOLE_CLOSED)
    count.add(hal.system.reset_cause())
    reactor = _station(hal, board)
    reactor.add("boot", HealthTask(count, hal.coils))
    return reactor


def drop(*names: str) -> None:
    """Let modules go that are not needed for now: heap is short. names: with their package, but
    without ``locker``. The build makes one module of some; all of these are dropped together (it
    checks that, and writes the names of what it makes in here).
    """
    for name in names:
        package, _, module = name.rpartition(".")
        sys.modules.pop(module, None)
        sys.modules.pop(f"locker.{name}", None)
        parent = sys.modules.get(f"locker.{package}")
        if hasattr(parent, module):
            delattr(parent, module)
    gc.collect()


def _collect_seldom() -> None:
    """As seldom as this board's memory allows."""
    free_bytes = gc.mem_free() if hasattr(gc, "mem_free") else 0
    _collect_every(max((free_bytes - _LIVE_BYTES) // 2, _GARBAGE_LEAST_BYTES))


def _collect_every(garbage_bytes: int) -> None:
    """CPython, which runs the tests too, has no such thing."""
    if hasattr(gc, "threshold"):
        gc.threshold(garbage_bytes)


def _without_hal(count: BootCount) -> None:
    """No watchdog has been armed; the outputs are as boot.py left them."""
    count.add()
    if count.failed + 1 < _FAILED_MAX:
        sys.exit()  # a soft reset
    print("safe mode: the board cannot be set up")


def _board() -> "dict[str, Any] | None":
    """board.json, or None after its problems have been printed."""
    from locker.core import board, faults  # only needed here, and 5 KB
    from locker.storage import sealed

    config, problems = sealed.load("board.json", board.check)
    del board, sealed
    drop(
        "storage.sealed",
        "core.board",
        "core.board_rules",
        "core.coil_limits",
        "core.chips",
        "core.analog_rules",
        "core.seal",
    )
    if problems:
        from locker.app.memory import has_traces

        lost = config is None and has_traces(".")
        number = faults.MEMORY_LOST if lost else faults.BOARD_INVALID
        _tell(number, problems)
        from locker.app.refusal import journalled  # without pins there is nothing else to tell

        journalled(".", number, "board.json")
        return None
    return config  # type: ignore[no-any-return]


def _station(hal: "Hal", board: "dict[str, Any]") -> "Reactor":
    """The station's tasks, or those of a station that must stay locked."""
    from locker.app import compose

    if hal.radio_shares_heap:
        _lengthen_names()
    try:
        config = compose.checked_settings("station.json")
        return compose.build(hal, board, config, ".")
    except compose.Refused as refused:
        from locker.app.memory import number_of

        number = number_of(refused.number, hal, board, ".")
        _tell(number, refused.problems)
        return _locked(hal, board, number, refused.problems, refused.name)


def _lengthen_names() -> None:
    """MicroPython keeps names in tables, each twice as long as the one before (py/qstr.c). That of
    320 names is 2.3 KB in one piece and stays for good: it is to come now, before the heap is in
    pieces, or the heap grows for it and keeps the memory of the radio.
    """
    gc.collect()  # none below: it would hide what the table takes
    for number in range(_NAMES_MAX):
        used = gc.mem_alloc()
        hasattr(gc, "_%d" % number)  # whatever is asked for becomes a name
        if gc.mem_alloc() - used > _NAMES_TABLE_BYTES:
            return


def _safe_mode(hal: "Hal", board: "dict[str, Any]") -> "Reactor":
    """Outputs off, lamp and display, console open, no watchdog. Nothing of the application: that
    is what fails.
    """
    from locker.core import faults

    print("safe mode after", _FAILED_MAX, "failed starts: Ctrl-C for the console")
    return _locked(hal, board, faults.SAFE_MODE, [], "", True)


def _locked_by_damage(hal: "Hal", board: "dict[str, Any]", damaged: "list[str]") -> "Reactor":
    """No watchdog: what still runs may fail for want of the rest, and must not start over."""
    from locker.core import faults

    problems = [name + ": not as it was built" for name in damaged]
    _tell(faults.CODE_DAMAGED, problems)
    return _locked(hal, board, faults.CODE_DAMAGED, problems, damaged[0], True)


def _locked(  # noqa: PLR0913 - why, and how
    hal: "Hal",
    board: "dict[str, Any]",
    number: int,
    problems: "list[str]",
    name: str,
    is_open: bool = False,
) -> "Reactor":
    """name: of the file that is refused, '' in safe mode; is_open: the console; no watchdog."""
    from locker.app.locked import LockedTask, ReportLater
    from locker.app.reactor import Reactor

    reactor = Reactor(hal.system.ticks_ms, _print_failure)
    text = "see console" if name else "safe mode"
    reactor.add("locked", LockedTask(hal, board["display"], number, text, is_open))
    reactor.add("report", ReportLater(reactor, hal, number, problems, name))
    return reactor


def _tell(number: int, problems: list[str]) -> None:
    """The problems, one a line, on the console."""
    print("E%d: the station stays locked" % number)
    for problem in problems:
        print(" ", problem)


def _print_failure(slot: "Slot", error: Exception, now: int) -> None:
    """A locked station journals why it is locked, and nothing else."""
    sys.print_exception(error)
    slot.task.recover(now)
