"""The messages between station and host: topics, payloads, signatures. One module for both sides.

Payloads are JSON objects with short keys (research/host.md). A command is good once: its counter
must be newer than the last one seen, it expires, it is signed with the station's command key, and
it is refused when it comes retained.
"""

import json
import struct
from binascii import hexlify

from locker.core import clock, faults, records
from locker.core.mac import equal
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import TypeGuard

    from locker.core.mac import Mac
    from locker.core.records import Record

VERSION = const(1)
FIRMWARE = "0.1"
PAYLOAD_LIMIT = const(512)
COMMANDS = (
    "clear", "block", "unblock", "release", "lockdown", "lift", "empty", "grant", "revoke",
)  # fmt: skip
# Why a door is released for service. A number once given is never used for something else.
REASONS = ("", "sensor", "jam", "overdue", "damage", "emergency", "other")

_BY_LIMIT = const(18)  # what a journal note holds


def topic(station: str, leaf: str) -> str:
    """Full topic; leaf such as 'state', 'door/3', 'evt'."""
    return f"lk/v1/{station}/{leaf}"


def state(up: bool, boot: int, firmware: str, **more: object) -> bytes:
    """Retained presence, and (up=False) the will. boot: boot number, so that a will of an older
    boot is told from a newer one; more: head() of the journal, or the fault of a locked station.
    """
    fields: dict[str, object] = {"v": VERSION, "up": up, "boot": boot, "fw": firmware}
    fields.update(more)
    return _json(fields)


def head(seq: int, tag: bytes) -> "dict[str, object]":
    """The end of the journal on flash: told at boot and with each heartbeat, so that the host
    sees when it goes back.
    """
    return {"q": seq, "tag": hexlify(tag).decode()}


def event(record: "Record") -> bytes:
    """One journal record for the host."""
    return _json(
        {
            "v": VERSION,
            "b": record.boot,
            "q": record.seq,
            "t": record.time_s + clock.EPOCH,
            "u": record.uncertainty_s,
            "c": clock.TRUST_NAMES[record.trust & 3],
            "k": records.KIND_NAMES[record.kind]
            if record.kind < len(records.KIND_NAMES)
            else str(record.kind),
            "n": record.door,
            "a": records.ACTOR_NAMES[record.actor]
            if record.actor < len(records.ACTOR_NAMES)
            else str(record.actor),
            "r": record.reason,
            "e": record.fault,
            "z": record.trust >> records.ALARM_BIT,
            "tn": record.tenancy,
            "x": record.value,
            "note": printable(record.note),
            "tag": hexlify(record.tag).decode(),
        }
    )


def printable(note: bytes) -> str:
    """ASCII text of a zero-padded note field."""
    return "".join(chr(b) for b in note if 32 <= b < 127)


class Command:
    """One command from the host. number: its counter; expires: Unix seconds; by: who asked; why:
    one of REASONS, not empty with "release"; present: somebody stands at the door.

    door: of "grant" the place of a person, of "revoke" as in codes.revocation(); more: what is
    granted (people.Grant) or which number is ended, in hex; else empty.
    """

    def __init__(  # noqa: PLR0913 - the fields of the message
        self,
        number: int,
        op: str,
        door: int,
        expires: int,
        by: str,
        why: str = "",
        present: bool = False,
        more: str = "",
    ) -> None:
        self.number = number
        self.op = op
        self.door = door
        self.expires = expires
        self.by = by
        self.why = why
        self.present = present
        self.more = more


def command_text(station: str, command: Command) -> bytes:
    """What a command's signature covers."""
    fields = (
        "cmd",
        station,
        str(command.number),
        command.op,
        str(command.door),
        str(command.expires),
        command.by,
        command.why,
        str(int(command.present)),
        command.more,
    )
    return "|".join(fields).encode()


def pack_command(mac: "Mac", station: str, command: Command) -> bytes:
    """A signed command. Host side."""
    return _json(
        {
            "v": VERSION,
            "id": command.number,
            "op": command.op,
            "n": command.door,
            "exp": command.expires,
            "by": command.by,
            "why": command.why,
            "here": command.present,
            "more": command.more,
            "mac": _signature(mac, command_text(station, command)),
        }
    )


def parse_command(
    mac: "Mac", station: str, payload: bytes, retained: bool
) -> "tuple[int, Command | None]":
    """(fault, command) of a received payload. With a fault no command, but for COMMAND_UNKNOWN:
    nothing of it may be believed.
    """
    if retained:
        return faults.MESSAGE_RETAINED, None
    fault, fields = _object(payload)
    if fault:
        return fault, None
    number, op, door, expires, by = (fields.get(k) for k in ("id", "op", "n", "exp", "by"))
    if not _is_count(number) or not _is_count(door) or not _is_count(expires):
        return faults.MESSAGE_MALFORMED, None
    if not _is_plain(op) or not _is_plain(by) or len(by) > _BY_LIMIT:
        return faults.MESSAGE_MALFORMED, None
    why, here = fields.get("why"), fields.get("here")
    if why not in REASONS or not isinstance(here, bool) or (op == "release" and not why):
        return faults.MESSAGE_MALFORMED, None
    more = fields.get("more", "")
    if not _is_plain(more):
        return faults.MESSAGE_MALFORMED, None
    command = Command(number, op, door, expires, by, why, here, more)
    if not _is_signed(mac, command_text(station, command), fields.get("mac")):
        return faults.COMMAND_FORGED, None
    return (faults.NONE if op in COMMANDS else faults.COMMAND_UNKNOWN), command


def response(number: int, status: str, fault: int) -> bytes:
    """Answer to a command. status: done, rejected, or unjournalled (done, not on flash yet);
    fault: why rejected.
    """
    return _json({"v": VERSION, "id": number, "st": status, "err": fault})


def pack_ack(mac: "Mac", station: str, seq: int) -> bytes:
    """The host holds every record up to seq. Host side, after its database commit."""
    return _json({"v": VERSION, "q": seq, "mac": _signature(mac, _ack_text(station, seq))})


def parse_ack(mac: "Mac", station: str, payload: bytes, retained: bool) -> tuple[int, int]:
    """(fault, seq) of a received acknowledgement; seq is 0 with a fault."""
    if retained:
        return faults.MESSAGE_RETAINED, 0
    fault, fields = _object(payload)
    if fault:
        return fault, 0
    seq = fields.get("q")
    if not _is_count(seq):
        return faults.MESSAGE_MALFORMED, 0
    if not _is_signed(mac, _ack_text(station, seq), fields.get("mac")):
        return faults.COMMAND_FORGED, 0
    return faults.NONE, seq


def time_question(nonce: str) -> bytes:
    """What time is it? nonce: hex digits that no answer has ever been signed for."""
    return _json({"v": VERSION, "nonce": nonce})


def parse_question(payload: bytes) -> str:
    """The nonce of a question, empty when it is none. Host side."""
    nonce = _object(payload)[1].get("nonce")
    return nonce if _is_plain(nonce) and len(nonce) <= _BY_LIMIT else ""


def pack_time(mac: "Mac", station: str, nonce: str, at: "tuple[int, int]") -> bytes:
    """The answer to a question. at: (Unix seconds, ms). Host side."""
    signature = _signature(mac, _time_text(station, nonce, at))
    return _json({"v": VERSION, "t": at[0], "ms": at[1], "mac": signature})


def parse_time(
    mac: "Mac", station: str, nonce: str, payload: bytes, retained: bool
) -> "tuple[int, tuple[int, int]]":
    """(fault, (seconds since 2020, ms)) of the answer to the question with this nonce."""
    if retained:
        return faults.MESSAGE_RETAINED, (0, 0)
    fault, fields = _object(payload)
    if fault:
        return fault, (0, 0)
    seconds, ms = fields.get("t"), fields.get("ms")
    if not _is_count(seconds) or not _is_count(ms) or ms > 999 or seconds < clock.EPOCH:
        return faults.MESSAGE_MALFORMED, (0, 0)
    if not _is_signed(mac, _time_text(station, nonce, (seconds, ms)), fields.get("mac")):
        return faults.TIME_FORGED, (0, 0)
    return faults.NONE, (seconds - clock.EPOCH, ms)


def encode(fields: dict) -> bytes:  # type: ignore[type-arg]
    """Any other object (heartbeat, info, door) as a payload."""
    return _json(fields)


def _json(fields: dict) -> bytes:  # type: ignore[type-arg]
    return json.dumps(fields).encode()


def _object(payload: bytes) -> "tuple[int, dict]":  # type: ignore[type-arg]
    if len(payload) > PAYLOAD_LIMIT:
        return faults.MESSAGE_OVERSIZED, {}
    try:
        fields = json.loads(payload)
    except (ValueError, UnicodeError, RuntimeError):  # RuntimeError: nesting deeper than the stack
        return faults.MESSAGE_MALFORMED, {}
    if not isinstance(fields, dict):
        return faults.MESSAGE_MALFORMED, {}
    return faults.NONE, fields


def _is_count(value: object) -> "TypeGuard[int]":
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 32


def _is_plain(value: object) -> "TypeGuard[str]":
    """Printable ASCII: what else JSON can hold may not even be encodable."""
    return isinstance(value, str) and all(32 <= ord(c) < 127 for c in value)


def _ack_text(station: str, seq: int) -> bytes:
    return b"ack|" + station.encode() + b"|" + struct.pack(">I", seq)


def _time_text(station: str, nonce: str, at: "tuple[int, int]") -> bytes:
    return "|".join(("time", station, nonce, str(at[0]), str(at[1]))).encode()


def _signature(mac: "Mac", text: bytes) -> str:
    return hexlify(mac.digest(text)[:16]).decode()


def _is_signed(mac: "Mac", text: bytes, signature: object) -> bool:
    return _is_plain(signature) and equal(_signature(mac, text).encode(), signature.encode())
