# mypy: ignore-errors
"""Bits that flip while nobody looks: what the next start makes of each."""

import random

import checks
import people
from flash import PAGE
from ledger import LOADED, NOTED
from power import CODE, CODE_CRC, Run

from locker.core import records

REFUSED, NAMED, HARMLESS, SILENT = "refused", "named", "harmless", "silently_used"
_EMPTY = b"\xff" * PAGE
_WITNESSES = ("ages",)  # says of the others when they fell back; alone it changes nothing
_TOLD = (records.FAULT, records.LOST, records.BOOT, records.DEPOSITED)


class View:
    """What a station works with: cells by name, doors, settings, code, journal (seq -> tag, None
    when it cannot be read); what it noted of itself at this start or has in its heartbeat; what it
    told the host.
    """

    def __init__(self, run):
        self.cells, self.faults = {}, []
        for event in run.events:
            if event[0] == LOADED:
                self.cells.setdefault(event[1], event[2])
            elif event[0] == NOTED:
                record = records.unpack_record(event[2])
                if record.kind in _TOLD:
                    self.faults.append((record.kind, record.fault, record.reason))
        self.faults += [(records.FAULT, fault, 0) for fault in run.watch.station.health.faults]
        self.doors = [_but_wear(one) for one in run.watch.station.vault.compartments]
        self.settings = run.watch.settings
        self.code = [people.content(name) for name in CODE + (CODE_CRC,)]
        journal = run.watch.station.book.journal
        self.first = journal.first
        self.tags = []
        for seq in range(journal.first, journal.last - journal.waiting + 1):
            record = journal.read(seq)
            self.tags.append(record.tag if record else None)
        self.told = heard(run)

    def differs(self, truth):
        """What this station believes and is not so, '' when there is nothing."""
        for name, payload in self.cells.items():
            if name in _WITNESSES or name[:4] == "door":
                continue
            if payload != truth.cells[name]:
                return f"cell {name} is an older one or another"
        if self.doors != truth.doors:
            return "a door's cell is an older one or another"
        if self.settings != truth.settings:
            return "the settings are others"
        if self.code != truth.code:
            return "code is another"
        own = truth.first + len(truth.tags) - 1  # from here on records are this start's
        for seq, tag in zip(range(self.first, own), self.tags):
            if tag not in (None, truth.tags[seq - truth.first]):
                return f"record {seq} is another"
        if self.first + len(self.tags) < truth.first + len(truth.tags):
            return "the journal's end is gone"
        return ""


def _but_wear(compartment):
    """A door's record, as the start has left it. Of doors that fit the least worn one opens: a
    count that is behind does no harm.
    """
    wear, compartment.wear = compartment.wear, 0
    packed = compartment.pack()
    compartment.wear = wear
    return packed


def heard(run):
    """What the host has heard of a station: [boot, seq, tag] of the journal's head, and the
    records, all as hexadecimal digits.
    """
    station = run.watch.station
    seq, tag = station.book.journal.head
    return [station.boot, seq, tag.hex()], checks.journal_files()[1].hex()


def start(watch, data, cabinet):
    """(run, view or None) of a start on this flash."""
    run = Run(watch, data, cabinet.copy())
    run.play(people.settles)
    view = None if run.problem else View(run)
    run.close()
    return run, view


def flip(watch, data, cabinet, truth):
    """Flip one bit where something is written, start, put everything back: (what became of it,
    in words, what the host hears of it: head and records). data: bytearray.
    """
    before = bytes(data)
    at = _anywhere(data)
    data[at] ^= 1 << random.randrange(8)
    run, view = start(watch, data, cabinet)
    data[:] = before
    if view is None:
        return REFUSED, run.problem, None
    text = view.differs(truth)
    if view.faults != truth.faults:
        return NAMED, text, None
    if not text:
        return HARMLESS, "", None
    return SILENT, f"{text}, flash byte {at:#x}", view.told


def _anywhere(data):
    """The address of a byte in a page that is not empty."""
    while True:
        page = random.randrange(len(data) // PAGE) * PAGE
        if data[page : page + PAGE] != _EMPTY:
            return page + random.randrange(PAGE)
