"""Builds a station from its files and a board, or finds out why it must stay locked."""

import os
from binascii import crc32

from locker.app.book import Book
from locker.app.boot_guard import BootCount, drop
from locker.app.desk import Desk
from locker.app.door_task import DoorTask
from locker.app.housekeeping_task import HousekeepingTask
from locker.app.panel_task import PanelTask
from locker.app.reactor import Reactor
from locker.app.station import Station
from locker.app.supervisor import Supervisor
from locker.app.time_task import TimeTask
from locker.core import codes, discipline, faults, records
from locker.core.bank import Bank
from locker.core.clock import CELL as CLOCK_CELL
from locker.core.clock import Clock
from locker.core.door import Timers
from locker.core.mac import Mac
from locker.core.messages import LANGUAGES
from locker.drivers.display import Display
from locker.drivers.ds3231 import DS3231
from locker.drivers.keypad import Keypad
from locker.drivers.signals import Signals
from locker.drivers.solenoid import Solenoid
from locker.storage.cells import Cells
from locker.storage.journal import Journal
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.app.opening import Opening
    from locker.app.time_task import Rtc
    from locker.app.vault import Vault
    from locker.core.discipline import Oscillator
    from locker.ports import Every, Hal

_BUILT_S = const(215_000_000)  # 2026-10-24: the station never believes a time before its firmware
_GRACE_H = const(24)
_SETTLE_MS = const(80)
_SCAN_MS = const(10)
_LATE_MAX = const(3)
_WHY = {
    faults.STATE_LOST: "missing or damaged",
    faults.STATE_NEWER: "written by a newer firmware, left as it is",
    faults.STATE_FOREIGN: "of another station",
    faults.MEMORY_LOST: "gone",
}


class Refused(Exception):
    """The station must stay locked. number: fault; problems: lines for the console; name: the
    file or cell.
    """

    def __init__(self, number: int, problems: list[str], name: str = "station.json") -> None:
        super().__init__(problems)
        self.number = number
        self.problems = problems
        self.name = name


def checked_settings(path: str) -> "dict[str, Any]":
    """station.json. Raises Refused with every problem found: MEMORY_LOST when it is missing
    and other parts of a memory are there, else SETTINGS_INVALID.
    """
    from locker.app.stored import stored_settings

    config, problems = stored_settings(path)
    drop("app.stored", "storage.sealed", "core.settings", "core.seal")
    if problems:
        from locker.app.memory import has_traces

        lost = config is None and has_traces(path.rpartition("/")[0] or ".")
        raise Refused(faults.MEMORY_LOST if lost else faults.SETTINGS_INVALID, problems)
    return config  # type: ignore[no-any-return]


def build(hal: "Hal", board: "dict[str, Any]", config: "dict[str, Any]", folder: str) -> Reactor:
    """A reactor with every task of the station, on the files in ``folder``. Raises Refused."""
    try:
        return _build(hal, board, config, folder)
    except OSError as error:
        raise Refused(faults.STORAGE_UNWRITABLE, [f"flash: {error}"], "flash") from error


def _build(hal: "Hal", board: "dict[str, Any]", config: "dict[str, Any]", folder: str) -> Reactor:
    now = hal.system.ticks_ms()
    station, command_key, courier_key = _open_station(hal, board, config, folder)
    _drop_what_opened()
    late = BootCount(folder + "/boots").late
    station.note_health(faults.TASK_FAILED_OFTEN, late >= _LATE_MAX, now)
    desk = Desk(station, courier_key, tuple(config["classes"]))
    door_task = DoorTask(station, desk, board["coils"]["pulse_ms"])
    reactor = Reactor(hal.system.ticks_ms, Supervisor(station).failed)
    reactor.add("doors", door_task)
    panel = _make_panel(station, board["display"], folder, now)
    reactor.add("panel", panel)
    reactor.add("desk", desk)
    from locker.app.online import OnlineTask  # it lets this module go

    reactor.add("report", OnlineTask(station, desk, panel, command_key, config, reactor))
    reactor.add("time", station.timekeeper)
    reactor.add("housekeeping", HousekeepingTask(station, folder))
    _add_options(station, board, door_task, reactor)
    if "sntp" in config:
        from locker.app.sntp_task import SntpTask

        reactor.add("sntp", SntpTask(station, config["sntp"]))
    return reactor


def _open_station(
    hal: "Hal", board: "dict[str, Any]", config: "dict[str, Any]", folder: str
) -> "tuple[Station, bytes, bytes]":
    """With the keys of the commands and of the day codes. Apart, so that nothing holds what only
    the opening needs: 15 KB.
    """
    now = hal.system.ticks_ms()
    opening = _open_vault(hal, board, config["station"], folder)
    command_key = opening.keys.command
    rtc, oscillator = _make_rtc(hal, board["rtc"])
    clock = _open_clock(opening, rtc, oscillator, now)
    digest = crc32((board.get("crc", "") + config.get("crc", "")).encode())
    book = _open_book(folder, opening, clock, hal, digest)
    station = _make_station(hal, board, config, opening.vault, book, clock)
    for fault, name, _ in opening.found:
        station.damaged.append(name)
        station.show_health(fault, True)
    station.timekeeper = TimeTask(station, rtc, _time_key(command_key))
    return station, command_key, opening.courier_key


def _make_station(  # noqa: PLR0913 - the parts that are there already
    hal: "Hal",
    board: "dict[str, Any]",
    config: "dict[str, Any]",
    vault: "Vault",
    book: Book,
    clock: Clock,
) -> Station:
    now, coils = hal.system.ticks_ms(), board["coils"]
    doors = len(board["doors"])
    solenoid = Solenoid(hal.coils, doors, coils["duty_percent"], coils["gap_ms"], now)
    bank = _make_bank(board, vault, now, config.get("timers"))
    station = Station(config["station"], hal, bank, solenoid, vault, book, clock)
    lasts_s = max(codes.CLASSES[name] for name in config["classes"])
    station.overdue_s = lasts_s + config.get("grace_h", _GRACE_H) * 3600
    talk = station.session
    talk.home = talk.language = LANGUAGES.index(config.get("language", "en"))
    talk.support = config.get("support", "")
    return station


def _add_options(
    station: Station, board: "dict[str, Any]", door_task: DoorTask, reactor: Reactor
) -> None:
    """What only some boards are wired for, and what such a board's hal has."""
    hal: Any = station.hal
    if any("reed2" in door for door in board["doors"]):
        door_task.watch_twins(hal.contacts.reeds2)
    if "feedback" in board["coils"]:
        from locker.core.feedback import Feedback

        door_task.watch_current(hal.coil_current, Feedback())
    if "supply" in board:
        from locker.app.supply_task import SupplyTask

        supply = SupplyTask(station, hal.analog, board["supply"])
        door_task.watch_supply(supply)
        reactor.add("supply", supply)
    if "supervised" in board:
        from locker.app.inputs_task import InputsTask

        reactor.add("inputs", InputsTask(station, hal.analog, board["supervised"]))
    flash = getattr(hal, "flash", None)
    if flash is not None:
        from locker.app.shred_task import ShredTask

        reactor.add("shred", ShredTask(station, flash))


def _open_vault(hal: "Hal", board: "dict[str, Any]", name: str, folder: str) -> "Opening":
    from locker.app.opening import Opening, StateLost

    cells = Cells(folder + "/cells", Cells(folder + "/journal"))
    opening = Opening(cells, [door["size"] for door in board["doors"]])
    try:
        opening.run(name)
    except StateLost as lost:
        problem = f"cell {lost.name}: {_WHY[lost.number]}"
        raise Refused(lost.number, [problem], lost.name) from lost
    if opening.keys.are_demo() and not hal.accepts_demo_keys:
        raise Refused(
            faults.DEMO_KEYS,
            ["these keys are for demonstrations: provision the board with its own"],
            "keys",
        )
    opening.check_marker(hal, board)
    return opening


def _drop_what_opened() -> None:
    """All at once: each drop() costs a collection, up to 20 ms on a Pico W."""
    drop(
        "app.attribution",
        "app.memory",
        "app.opening",
        "app.witness",
        "core.keys",
        "core.marker",
        "core.people",
        "core.tickets",
        "core.time_token",
        "drivers.clock_marker",
        "storage.examine",
        "storage.migrations",
    )


def _make_rtc(hal: "Any", rtc: "dict[str, Any]") -> "tuple[Rtc, Oscillator]":
    if rtc["chip"] == "internal":
        from locker.drivers.internal_rtc import InternalRtc

        return InternalRtc(hal.rtc), discipline.CRYSTAL
    return DS3231(hal.i2c, rtc["address"]), discipline.DS3231


def _open_clock(opening: "Opening", rtc: "Rtc", oscillator: "Oscillator", now: int) -> Clock:
    numbers = opening.vault.counters
    clock = Clock(max(_BUILT_S, numbers.floor_s), now, oscillator)
    opening.open_learnt(CLOCK_CELL, clock.unpack)
    seconds = rtc.read()
    if seconds is not None:
        clock.take(seconds, numbers.clock_set_s, now)
    return clock


def _time_key(command_key: bytes) -> bytes:
    from locker.core import time_token

    return time_token.time_key(command_key)


def _open_book(folder: str, opening: "Opening", clock: Clock, hal: "Hal", digest: int) -> Book:
    """The journal, with what this boot has found already. digest: of its settings."""
    from locker.app import attribution

    now = hal.system.ticks_ms()
    vault = opening.vault
    journal = Journal(folder + "/journal", Mac(opening.keys.journal))
    journal.open(vault.counters.acknowledged, vault.cells.seen)
    vault.counters.boot += 1
    reason = _compared(journal, opening, digest)
    vault.cells.journal = journal
    vault.lockout.restart(now)
    book = Book(journal, clock, vault.counters.boot)
    interrupted = attribution.interrupted_pulses(journal)
    book.note(records.BOOT, now, by=hal.system.reset_cause(), reason=reason, value=digest)
    for door in interrupted:
        book.note(records.FAULT, now, door, fault=faults.RESET_IN_PULSE)
    if journal.damaged or journal.restarted:
        why = faults.STATE_FOREIGN if journal.foreign else faults.JOURNAL_DAMAGED
        opening.found.append((why, "journal", 0))
    for fault, name, door in opening.found:
        print("E%d: %s" % (fault, name))
        value = journal.damaged if name == "journal" else 0
        book.note(records.FAULT, now, door, name, fault=fault, value=value)
    try:
        vault.save_counters()  # first, so that no record is of a boot that the cells do not know
        book.commit()
        _recall_refusal(folder, book, now)
    except OSError as error:  # the desk will find that out too, and release nothing for people
        print("flash cannot be written:", error)
    return book


def _recall_refusal(folder: str, book: Book, now: int) -> None:
    try:
        os.stat(folder + "/refused")
    except OSError:
        return
    from locker.app import refusal

    refusal.recall(folder, book, now)
    del refusal
    drop("app.refusal")


def _compared(journal: Journal, opening: "Opening", digest: int) -> int:
    """The reason of this boot's record. Raises Refused when the cells are older than the
    journal.
    """
    from locker.app.witness import Witness

    witness = Witness(journal, opening.vault)
    if witness.forgotten:
        problem = f"cell {witness.forgotten}: older than the journal"
        raise Refused(faults.STATE_LOST, [problem], witness.forgotten)
    repaired = (faults.STATE_REPAIRED, "counters", 0)
    if witness.is_behind and repaired not in opening.found:
        opening.found.append(repaired)
    return witness.reason(digest)


def _make_bank(
    board: "dict[str, Any]", vault: "Vault", now: int, site: "dict[str, int] | None" = None
) -> Bank:
    coils, contacts = board["coils"], board["contacts"]
    # A release is over when the coil has rested, so that the next pulse is never refused for its
    # duty.
    release_ms = coils["pulse_ms"] * 100 // coils["duty_percent"] + _SETTLE_MS
    bank = Bank(
        [door["lock"] for door in board["doors"]],
        Timers(release_ms, site=site),
        coils["gap_ms"],
        contacts.get("reed_ms", 100),
        contacts.get("latch_ms", 20),
        coils["at_once"],
        sum(1 << i for i, door in enumerate(board["doors"]) if "reed2" in door),
    )
    granted = 0
    for compartment in vault.compartments:
        if compartment.granted:
            granted |= 1 << (compartment.door - 1)
    bank.start(granted, [compartment.fault for compartment in vault.compartments], now)
    return bank


def _make_panel(station: Station, display: "dict[str, Any]", folder: str, began: int) -> PanelTask:
    hal = station.hal
    keypad = Keypad(hal.keys)
    every: Every | None = getattr(hal, "every", None)
    if every:
        every(_SCAN_MS, keypad.scan)
    return PanelTask(
        station,
        keypad,
        Display(hal.i2c, display["address"], display["columns"], display["rows"], began),
        Signals(hal.signals),
        display["rows"],
        folder + "/texts/",
    )
