"""``lockerctl station``: what the stations do, and what an operator may tell them."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from locker.core import records, wire
from locker.core.mac import Mac
from lockerctl import collector, command, watch_view
from lockerctl.collector import Collector, Taken
from lockerctl.command import Order
from lockerctl.ending import asked_to_end
from lockerctl.errors import ToolError
from lockerctl.event_log import EventLog
from lockerctl.events import parse
from lockerctl.mqtt import Message, Session, connect
from lockerctl.output import AsJson, StationName, print_json, warn
from lockerctl.presence import Watch
from lockerctl.store import Store, home

app = typer.Typer(no_args_is_help=True, add_completion=False)

Seconds = Annotated[
    float, typer.Option("--for", min=0, help="End after so many seconds; 0 goes on until Ctrl-C.")
]
DoorNumber = Annotated[int, typer.Option("--door", "-d", min=1, max=24, help="Door number.")]
By = Annotated[
    str,
    typer.Option(
        "--by", help="Who asks (up to 18 characters); it goes into the station's journal."
    ),
]

_REFRESH_S = 0.25
_WAIT_S = 0.25  # Ctrl-C ends a collector that is waiting after so long
_WATCHED = ("state", "door/+", "evt", "hb", "rsp")


@app.callback()
def _station() -> None:
    """Stations that this computer knows."""


@app.command("list")
def list_stations(as_json: AsJson = False) -> None:
    """List the stations whose keys are here."""
    store = Store()
    rows = [_summary(store, name) for name in store.names()]
    if as_json:
        print_json({"stations": rows})
        return
    table = Table("Station", "Doors", "Broker", "Demo", "Remark")
    for row in rows:
        demo = "yes" if row.get("demo") else "no"
        table.add_row(
            row["station"],
            str(row.get("doors", "")),
            row.get("broker", ""),
            demo,
            row.get("error", ""),
        )
    Console(highlight=False).print(table if rows else f"No stations in {store.folder}.")


def _summary(store: Store, name: str) -> dict[str, Any]:
    try:
        station = store.load(name)
    except ToolError as error:  # one bad file must not hide the others
        return {"station": name, "error": error.text}
    broker = f"{station.broker_host}:{station.broker_port}"
    return {
        "station": name,
        "doors": len(station.sizes),
        "broker": broker,
        "demo": station.demo,
        "classes": list(station.classes),
    }


@app.command()
def watch(station: StationName, seconds: Seconds = 0, as_json: AsJson = False) -> None:
    """Show doors and events live. With --json one line for each message."""
    record = Store().load(station)
    view = Watch(station, record.sizes, record.heartbeat_s, Mac(record.keys.journal))
    topics = [wire.topic(station, leaf) for leaf in _WATCHED]
    with (
        suppress(KeyboardInterrupt),  # the usual way to end it
        connect(record.broker_host, record.broker_port, topics) as session,
    ):
        if as_json:
            _watch_json(session, view, seconds)
        else:
            _watch_table(session, view, station, seconds)


def _watch_json(session: Session, view: Watch, seconds: float) -> None:
    for message in _messages(session, seconds):
        leaf = view.take(message, time.monotonic()) if message else ""
        if message is None or not leaf:
            continue
        line = {"topic": leaf, "retained": message.retained, "fields": message.fields()}
        line["presence"] = view.presence(time.monotonic()).value
        event = parse(message.payload) if leaf == "evt" else None
        if event and view.journal:
            sealed = event.seq, event.boot, event.sealed
            line["alarm"] = bool(records.alarm_of(view.journal, *sealed))
        print_json(line)


def _watch_table(session: Session, view: Watch, name: str, seconds: float) -> None:
    with Live(console=Console(highlight=False), auto_refresh=False) as live:
        drawn_at = 0.0
        for message in _messages(session, seconds):
            now = time.monotonic()
            if message:
                view.take(message, now)
            if message is None or now - drawn_at >= _REFRESH_S:
                live.update(watch_view.render(name, view, session.up, now), refresh=True)
                drawn_at = now
        live.update(watch_view.render(name, view, session.up, time.monotonic()), refresh=True)


def _messages(session: Session, seconds: float) -> Iterator[Message | None]:
    """Messages as they come, and None about four times a second when none does."""
    end = time.monotonic() + seconds if seconds else float("inf")
    while (left := end - time.monotonic()) > 0:
        yield session.get(min(left, _REFRESH_S))


@app.command()
def collect(
    station: StationName,
    seconds: Seconds = 0,
    database: Annotated[
        Path | None,
        typer.Option("--db", help="SQLite file; events.sqlite3 beside the store by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Store the station's events and acknowledge them, so that the station may let them go.

    One collector a station: a second one would push the first one out.
    """
    store = Store()
    record = store.load(station)
    path = database or home() / "events.sqlite3"
    totals = {"new": 0, "duplicates": 0, "malformed": 0, "findings": 0, "unjournalled": 0}
    told: set[tuple[int, int]] = set()
    journal = Mac(record.keys.journal)
    end = time.monotonic() + seconds if seconds else float("inf")

    def tell(taken: Taken) -> None:
        _count(taken, totals)
        _tell(taken, told, journal, as_json)

    # What is committed is told too: it would be no news to the next collector.
    with (
        EventLog(path) as log,
        collector.listen(record) as session,
        asked_to_end() as asked,
    ):
        worker = Collector(record, log, store)
        while not asked.is_set() and (left := end - time.monotonic()) > 0:
            worker.step(session, min(left, _WAIT_S), tell)
        totals["held"] = log.held(station) or 0
    if as_json:
        print_json({"station": station, "database": str(path), **totals})
    else:
        typer.echo(", ".join(f"{name} {count}" for name, count in totals.items()) + f" in {path}")


def _count(taken: Taken, totals: dict[str, int]) -> None:
    totals["malformed"] += taken.malformed
    totals["findings"] += len(taken.findings)
    totals["unjournalled"] += len(taken.unjournalled)
    if taken.added:
        totals["new"] += len(taken.added.new)
        totals["duplicates"] += taken.added.duplicates


def _tell(taken: Taken, told: set[tuple[int, int]], journal: Mac, as_json: bool) -> None:
    """Print what is new. told: gaps that were reported already."""
    for finding in taken.findings:
        warn(f"{finding.kind}: {finding.text}")
    for event in taken.unjournalled:
        warn(f"not in the station's journal: {watch_view.event_line(event)}")
    added = taken.added
    if added is None:
        return
    for first, last in set(added.gaps) - told:
        warn(f"records {first}..{last} are missing; the station sends them when it reconnects")
        told.add((first, last))
    for number in added.reused:
        warn(f"record {number} came again from a later boot: the station's journal lost its end")
    for event in added.new:
        line = watch_view.event_line(event, journal)
        if line.endswith(watch_view.ALARM):
            warn(line)
        elif not as_json:
            typer.echo(line)


@app.command()
def clear(station: StationName, door: DoorNumber, by: By, as_json: AsJson = False) -> None:
    """Let a door latched shut by a fault back into service. It must be shut and locked."""
    _send(station, Order("clear", door, by), as_json)


@app.command()
def block(station: StationName, door: DoorNumber, by: By, as_json: AsJson = False) -> None:
    """Take a door out of use."""
    _send(station, Order("block", door, by), as_json)


@app.command()
def unblock(station: StationName, door: DoorNumber, by: By, as_json: AsJson = False) -> None:
    """Put a blocked door back into use."""
    _send(station, Order("unblock", door, by), as_json)


@app.command()
def release(
    station: StationName,
    door: DoorNumber,
    by: By,
    why: Annotated[str, typer.Option("--why", help=f"One of {', '.join(wire.REASONS[1:])}.")],
    present: Annotated[
        bool,
        typer.Option("--present/--unattended", help="Somebody stands at the door and watches it."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Service release: one pulse, whatever the door's sensors say.

    The door is out of service from then on, until `clear`. It works on doors that are failed
    closed or inhibited, so that a broken cable traps no parcel, and even while the station's flash
    cannot be written. It does not work in a lockdown or while the coil drivers are not trusted.
    """
    _send(station, Order("release", door, by, why, present), as_json)


@app.command()
def lockdown(station: StationName, door: DoorNumber, by: By, as_json: AsJson = False) -> None:
    """Keep a door shut against everybody, service releases too, until `lift`."""
    _send(station, Order("lockdown", door, by), as_json)


@app.command()
def lift(station: StationName, door: DoorNumber, by: By, as_json: AsJson = False) -> None:
    """End the lockdown of a door."""
    _send(station, Order("lift", door, by), as_json)


@app.command()
def empty(station: StationName, door: DoorNumber, by: By, as_json: AsJson = False) -> None:
    """Say that a parcel was taken out for service: its codes end and the compartment is free."""
    _send(station, Order("empty", door, by), as_json)


def _send(station: str, order: Order, as_json: bool) -> None:
    answer = command.send(Store(), station, order)
    if answer.status == "rejected":
        raise command.refusal(answer)
    if answer.status == "unjournalled":
        warn("the station's flash cannot be written: this is in its memory only, so note it down")
    if as_json:
        done = {"station": station, "door": order.door, "op": order.op}
        print_json(done | {"command": answer.number, "status": answer.status})
    else:
        what = f"{order.op} of door {order.door} done (command {answer.number})"
        typer.echo(f"The station answers: {what}.")
