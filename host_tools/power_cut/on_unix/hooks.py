# mypy: ignore-errors
"""Looks over the shoulder of the station's own code: what it stores, shows and fires becomes
events in one list with the flash operations; and which function was at work.

Nothing of the station is replaced: every wrapper calls what it wraps.
"""

from ledger import BOOTED, DONE, FLUSH, FLUSHED, LOADED, NOTED, PULSE, SAVE, SAVED, SHOWN, SWAPPED

import swap
from locker.app import (
    book,
    boot_guard,
    caretaker,
    compose,
    desk,
    housekeeping_task,
    opening,
    supervisor,
    vault,
)
from locker.core import board as board_rules
from locker.core import messages, session, settings
from locker.storage import cells, journal, sealed

# The functions by whose names a flash operation's code site is told.
_WRITERS = (
    (desk.Desk, "Desk"),
    (caretaker.Caretaker, "Caretaker"),
    (opening.Opening, "Opening"),
    (vault.Vault, "Vault"),
    (book.Book, "Book"),
    (journal.Journal, "Journal"),
    (cells.Cells, "Cells"),
    (boot_guard.BootCount, "BootCount"),
    (supervisor.Supervisor, "Supervisor"),
)
_TOO_COMMON = ("step", "waiting", "read", "note")
_UNSEEN = ("panel", "report")  # no display and no network here
_NAMES = 6  # of a code site, the innermost ones
_SILENT = (messages.IDLE, messages.TYPING)
SEGMENTS = 2  # of the journal, so that its ring turns


class Watch:
    """events: the list of the moment. station, desk, refused (why it does not run):
    of the boot of the moment. orders:
    number -> (door, blocked) of commands given.
    """

    def __init__(self):
        self.events = []
        self.names = []
        self.orders = {}
        self.start([])

    def start(self, events):
        """A boot begins."""
        self.events = events
        self.station = self.desk = None
        self.refused = ""
        self.settings = None
        del self.names[:]

    def site(self):
        """Which function writes, behind the ones that called it."""
        return " > ".join(self.names[-_NAMES:]) or "host"

    def pulsed(self, door):
        """Current in a coil."""
        compartment = self.station.vault.compartment(door)
        grant = (compartment.tenancy, compartment.claim, compartment.releases)
        full = door in self.station.hal.cabinet.inside
        self.events.append((PULSE, door, grant, full))

    def counts(self):
        """The failure counts as the station has them in memory."""
        lockout = self.station.vault.lockout
        return (lockout.level,) + tuple(lockout._mass)

    def answered(self):
        """The desk's answers to commands, as the host hears them."""
        while self.desk.responses:
            number, status, _ = self.desk.responses.pop(0)
            if status == "done":
                self.events.append((DONE, number) + self.orders[number])


class _NoCollection:
    """In the place of gc: this heap is not the board's."""

    def collect(self):
        pass

    def threshold(self, size):
        pass


def _keep(package, *names):
    """In the place of boot_guard.drop: what every start imports anew takes time, and no flash."""


class _Json:
    """In the place of json: the same few files are read at every start."""

    def __init__(self, loads):
        self._loads = loads
        self._known = {}

    def loads(self, data):
        if data not in self._known:
            self._known[data] = self._loads(data)
        return dict(self._known[data])


def _remembered(check):
    """A check of settings that were found good already."""
    good = []

    def checking(config):
        if config in good:
            return []
        problems = check(config)
        if not problems:
            good.append(dict(config))
        return problems

    return checking


def install(watch):
    """Put the wrappers on, once."""
    sealed.json = _Json(sealed.json.loads)
    board_rules.check = _remembered(board_rules.check)
    settings.check = _remembered(settings.check)
    for kind, name in _WRITERS:
        for method in dir(kind):
            work = getattr(kind, method)
            if method not in _TOO_COMMON and type(work) is type(install):
                setattr(kind, method, _named(watch, f"{name}.{method}", work))
    _hook_swap(watch)
    boot_guard.gc = housekeeping_task.gc = _NoCollection()
    boot_guard.drop = compose.drop = _keep
    _hook_cells(watch)
    _hook_journal(watch)
    _hook_screen(watch)
    _hook_build(watch)
    _hook_failures(watch)


def _named(watch, name, work):
    names = watch.names

    def call(*args, **named):
        names.append(name)
        try:
            return work(*args, **named)
        finally:
            names.pop()

    return call


def _hook_swap(watch):
    finish = _named(watch, "swap.finish", swap.finish)

    def finishing(folder):
        swapped = finish(folder)
        if swapped:
            watch.events.append((SWAPPED,))
        return swapped

    swap.finish = finishing


def _hook_cells(watch):
    load, save = cells.Cells.load, cells.Cells.save

    def loading(self, cell):
        payload = load(self, cell)
        watch.events.append((LOADED, cell[0], payload))
        return payload

    def saving(self, cell, payload, purge=False):
        counts = watch.counts() if watch.station and cell[0] == "lockout" else None
        watch.events.append((SAVE, cell[0], payload, counts))
        save(self, cell, payload, purge)
        watch.events.append((SAVED, cell[0], payload))

    cells.Cells.load, cells.Cells.save = loading, saving


def _hook_journal(watch):
    note, flush, ring = journal.Journal.note, journal.Journal.flush, journal.Journal

    def noting(self, fields):
        seq = note(self, fields)
        if seq:
            watch.events.append((NOTED, seq, self._pending[-1]))
        return seq

    def flushing(self):
        watch.events.append((FLUSH,))
        flush(self)
        watch.events.append((FLUSHED, self.last - self.waiting, self.first))

    ring.note, ring.flush = noting, flushing
    compose.Journal = lambda folder, mac, *_: ring(folder, mac, SEGMENTS)


def _hook_screen(watch):
    def show(self, screen):
        self.shown = screen
        if watch.station is None or screen[0] in _SILENT:
            return
        door = screen[1].get("d", 0) or self.door
        compartment = watch.station.vault.compartment(door or 1)
        tenancy = compartment.claim or compartment.tenancy
        watch.events.append((SHOWN, screen[0], door, tenancy, watch.counts()))

    session.Session.screen = property(lambda self: self.shown, show)


def _hook_failures(watch):
    failed = supervisor.Supervisor.failed

    def failing(self, slot, error, now):
        watch.refused = watch.refused or f"task {slot.name}: {error!r}"
        failed(self, slot, error, now)

    supervisor.Supervisor.failed = failing


def _hook_build(watch):
    build, check = compose.build, compose.checked_settings

    def building(hal, board, config, *where):
        reactor = _watched(watch, build, hal, board, config, *where)
        reactor.slots = [slot for slot in reactor.slots if slot.name not in _UNSEEN]
        watch.desk = [slot.task for slot in reactor.slots if slot.name == "desk"][0]
        watch.station = watch.desk._station
        watch.station.session.open()  # as the report task does when the network is in
        watch.settings = (board, config)
        watch.events.append((BOOTED, watch.station.boot, config["crc"]))
        return reactor

    compose.build = building
    compose.checked_settings = lambda *args: _watched(watch, check, *args)


def _watched(watch, work, *args):
    try:
        return work(*args)
    except compose.Refused as refused:
        watch.refused = f"E{refused.number}: {refused.problems[0]}"
        raise
