"""``lockerctl code``: codes for people."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from lockerctl import issue, qr, returns, tenancy, times
from lockerctl.commands import code_people
from lockerctl.commands.time_token import time_token
from lockerctl.errors import Exit, ToolError
from lockerctl.events import utc_text
from lockerctl.issue import Issued
from lockerctl.output import AsJson, StationName, print_json, warn
from lockerctl.store import Store

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("time-token")(time_token)
code_people.add_to(app)

At = Annotated[
    str,
    typer.Option(
        "--at", help="Good at this time instead of now: ISO 8601, local unless it says otherwise."
    ),
]
QrFile = Annotated[
    Path | None, typer.Option("--qr", help="Write the QR picture to this .svg or .png file.")
]
Long = Annotated[
    bool,
    typer.Option("--long", help="Twelve digits: when guessing has closed the short code."),
]
NoQr = Annotated[bool, typer.Option("--no-qr", help="No QR code on the terminal.")]


@app.callback()
def _code() -> None:
    """Codes for recipients and couriers, of whom nothing is stored, and for staff."""


@app.command("issue")
def issue_code(  # noqa: PLR0913 - options of one command
    station: StationName,
    door: Annotated[
        int | None,
        typer.Option("--door", "-d", min=1, max=24, help="Door number; a receipt names it too."),
    ] = None,
    name: Annotated[
        str, typer.Option("--class", help="How long it is good: 4h, 24h, 3d, 7d.")
    ] = "",
    recovery: Annotated[
        bool, typer.Option("--recovery", help="The twelve-digit code that needs no clock.")
    ] = False,
    receipt: Annotated[
        str, typer.Option("--receipt", help="What the courier's display showed, such as 07-4821.")
    ] = "",
    ahead: Annotated[
        int,
        typer.Option(
            "--ahead", min=0, max=2, help="1, 2: for the next parcels, before they are put in."
        ),
    ] = 0,
    at: At = "",
    qr_file: QrFile = None,
    no_qr: NoQr = False,
    as_json: AsJson = False,
) -> None:
    """Issue the code of the parcel behind a door (or, with --ahead, of one still to come)."""
    if recovery and (name or at):
        raise ToolError(
            Exit.USAGE, "A recovery code has no class and no time: leave out --class and --at."
        )
    if not door and not receipt:
        raise ToolError(Exit.USAGE, "Which door? Give --door or --receipt.")
    store = Store()
    record = store.load(station)
    door = door or issue.receipt_door(receipt)
    when = times.moment(at)
    sighting = tenancy.sight(store, record, door, receipt)
    number = tenancy.chosen(sighting, door, ahead)
    if recovery:
        issued = issue.recovery(record, door, number)
    else:
        issued = issue.recipient(record, door, number, name or record.default_class, when)
    if sighting.warning:
        warn(sighting.warning)
    _show(issued, sighting.source, qr_file, not no_qr, as_json)


@app.command("courier")
def courier_code(
    station: StationName,
    long: Long = False,
    alarm: Annotated[
        bool,
        typer.Option("--alarm", help="The one to type under duress: it works, and tells you."),
    ] = False,
    at: At = "",
    qr_file: QrFile = None,
    no_qr: NoQr = False,
    as_json: AsJson = False,
) -> None:
    """Issue the station's courier code of the day: it opens free compartments only."""
    record = Store().load(station)
    if any(not (row.target or row.confirmed_s) for row in record.revocations):
        warn("the station has not confirmed that the day codes were revoked: it takes no new one.")
    issued = issue.courier(record, times.moment(at), long, alarm)
    _show(issued, "clock", qr_file, not no_qr, as_json)


@app.command("return")
def return_code(  # noqa: PLR0913 - options of one command
    station: StationName,
    of: Annotated[
        str, typer.Option("--of", help="A return code given out before: show that one again.")
    ] = "",
    long: Long = False,
    at: At = "",
    qr_file: QrFile = None,
    no_qr: NoQr = False,
    as_json: AsJson = False,
) -> None:
    """Issue a code that gives one parcel back: it opens a free compartment, once, within 7 days.

    What comes in is an event `deposited` of a sender, with the code's number; `code issue` makes
    the code that collects it.
    """
    if of and at:
        raise ToolError(Exit.USAGE, "A code given out has its time: leave out --at.")
    store = Store()
    when = times.moment(at)
    if of:
        number = returns.number_of(store.load(station), of, when)
    else:
        number = returns.give_out(store, station, when)
    issued = returns.code(store.load(station), number, long)
    _show(issued, "clock", qr_file, not no_qr, as_json)


def _show(
    issued: Issued, source: str, qr_file: Path | None, terminal_qr: bool, as_json: bool
) -> None:
    if qr_file:
        qr.save(issued.digits, qr_file)
    if as_json:
        print_json(_fields(issued, source, qr_file))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Code      [bold]{issued.spoken}[/bold]")
    if issued.door:
        console.print(
            f"Door      {issued.door} at {issued.station}, tenancy {issued.tenancy} (from: "
            f"{source})"
        )
    else:
        console.print(f"Station   {issued.station}, {_purpose(issued)}")
    console.print(f"Class     {issued.name}")
    console.print(f"Valid     {_validity(issued)}")
    if qr_file:
        console.print(f"QR        {qr_file}", markup=False)
    if terminal_qr:
        typer.echo(qr.terminal(issued.digits), nl=False)


def _purpose(issued: Issued) -> str:
    return f"return number {issued.number}, good once" if issued.number else "courier"


def _validity(issued: Issued) -> str:
    if not issued.until_s:
        return "until the parcel is collected"
    since, until = (
        datetime.fromtimestamp(s).astimezone() for s in (issued.since_s, issued.until_s)
    )
    local = f"{since:%a %d %b %Y %H:%M} to {until:%a %d %b %Y %H:%M %Z}"
    return f"{local}\n          {utc_text(issued.since_s)} to {utc_text(issued.until_s)}"


def _fields(issued: Issued, source: str, qr_file: Path | None) -> dict[str, Any]:
    limits = (
        (utc_text(issued.since_s), utc_text(issued.until_s)) if issued.until_s else (None, None)
    )
    return {
        "station": issued.station,
        "door": issued.door,
        "tenancy": issued.tenancy,
        "class": issued.name,
        "code": issued.digits,
        "spoken": issued.spoken,
        "valid_from": limits[0],
        "valid_until": limits[1],
        "tenancy_source": source,
        "number": issued.number,
        "qr_file": str(qr_file) if qr_file else None,
    }
