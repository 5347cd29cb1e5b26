# mypy: ignore-errors
"""A stretch of a station's life without a power cut, put down operation by operation."""

import json
import os
import random

import people
import rot
import vfs
from board import LOOKS, Cabinet
from flash import PAGE, SECTOR, SECTORS, Flash
from ledger import Ledger
from power import CODE, CODE_CRC, Run, Surprise

from locker.core import compartments, seal

_STORIES = 4  # between two starts
_LIES_S = 35  # longer than from anchor to anchor, see vault
_FILL = (5, 118)  # records that a journal begins with: the second fills a ring of two segments


class Life:
    """image, cabinet, ledger: as it began; events: everything since; end: the flash after it;
    told: what the host has heard by then, as rot.heard().
    """

    def __init__(self, image, cabinet, ledger):
        self.image = image
        self.cabinet = cabinet
        self.ledger = ledger
        self.events = []
        self.end = image
        self.told = None


def new_flash(folder):
    """A file system that holds what lies in a folder of the host, as bytes."""
    data = bytearray(b"\xff" * (SECTORS * SECTOR))
    flash = Flash(data, lambda: "")
    vfs.VfsLfs2.mkfs(flash, progsize=PAGE)
    vfs.mount(vfs.VfsLfs2(flash, progsize=PAGE), "/flash")
    _copy(folder, "/flash")
    with open("/flash/" + CODE_CRC, "wb") as file:
        file.write(people.code_crc({}))
    vfs.umount("/flash")
    return data


def _copy(source, target):
    for name, kind, *_ in os.ilistdir(source):
        if kind == 0x4000:
            os.mkdir(target + "/" + name)
            _copy(source + "/" + name, target + "/" + name)
            continue
        with open(source + "/" + name, "rb") as old, open(target + "/" + name, "wb") as new:
            new.write(old.read())


def live(watch, pristine, cabinet, seed):
    """A life of five starts with stories between them. Raises Surprise when the station does not
    do what it must even without a cut.
    """
    random.seed(seed)
    data = bytearray(pristine)
    ledger = Ledger()
    for event in _session(watch, data, cabinet, _fills(random.choice(_FILL))):
        ledger.take(event)
    life = Life(bytes(data), cabinet.copy(), ledger)
    for version in (1, 2):
        life.events += _session(watch, data, cabinet, _busy)
        life.events += _session(watch, data, cabinet, _staging(version))
    life.events += _session(watch, data, cabinet, _ending(life, random.randrange(2)))
    life.end = bytes(data)
    return life


def _ending(life, is_busy):
    """Just started, or with people in between; then it lies a while before a bit can rot."""

    def story(run):
        yield from (_busy if is_busy else people.settles)(run)
        yield from people.rests(run, _LIES_S)
        life.told = rot.heard(run)

    return story


def _session(watch, data, cabinet, story):
    run = Run(watch, data, cabinet)
    try:
        run.play(story)
    finally:
        run.close()
    if run.problem:
        raise Surprise(run.problem)
    return run.events


def _fills(count):
    def story(run):
        yield from people.settles(run)
        book = run.watch.station.book
        for _ in range(count):
            book.note(0, run.parts.now)
            if book.journal.waiting > 20:
                book.commit()
        book.commit()

    return story


def _staging(version):
    """A new version of what stands for the code, and of the settings."""

    def story(run):
        yield from people.settles(run)
        with open("station.json") as file:
            config = json.load(file)
        config["heartbeat_s"] = 60 + version
        text = b"version %d " % version * 60  # too long to lie in the folder's own block
        files = {"station.json": _sealed(config)}
        for name in CODE:
            files[name] = text + name.encode()
        files[CODE_CRC] = people.code_crc(files)
        yield from people.stages(run, files)

    return story


def _sealed(config):
    config.pop("crc")
    body = json.dumps(config)[:-1].encode()
    return body + seal.tail(body)


def _busy(run):
    yield from people.settles(run)
    for _ in range(_STORIES):
        yield from random.choice(_KINDS)(run)


def _full(run):
    """A door with a parcel, 0 when there is none."""
    vault = run.watch.station.vault
    full = [c.door for c in vault.compartments if c.occupancy == compartments.OCCUPIED]
    return random.choice(full) if full else 0


def _deposit(run):
    yield from people.deposits(run, random.choice("1123"))
    yield from people.leaves(run)


def _gives_back(run):
    """Two customers have one serial now and then: the second is refused."""
    digits = people.return_code(run, random.randrange(6))
    yield from people.deposits(run, random.choice("112"), random.choice("1123"), digits)
    yield from people.leaves(run)


def _changes_mind(run):
    yield from people.deposits(run, "1", random.choice("23"))
    yield from people.leaves(run)


def _pickup(run):
    door = _full(run)
    if door:
        yield from people.collects(run, door, random.choice((0, 0, 1)))
        yield from people.leaves(run)


def _hesitates(run):
    door = _full(run)
    if door:
        yield from people.hesitates(run, door)
        yield from people.leaves(run)


def _guesses(run):
    door = random.randrange(1, len(run.watch.station.vault.compartments) + 1)
    for _ in range(random.randrange(1, 6)):
        yield from people.guesses(run, door)


def _operator(run):
    door = random.randrange(1, len(run.watch.station.vault.compartments) + 1)
    yield from people.orders(run, "block", door)
    yield from people.hears(run)
    yield from people.orders(run, "unblock", door)


def _nobody(run):
    yield from people.rests(run, random.choice((5, 70)))


_KINDS = (
    _deposit, _deposit, _pickup, _pickup, _pickup, _hesitates, _changes_mind, _gives_back,
    _gives_back, _guesses, _operator, _nobody,
)  # fmt: skip


def again(run):
    """What people do when the light is back: the same code, an old code, a parcel."""
    yield from people.settles(run)
    kind = random.randrange(4)
    claimed = [c.door for c in run.watch.station.vault.compartments if c.claim]
    if kind == 0 and claimed:
        yield from people.collects(run, claimed[0])
    elif kind == 1:
        yield from people.deposits(run, "1")
    elif kind == 2:
        for digits in list(run.cabinet.old_codes.values()):
            yield from people.tries(run, digits)
            yield from people.leaves(run)
    else:
        yield from people.guesses(run, random.randrange(1, 4))


def in_the_dark(cabinet):
    """The power is off, and whoever stands at a door goes on or goes away."""
    if random.randrange(2) and cabinet.do_errand() and random.randrange(2):
        cabinet.push(cabinet.errand[0])
    cabinet.errand = (0, LOOKS)


def new_cabinet(doors, full):
    """doors: how many; full: those with a parcel."""
    cabinet = Cabinet(doors)
    cabinet.inside = set(full)
    return cabinet
