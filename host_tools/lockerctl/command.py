"""Signed commands to a station: counted on disk, sent, and answered by the device itself or not at
all.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from locker.core import catalogue, wire
from locker.core.mac import Mac
from lockerctl import issue
from lockerctl.errors import Exit, ToolError
from lockerctl.mqtt import Session, connect
from lockerctl.store import Store

EXPIRY_S = 60
WAIT_S = 10.0
NAME_LIMIT = 18  # what a journal note holds


class Unanswered(ToolError):
    """It was sent, and nobody can say what became of it."""


@dataclass(frozen=True)
class Order:
    """op: one of wire.COMMANDS. by: who asks; it goes into the station's journal. why, present:
    of a service release; more: as in wire.Command. Times in s.
    """

    op: str
    door: int
    by: str
    why: str = ""
    present: bool = False
    more: str = ""
    expiry_s: int = EXPIRY_S
    wait_s: float = WAIT_S


@dataclass(frozen=True)
class Answer:
    """What the device said. status: done, rejected, or unjournalled (done, but its flash could
    not be written); fault: number, 0 unless rejected.
    """

    number: int
    status: str
    fault: int


def send(store: Store, name: str, order: Order) -> Answer:
    """Send one command to station ``name`` and wait for the device's answer. Raises ToolError."""
    _check(order)
    station = store.load(name)
    if order.op not in ("grant", "revoke"):
        issue.check_door(station, order.door)
    with connect(station.broker_host, station.broker_port, [wire.topic(name, "rsp")]) as session:
        station, number = store.next_command(name)
        expires = int(time.time()) + order.expiry_s
        command = wire.Command(
            number,
            order.op,
            order.door,
            expires,
            order.by,
            order.why,
            order.present,
            order.more,
        )
        payload = wire.pack_command(Mac(station.keys.command), name, command)
        session.publish(wire.topic(name, "cmd"), payload)
        answer = _answer(session, number, order.wait_s)
    if answer is None:
        raise _silence(name, order.wait_s, expires)
    return answer


def check_name(by: str) -> None:
    """Raises ToolError for a name that a journal note cannot hold."""
    if not by.isascii() or not by.isprintable() or not 0 < len(by) <= NAME_LIMIT:
        raise ToolError(Exit.USAGE, f"A name is 1 to {NAME_LIMIT} plain ASCII characters.")


def _check(order: Order) -> None:
    check_name(order.by)
    reasons = wire.REASONS[1:] if order.op == "release" else wire.REASONS[:1]
    if order.why not in reasons:
        raise ToolError(Exit.USAGE, f"--why takes one of {', '.join(reasons)}.")


def _silence(name: str, wait_s: float, expires: int) -> Unanswered:
    until = datetime.fromtimestamp(expires).astimezone()
    return Unanswered(
        Exit.NO_ANSWER,
        f"Station {name!r} did not answer within {wait_s:g} s.",
        f"Until {until:%H:%M:%S} it may still carry the command out; then it has expired. "
        "Look with `lockerctl station watch`.",
    )


def refusal(answer: Answer) -> ToolError:
    """The error for an answer that says 'rejected'."""
    row = catalogue.BY_NUMBER.get(answer.fault)
    reason = f"E{answer.fault} {row.name}: {row.cause}" if row else f"E{answer.fault}"
    return ToolError(
        Exit.REJECTED, f"The station rejected the command. {reason}", row.hint if row else ""
    )


def _answer(session: Session, number: int, wait_s: float) -> Answer | None:
    end = time.monotonic() + wait_s
    while (message := session.get(end - time.monotonic())) is not None:
        fields = message.fields()
        status, fault = fields.get("st"), fields.get("err")
        if message.retained or fields.get("id") != number:
            continue
        if status in ("done", "rejected", "unjournalled") and isinstance(fault, int):
            return Answer(number, status, fault)
    return None
