"""The watch table as Rich renderables. Every state has its own sign and word; colour only repeats
them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from locker.core import catalogue, clock, codes, doors, faults, records, wire
from locker.core.mac import Mac
from lockerctl.events import Event
from lockerctl.presence import DoorRow, Presence, Verdict, Watch
from lockerctl.tenancy import age_text

ALARM = "SILENT ALARM: the code was typed under duress"

_EVENT_LINES = 12
_OF_PERSONS = tuple(
    records.KIND_NAMES[kind]
    for kind in (
        records.STAFF_ACCEPTED,
        records.COURIER_ACCEPTED,
        records.GRANTED,
        records.REVOKED,
    )
)
_SENDER = records.ACTOR_NAMES[records.SENDER]
_DOOR = records.KIND_NAMES[records.DOOR]
_COMMAND = records.KIND_NAMES[records.COMMAND]

_SIGNS = {
    Verdict.LOCKED: ("#", "green"),
    Verdict.OPEN: ("/", "yellow"),
    Verdict.RELEASED: ("~", "yellow"),
    Verdict.AJAR: ("!", "yellow"),
    Verdict.FAULT: ("X", "bold red"),
    Verdict.OUT_OF_SERVICE: ("X", "bold red"),
    Verdict.BLOCKED: ("=", "magenta"),
    Verdict.LOCKED_DOWN: ("L", "bold magenta"),
    Verdict.UNKNOWN: ("?", "dim"),
    Verdict.STALE: ("?", "dim"),
}
_PRESENCE_STYLES = {
    Presence.ONLINE: "green",
    Presence.SILENT: "bold yellow",
    Presence.OFFLINE: "bold red",
    Presence.UNKNOWN: "bold",
}


def render(name: str, watch: Watch, link_up: bool, now: float) -> Group:
    """The whole picture. link_up: our own way to the broker; now: time.monotonic()."""
    return Group(_headline(name, watch, link_up, now), _doors(watch, now), _events(watch))


def presence_text(watch: Watch, now: float) -> str:
    """'online, heard 12 s ago': the age is always there."""
    presence = watch.presence(now)
    age = watch.age_s(now)
    heard = "not heard yet" if age is None else f"heard {age_text(age)} ago"
    return f"{presence.value}, {heard}"


def clock_text(vitals: Mapping[str, Any]) -> str:
    """'  clock synced +-2 s, chip +3 s, -1.25 ppm, 21.5 C' of a heartbeat: how far it is trusted,
    what is added to its chip, how fast that loses and how warm it is; '' for one without these.
    """
    trust, bound, off, ppm = (vitals.get(key) for key in ("c", "u", "off", "ppm"))
    if trust not in clock.TRUST_NAMES:
        return ""
    numbers = [n for n in (bound, off, ppm) if isinstance(n, int | float)]
    celsius = vitals.get("degc")
    warmth = f", {celsius:.1f} C" if isinstance(celsius, int | float) else ""
    if trust == clock.TRUST_NAMES[clock.UNSYNCED] or len(numbers) != 3:
        return f"  clock {trust}{warmth}"
    rates = f"chip {numbers[1]:+} s, {numbers[2]:+.2f} ppm"
    return f"  clock {trust} +-{numbers[0]} s, {rates}{warmth}"


def _headline(name: str, watch: Watch, link_up: bool, now: float) -> Text:
    line = Text(f"{name}  ", style="bold")
    line.append(presence_text(watch, now), style=_PRESENCE_STYLES[watch.presence(now)])
    if not link_up:
        line.append("  no link to the broker", style="bold red")
    line.append(clock_text(watch.vitals))
    present = watch.vitals.get("e")
    for fault in present if isinstance(present, list) else ():
        if isinstance(fault, int):
            line.append(f"  {_fault(fault)}", style="yellow")
    return line


def _doors(watch: Watch, now: float) -> Table:
    table = Table("Door", "Size", "State", "Parcel", "Tenancy", "Fault")
    for row in watch.rows(now):
        table.add_row(
            str(row.door),
            row.size,
            _state(row),
            row.occupancy,
            str(row.tenancy or ""),
            _fault(row.fault),
        )
    return table


def _state(row: DoorRow) -> Text:
    sign, style = _SIGNS[row.verdict]
    was = f" (was {row.last.value})" if row.verdict is Verdict.STALE else ""
    return Text(f"{sign} {row.verdict.value}{was}", style=style)


def _fault(number: int) -> str:
    return f"E{number} {catalogue.name(number)}" if number else ""


def _events(watch: Watch) -> Text:
    lines = Text()
    for event in list(watch.events)[-_EVENT_LINES:]:
        line = event_line(event, watch.journal)
        lines.append(line + "\n", style="bold red" if line.endswith(ALARM) else "")
        row = catalogue.BY_NUMBER.get(event.fault)
        if row:
            lines.append(f"          {row.cause} {row.hint}\n", style="dim")
    return lines


def _what(event: Event) -> str:
    """The kind; of a door's change the state it went into, of a command its operation."""
    if event.kind == _DOOR and event.value < len(doors.STATE_NAMES):
        return doors.STATE_NAMES[event.value].replace("_", " ")
    if event.kind == _COMMAND and event.value < len(wire.COMMANDS):
        return f"command {wire.COMMANDS[event.value]}"
    return event.kind.replace("_", " ")


def _near_miss(event: Event) -> tuple[str, ...]:
    """What a code refused shortly before was right for."""
    of = "door" if event.reason == faults.CODE_OF_OTHER_DOOR else "steps off:"
    value = (f"({of} {event.value})",) if event.value else ()
    return (_fault(faults.NEAR_MISS), _fault(event.reason), *value)


def event_line(event: Event, journal: Mac | None = None) -> str:
    """14:05:09  door 3  refused  E11 wrong_code  (recipient). journal: of the station's journal
    key, without which no alarm is seen.
    """
    when = datetime.fromtimestamp(event.time_s).astimezone()
    parts = [f"{when:%H:%M:%S}" + ("?" if event.trust == "unsynced" else "")]
    parts += [f"door {event.door}"] if event.door else ["station"]
    parts += [_what(event)]
    if event.fault == faults.NEAR_MISS:
        return "  ".join((*parts, *_near_miss(event)))
    number = event.fault or event.reason
    parts += [_fault(number)] if number else []
    parts += [f"({event.actor})", event.note]
    if event.actor == _SENDER and event.value:
        parts += [f"return {event.value}"]
    elif event.kind in _OF_PERSONS and event.value == codes.RETURNS:
        parts += [f"return {event.tenancy}"]
    elif event.kind in _OF_PERSONS and event.value:
        parts += [f"place {event.value}"]
    if journal and records.alarm_of(journal, event.seq, event.boot, event.sealed):
        parts += [ALARM]
    return "  ".join(part for part in parts if part)
