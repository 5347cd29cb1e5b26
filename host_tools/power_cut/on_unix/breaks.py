# mypy: ignore-errors
"""The station made wrong on purpose, from outside: the checks must see each of these."""

import os

import swap
from locker.app import desk, shred_task, vault
from locker.core import compartments, records
from locker.storage import cells

_LATE_MS = 300


def apply(name):
    """Break what the name says; '' breaks nothing. KeyError for an unknown name."""
    if name:
        BREAKS[name]()


def late_claim():
    """A claim is written after its pulse."""
    save = vault.Vault.save_door

    def is_fresh(compartment):
        return compartment.claim and compartment.releases and not compartment.opened

    _put_off("save_door", save, is_fresh)


def late_lockout():
    """The failure counts are written after the result is shown."""
    _put_off("save_lockout", vault.Vault.save_lockout, lambda: True)


def _put_off(name, save, applies):
    waiting = []
    step = desk.Desk.step

    def late(self, *args):
        if applies(*args[:1]):
            waiting.append((self, args))
        else:
            save(self, *args)

    def stepping(self, now):
        if waiting and len(waiting[0]) == 2:
            waiting[0] += (now + _LATE_MS,)
        elif waiting and now >= waiting[0][2] and not self._station.solenoid.busy():
            owner, args, _ = waiting.pop(0)
            if owner is self._station.vault:
                save(owner, *args)
        return step(self, now)

    setattr(vault.Vault, name, late)
    desk.Desk.step = stepping


def unkept_boot():
    """Counters stay in memory."""
    vault.Vault.save_counters = lambda self: None


def one_copy():
    """A cell is removed before it is written."""
    save = cells.Cells.save

    def removing(self, cell, payload, purge=False):
        for copy in "ab":
            path = self._path(cell[0], copy)
            if path.rsplit("/", 1)[1] in os.listdir(self._folder):
                os.remove(path)
        save(self, cell, payload, purge)

    cells.Cells.save = removing


def two_steps():
    """A cell is overwritten in two writes, and no CRC is looked at."""

    def saving(self, cell, payload, purge=False):
        for copy in "ab":
            data = records.pack_cell(cell[1], cell[2], 1, self.owner or 0, payload)
            with open(self._path(cell[0], copy), "r+b") as file:
                for part in (data[:20], data[20:]):
                    file.write(part)
                    file.flush()

    cells.Cells.save = saving
    no_crc()


def no_crc():
    """Neither cells nor records are checked."""
    cell, record = records.unpack_cell, records.unpack_record

    def with_crc(data):
        return data[:-4] + records.struct.pack(">I", records.crc32(data[:-4]))

    records.unpack_cell = lambda kind, data: cell(kind, with_crc(data))
    records.unpack_record = lambda data: record(with_crc(data))


def no_anchors():
    """Neither of the two folders hears where the other one stands."""
    vault.Vault.save_anchors = lambda self: None


def unchecked_code():
    """A start runs whatever lies there."""
    swap.altered = lambda folder: []


def unseen_file():
    """A deployment trusts the first look into its folder."""
    remove = swap._remove
    swap._remove = lambda path: None if path[-5:] == "/none" else remove(path)


def blind_start():
    """A door that was shut at both ends of the dark is taken for one that nobody opened."""
    compartments.Compartment.after_dark = lambda self: None


def keeps_old_keys():
    """Neither the other copy nor the raw flash is rid of a collected parcel's key."""
    save = vault.Vault.save_door
    vault.Vault.save_door = lambda self, compartment, purge=False: save(self, compartment)
    shred_task.ShredTask.step = lambda self, now: 1000


BREAKS = {
    work.__name__: work
    for work in (
        late_claim, late_lockout, unkept_boot, one_copy, two_steps, no_crc, no_anchors,
        unchecked_code, unseen_file, blind_start, keeps_old_keys,
    )
}  # fmt: skip
