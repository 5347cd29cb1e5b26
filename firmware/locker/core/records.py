"""Byte layouts of what must outlive a power cut: journal records and cells. No I/O here; the host
decodes with the same code.

A journal record is 64 bytes: fields, a chain tag over the record before it, a CRC. A cell is one
small state: header, payload, CRC; of two copies the younger good one counts. littlefs does not
checksum file data, so the CRC is ours.
"""

import struct
from binascii import crc32

from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

RECORD_BYTES = const(64)
SEGMENT_RECORDS = const(64)  # records of one journal file; record q is in file (q - 1) // 64
NOTE_BYTES = const(18)
ALARM_BIT = const(2)
_TRUST = const(7)
_TAG_BYTES = const(16)
_FIELDS = ">IHBBBBBBIHII18s"  # as in Record, up to ``note``
_BODY_BYTES = const(44)
_NO_TAG = b"\x00" * 16

# Kinds. A number once given is never used for something else.
BOOT = const(1)
DEPOSIT_STARTED = const(2)
DEPOSITED = const(3)
DEPOSIT_CANCELLED = const(4)
REFUSED = const(5)
CLAIMED = const(6)
AUTHORISED = const(7)
PULSED = const(8)
DOOR = const(9)
COLLECTED = const(10)
FAULT = const(11)
COMMAND = const(12)
LOST = const(13)
COURIER_ACCEPTED = const(14)
REPEATED = const(15)  # value more records like this one, with this reason and fault
TIME_TOKEN = const(16)  # taken from an operator; value: its bound in s, fault: what came of it
STAFF_ACCEPTED = const(17)  # value: whose code; tenancy: its generation
GRANTED = const(18)  # the same, by the operator
# Door, or value: whose (0: the courier's day codes, codes.RETURNS: a return); tenancy: what ended.
REVOKED = const(19)
RETURN_ACCEPTED = const(20)  # value: the code's number, as with deposits of an actor SENDER
KIND_NAMES = (
    "none", "boot", "deposit_started", "deposited", "deposit_cancelled", "refused", "claimed",
    "authorised", "pulsed", "door", "collected", "fault", "command", "lost", "courier_accepted",
    "repeated", "time_token", "staff_accepted", "granted", "revoked",
    "return_accepted",
)  # fmt: skip

_ROUTINE = (BOOT, REFUSED, COURIER_ACCEPTED, REPEATED, STAFF_ACCEPTED, RETURN_ACCEPTED)

# Bits of a boot record's reason. Its value is a digest of board.json and station.json.
OTHER_FILES = const(1)  # one of the two is not the one of the boot before
NO_RECORD = const(2)  # the boot before has left none: it was too short, or the end is lost

# Actors.
STATION = const(0)
COURIER = const(1)
RECIPIENT = const(2)
OPERATOR = const(3)
STAFF = const(4)
SENDER = const(5)  # gives a parcel back
ACTOR_NAMES = ("station", "courier", "recipient", "operator", "staff", "sender")


class Record:
    """A journal record, decoded. door: 0 for the station; tag: 16 bytes that chain it. trust: of
    the clock in the lowest two bits, above them the sealed alarm (see alarm_of).
    """

    def __init__(self, fields: "tuple[Any, ...]", tag: bytes) -> None:
        self.seq: int = fields[0]
        self.boot: int = fields[1]
        self.kind: int = fields[2]
        self.door: int = fields[3]
        self.actor: int = fields[4]
        self.reason: int = fields[5]
        self.fault: int = fields[6]
        self.trust: int = fields[7]
        self.time_s: int = fields[8]
        self.uncertainty_s: int = fields[9]
        self.tenancy: int = fields[10]
        self.value: int = fields[11]
        self.note: bytes = fields[12]
        self.tag = tag


def pack_record(mac: Mac, previous_tag: bytes, fields: "tuple[Any, ...]") -> bytes:
    """64 bytes from the 13 fields before ``tag`` in Record, with the alarm not sealed yet. The tag
    chains this record to the one before (first: 16 zero bytes).
    """
    sealed = fields[_TRUST] ^ _seal(mac, fields[0], fields[1])
    body = struct.pack(_FIELDS, *fields[:_TRUST], sealed, *fields[_TRUST + 1 :])
    tag = mac.digest(previous_tag + body)[:_TAG_BYTES]
    return body + tag + struct.pack(">I", crc32(body + tag))


def alarm_of(mac: Mac, seq: int, boot: int, sealed: int) -> "bool | None":
    """Was it a code that raises the silent alarm? sealed: trust >> 2 of that record; None when it
    was not sealed with this journal key. Host side.
    """
    plain = sealed ^ _seal(mac, seq, boot) >> ALARM_BIT
    return bool(plain) if plain < 2 else None


def _seal(mac: Mac, seq: int, boot: int) -> int:
    """Six bits that nobody can tell from others without the key, new for every record: who reads
    along, or stands beside the person, sees no difference.
    """
    return mac.digest(struct.pack(">5sHI", b"alarm", boot, seq))[0] & 0xFC


def unpack_record(data: bytes) -> "Record | None":
    """The record in 64 bytes, or None when its CRC does not fit (torn, rotten or foreign)."""
    if len(data) != RECORD_BYTES:
        return None
    if struct.unpack_from(">I", data, RECORD_BYTES - 4)[0] != crc32(data[: RECORD_BYTES - 4]):
        return None
    fields = struct.unpack_from(_FIELDS, data)
    return Record(fields, data[_BODY_BYTES : _BODY_BYTES + _TAG_BYTES])


def chain_holds(mac: Mac, previous_tag: bytes, data: bytes) -> bool:
    """True when the 64 bytes carry the right tag after previous_tag."""
    tag = mac.digest(previous_tag + data[:_BODY_BYTES])[:_TAG_BYTES]
    return tag == data[_BODY_BYTES : _BODY_BYTES + _TAG_BYTES]


def first_tag() -> bytes:
    """What the first record of a journal is chained to."""
    return _NO_TAG


def is_routine(kind: int, door: int) -> bool:
    """True for what gives way first in a full journal: nothing that moved a door or a parcel."""
    return kind in _ROUTINE or (kind == FAULT and not door)


def copy_of(age: int) -> str:
    """Which of the two copies of a cell, 'a' or 'b', is written at this age."""
    return "ab"[age & 1]


CELL_MAGIC = b"L3"
_CELL_HEAD = ">2sBBIII"  # magic, kind, schema, age, owner, seq
CELL_HEAD_BYTES = const(16)
_CRC_BYTES = const(4)


def pack_cell(  # noqa: PLR0913 - the fields of its head
    kind: int, schema: int, age: int, owner: int, payload: bytes, seq: int = 0
) -> bytes:
    """One copy of a cell. kind: what it is; schema: layout of the payload; age: grows with every
    write; owner: whose it is (keys.Keys.owner); seq: last journal record on flash by then.
    """
    body = struct.pack(_CELL_HEAD, CELL_MAGIC, kind, schema, age, owner, seq) + payload
    return body + struct.pack(">I", crc32(body))


def unpack_cell(kind: int, data: bytes) -> "tuple[int, int, int, bytes, int] | None":
    """(schema, age, owner, payload, seq) of a copy, or None when it is torn, rotten or of another
    kind.
    """
    if not is_whole(data, CELL_HEAD_BYTES):
        return None
    magic, found, schema, age, owner, seq = struct.unpack_from(_CELL_HEAD, data)
    if magic != CELL_MAGIC or found != kind:
        return None
    return schema, age, owner, data[CELL_HEAD_BYTES:-_CRC_BYTES], seq


def is_whole(data: bytes, head_bytes: int) -> bool:
    """True when data has such a head and ends with the CRC of what is before it."""
    if len(data) < head_bytes + _CRC_BYTES:
        return False
    return data[-_CRC_BYTES:] == struct.pack(">I", crc32(data[:-_CRC_BYTES]))
