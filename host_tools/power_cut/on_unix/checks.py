# mypy: ignore-errors
"""What must hold after a power cut. Each check yields (kind, text) for a promise that was broken.

Kinds: lost (what was shown, or is owed to the host, is gone), replayed (a code or a number is good
twice), mixed (a state that was never written), unbootable.
"""

import os

from ledger import BOOTED, LOADED
from people import content

from locker.core import counters, lockout, records
from locker.core.compartments import FREE, OCCUPIED, Compartment

LOST, REPLAYED, MIXED, UNBOOTABLE = KINDS = "lost", "replayed", "mixed", "unbootable"


def after_boot(ledger, run, segments):
    """All checks of a boot that has settled; ledger: as it was at the cut."""
    if run.problem:
        yield UNBOOTABLE, run.problem
        return
    for event in run.events:
        if event[0] == BOOTED:
            break
        if event[0] == LOADED:
            yield from _cell(ledger, run, *event[1:])
    yield from _journal(ledger, run, segments)
    yield from _files(ledger)
    for compartment in run.watch.station.vault.compartments:
        yield from _settled(ledger, run, compartment)


def _cell(ledger, run, name, payload):
    if name in ledger.writing and payload == ledger.writing[name]:
        return
    if payload != ledger.cells.get(name, payload):
        fell = payload == ledger.before.get(name)
        yield (LOST if fell else MIXED), f"cell {name} {'fell back' if fell else 'is a mixture'}"
    elif name == "counters":
        yield from _counters(ledger, payload)
    elif name == "lockout":
        yield from _lockout(ledger, run, payload)
    elif name[:4] == "door":
        yield from _grant(ledger, int(name[4:]), payload)


def _counters(ledger, payload):
    found = counters.Counters()
    found.unpack(payload)
    if found.boot < ledger.boot:
        yield REPLAYED, f"boot {ledger.boot} will be counted twice"
    if found.command < ledger.command:
        yield REPLAYED, f"command {ledger.command} is good twice"


def _lockout(ledger, run, payload):
    found = lockout.Lockout(len(run.watch.station.vault.compartments))
    found.unpack(payload)
    counts = (found.level,) + tuple(found._mass)
    if any([have < owed for have, owed in zip(counts, ledger.lockout)]):
        yield LOST, f"failure counts fell: {counts} from {ledger.lockout}"


def _grant(ledger, door, payload):
    if door not in ledger.grants:
        return
    tenancy, claim, releases = ledger.grants[door]
    found = Compartment(door, "S", b"")
    found.unpack(payload)
    same = (found.tenancy, found.claim) == (tenancy, claim) and found.releases >= releases
    if found.tenancy <= tenancy and not same:
        text = f"door {door}: pulse {releases} of tenancy {tenancy}, claim {claim} is forgotten"
        yield (REPLAYED if claim else LOST), text


def _journal(ledger, run, segments):
    first, data = journal_files()
    size = records.RECORD_BYTES
    last = first + len(data) // size - 1
    if len(data) % size:
        yield MIXED, "the journal ends in a part of a record"
    if last < max(ledger.durable, ledger.owed):
        what = "an opening" if last < ledger.owed else "records"
        yield LOST, f"{what} gone: journal ends at {last} of {ledger.durable}, {ledger.owed} owed"
    if last - first + 1 < min(last, (segments - 1) * records.SEGMENT_RECORDS + 1):
        yield LOST, f"the journal keeps {first}..{last} only"
    owed = ledger.journal[(first - 1) * size : ledger.durable * size]
    if data[: len(owed)] != owed:
        yield MIXED, "the journal holds other records than were written"
    yield from _chain(run, data, len(owed), first)


def _chain(run, data, known, first):
    """The records behind the first ``known`` bytes, which are as they were written."""
    size = records.RECORD_BYTES
    mac = run.watch.station.book.journal._mac
    before = records.unpack_record(bytes(data[known - size : known])) if known else None
    tag = before.tag if before else records.first_tag()
    for at in range(known, len(data), size):
        record = records.unpack_record(bytes(data[at : at + size]))
        if record is None or record.seq != first + at // size:
            yield MIXED, f"record {first + at // size} is damaged"
            return
        if (at or first == 1) and not records.chain_holds(mac, tag, bytes(data[at : at + size])):
            yield MIXED, f"record {record.seq} does not follow from the one before"
        tag = record.tag


def journal_files():
    """(first seq, bytes) of the journal's files in their order, up to a gap."""
    numbers = sorted([int(name[:-4]) for name in os.listdir("journal") if name[-4:] == ".log"])
    data = bytearray()
    for index, number in enumerate(numbers):
        if number != numbers[0] + index:
            break
        with open("journal/%08d.log" % number, "rb") as file:
            data += file.read()
    return (numbers[0] if numbers else 0) * records.SEGMENT_RECORDS + 1, data


def _files(ledger):
    """Of one version, the old one or (from its commit on) the new one."""
    new = ledger.staged or ledger.staging
    names = set(ledger.files) | set(new)
    found = {name: content(name) for name in names}
    for version in (new, ledger.files if not ledger.staged else {}):
        if version and all([found[name] == version.get(name) for name in names]):
            return
    if names:
        yield MIXED, "the files are of neither version"


def _settled(ledger, run, compartment):
    door = compartment.door
    receipt, taken = ledger.receipts.get(door, 0), ledger.taken.get(door, 0)
    if compartment.tenancy < receipt or (
        compartment.tenancy == receipt and compartment.occupancy < OCCUPIED
    ):
        yield LOST, f"door {door}: the parcel with a receipt of tenancy {receipt} is forgotten"
    if compartment.tenancy <= taken:
        yield REPLAYED, f"door {door}: tenancy {taken} was collected and can be once more"
    if ledger.blocked.get(door, compartment.blocked) != compartment.blocked:
        yield LOST, f"door {door}: a command that was done is undone"
    shut = run.cabinet.locked >> (door - 1) & 1
    if door in run.cabinet.inside and shut and compartment.occupancy == FREE:
        yield LOST, f"door {door}: a parcel is inside and the station takes it for free"
