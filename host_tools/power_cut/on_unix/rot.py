# mypy: ignore-errors
"""Bits that flip while nobody looks: what the next start makes of each."""

import random

import people
from flash import PAGE
from ledger import LOADED, NOTED
from power import Run

from locker.core import records

REFUSED, NAMED, HARMLESS, SILENT = "refused", "named", "harmless", "silently_used"
_EMPTY = b"\xff" * PAGE


class View:
    """What a station works with: cells by name, settings, journal (seq -> tag, None when it cannot
    be read) and the faults that it noted at this start.
    """

    def __init__(self, run):
        self.cells, self.faults = {}, []
        for event in run.events:
            if event[0] == LOADED:
                self.cells.setdefault(event[1], event[2])
            elif event[0] == NOTED:
                record = records.unpack_record(event[2])
                if record.kind in (records.FAULT, records.LOST):
                    self.faults.append((record.kind, record.fault))
        self.settings = run.watch.settings
        journal = run.watch.station.book.journal
        self.first = journal.first
        self.tags = []
        for seq in range(journal.first, journal.last - journal.waiting + 1):
            record = journal.read(seq)
            self.tags.append(record.tag if record else None)

    def differs(self, truth):
        """What this station believes and is not so, '' when there is nothing."""
        for name, payload in self.cells.items():
            if payload != truth.cells[name]:
                return f"cell {name} is an older one or another"
        if self.settings != truth.settings:
            return "the settings are others"
        own = truth.first + len(truth.tags) - 1  # from here on records are this start's
        for seq, tag in zip(range(self.first, own), self.tags):
            if tag not in (None, truth.tags[seq - truth.first]):
                return f"record {seq} is another"
        if self.first + len(self.tags) < truth.first + len(truth.tags):
            return "the journal's end is gone"
        return ""


def start(watch, data, cabinet):
    """(run, view or None) of a start on this flash."""
    run = Run(watch, data, cabinet.copy())
    run.play(people.settles)
    view = None if run.problem else View(run)
    run.close()
    return run, view


def flip(watch, data, cabinet, truth):
    """Flip one bit where something is written, start, put everything back: (what became of it,
    in words). data: bytearray.
    """
    before = bytes(data)
    at = _anywhere(data)
    data[at] ^= 1 << random.randrange(8)
    run, view = start(watch, data, cabinet)
    data[:] = before
    if view is None:
        return REFUSED, run.problem
    text = view.differs(truth)
    if view.faults != truth.faults:
        return NAMED, text
    return (SILENT, f"{text}, flash byte {at:#x}") if text else (HARMLESS, "")


def _anywhere(data):
    """The address of a byte in a page that is not empty."""
    while True:
        page = random.randrange(len(data) // PAGE) * PAGE
        if data[page : page + PAGE] != _EMPTY:
            return page + random.randrange(PAGE)
