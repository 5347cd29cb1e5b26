# mypy: ignore-errors
"""Stories of people at the cabinet. Each is a generator of a Run and yields how many ms pass."""

import binascii
import json
import os

import ledger
from board import LOOKS, PUTS, TAKES
from power import LEAP_MS, QUICK_MS, STRIDE_MS

from locker.core import clock, codes, damm, keys, messages, tickets
from locker.core.mac import Mac
from locker.core.wire import Command

_TAP_MS = 20
_SETTLE_MS = 300  # longer than the debounce of either contact
_RESULT = (
    messages.SIZE, messages.OPENING, messages.PULL, messages.REFUSED, messages.REFUSED_DOOR,
    messages.WAIT, messages.ALL_FULL,
)  # fmt: skip
_AFTER_BOOT_MS = 1_400  # until the doors are known and the desk has made its rounds


def settles(run):
    """Nobody is there."""
    run.step_ms = STRIDE_MS
    yield _AFTER_BOOT_MS
    run.step_ms = QUICK_MS


def taps(run, keys):
    """One key after the other."""
    for key in keys:
        run.talk.key(key, run.parts.now)
        yield _TAP_MS


def tries(run, digits):
    """Types an entry and reads the answer."""
    yield from taps(run, digits + "#")
    yield from run.wait_for(*_RESULT)


def leaves(run):
    """Until the notice is gone, or the person is."""
    yield from rests(run, 9)
    yield from taps(run, "*")


def code_of(run, door, ahead=0):
    """The entry that opens a door, of its tenancy or a later one."""
    compartment = run.watch.station.vault.compartment(door)
    key = compartment.key
    for _ in range(ahead):
        key = codes.next_key(key)
    return codes.entry(door, codes.recovery_code(Mac(key)), True)


def courier_code(run):
    """Today's."""
    station, desk = run.watch.station, run.watch.desk
    slot = codes.slots(codes.COURIER_CLASS, station.clock.now_s(run.parts.now))[-1]
    return codes.entry(codes.COURIER_SELECTOR, codes.courier_code(desk._station.courier, slot))


def wrong_code(run, door):
    """Well-formed, and a digit beside the right one."""
    digits = code_of(run, door)
    body = digits[:2] + f"{(int(digits[2:-1]) + 1) % 10**12:012d}"
    return body + str(damm.check_digit(body))


def collects(run, door, ahead=0):
    """A recipient who does everything right, if the code is taken."""
    digits = code_of(run, door, ahead)
    run.cabinet.errand = (door, TAKES)
    yield from tries(run, digits)
    yield from takes(run, door)
    run.cabinet.errand = (0, TAKES)
    run.cabinet.old_codes[door] = digits


def takes(run, door):
    """If the door was promised: pull, take, push."""
    if run.talk.screen[0] not in (messages.OPENING, messages.PULL):
        return
    yield from run.wait_for(messages.PULL)
    run.cabinet.pull(door)
    yield _SETTLE_MS
    run.cabinet.inside.discard(door)
    yield _SETTLE_MS
    run.cabinet.push(door)
    yield from run.wait_for(messages.THANKS)
    yield _SETTLE_MS


def hesitates(run, door):
    """Does not pull in time, and asks for the door once more."""
    run.cabinet.errand = (door, TAKES)
    yield from tries(run, code_of(run, door))
    if run.talk.screen[0] != messages.OPENING:
        return
    yield from run.wait_for(messages.PULL)
    run.cabinet.push(door)  # leans against it: the bolt is home again
    yield from run.wait_for(messages.AGAIN)
    yield from taps(run, "#")
    yield from run.wait_for(messages.OPENING)
    yield from takes(run, door)
    run.cabinet.errand = (0, TAKES)


def guesses(run, door):
    """A wrong code, and patience."""
    yield from tries(run, wrong_code(run, door))
    yield from rests(run, 40)


def return_code(run, serial):
    """A customer's, of now; serial: 0..99."""
    station = run.watch.station
    root = keys.unpack_keys(station.vault.cells.load(keys.CELL)).courier
    slot = codes.slots(codes.RETURN_CLASS, station.clock.now_s(run.parts.now))[-1]
    code = codes.return_code(Mac(root), slot * tickets.SERIALS + serial)
    body = f"{codes.RETURN}{serial:02d}{code:08d}"
    return body + str(damm.check_digit(body))


def deposits(run, size, answer="1", digits=""):
    """A courier, or whoever has a return code; answer: '1' it is in, '2' wrong size, '3'
    cancelled.
    """
    yield from tries(run, digits or courier_code(run))
    if run.talk.screen[0] != messages.SIZE:
        return
    yield from taps(run, size)
    yield from run.wait_for(messages.OPENING, messages.FULL)
    if run.talk.screen[0] == messages.FULL:
        yield from taps(run, "*")
        return
    door = run.talk.door
    run.cabinet.errand = (door, PUTS if answer == "1" else LOOKS)
    yield from run.wait_for(messages.PULL)
    run.cabinet.pull(door)
    yield _SETTLE_MS
    if answer == "1":
        run.cabinet.inside.add(door)
    run.cabinet.push(door)
    yield from run.wait_for(messages.CONFIRM)
    run.cabinet.errand = (0, LOOKS)
    yield from taps(run, answer + "#")
    if answer != "1":
        yield from run.wait_for(messages.EMPTY)
        yield from taps(run, f"{door:02d}#")
    yield from run.wait_for(
        messages.RECEIPT, messages.RETURNED, messages.NO_CHANGE, messages.CODE_STAYS, messages.SIZE
    )
    yield from taps(run, "#*")


def orders(run, op, door):
    """The operator's command."""
    station = run.watch.station
    number = station.vault.counters.command + 1
    expires = station.clock.now_s(run.parts.now) + 3600 + clock.EPOCH
    run.watch.orders[number] = (door, op == "block")
    run.watch.desk.command(Command(number, op, door, expires, "tester"))
    yield _SETTLE_MS


def hears(run):
    """The host has taken everything."""
    journal = run.watch.station.book.journal
    journal.acknowledge(journal.last - journal.waiting)
    yield 1_100


def rests(run, seconds):
    """Long enough for a boot to be forgiven and a guess to be forgotten."""
    run.step_ms = LEAP_MS
    yield seconds * 1000
    run.step_ms = QUICK_MS


def code_crc(files):
    """As lockerctl.build makes it."""
    listed = b""
    for name in sorted(files):
        if name[-3:] == ".py":
            listed += b"%08x %s\n" % (binascii.crc32(files[name]), name.encode())
    return listed + b"%08x" % binascii.crc32(listed)


def stages(run, files):
    """The host brings a new version of these files, as lockerctl deploy does, and lets the board
    start again.
    """
    if "next" not in os.listdir():
        os.mkdir("next")
    manifest = {}
    for name, data in files.items():
        with open("next/" + name.replace("/", "!"), "wb") as file:
            file.write(data)
        manifest[name] = len(data)
        yield _TAP_MS
    with open("next/manifest.new", "w") as file:
        file.write(json.dumps(manifest))
    yield _TAP_MS
    run.events.append((ledger.STAGING, files, {name: content(name) for name in files}))
    os.rename("next/manifest.new", "next/manifest.json")
    run.events.append((ledger.STAGED, files))


def content(name):
    """A file's bytes, None when there is none."""
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError:
        return None
