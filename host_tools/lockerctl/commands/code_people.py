"""``lockerctl code staff, grant, people, revoke, pending``: credentials of persons, and the end of
any credential.
"""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from locker.core import codes
from lockerctl import grants, issue, qr, returns, tenancy, times
from lockerctl.errors import Exit, ToolError
from lockerctl.events import utc_text
from lockerctl.grants import Sent, Wish
from lockerctl.output import AsJson, StationName, print_json, warn
from lockerctl.persons import Person, Revocation
from lockerctl.station import Station
from lockerctl.store import Store

Name = Annotated[str, typer.Option("--name", help="Whose: up to 18 characters, for your list.")]
By = Annotated[str, typer.Option("--by", help="Who asks; it goes into the station's journal.")]
Until = Annotated[
    str, typer.Option("--until", help="ISO 8601; the longest allowed (staff 30 d) by default.")
]
Days = Annotated[str, typer.Option("--days", help="Such as mon-fri; every day by default.")]
Hours = Annotated[str, typer.Option("--hours", help="Such as 08:00-18:30, local time.")]
Uses = Annotated[int, typer.Option("--uses", min=0, max=254, help="How often; 0: without limit.")]
NoQr = Annotated[bool, typer.Option("--no-qr", help="No QR code on the terminal.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for name, command in (
        ("staff", staff),
        ("grant", grant),
        ("people", people),
        ("revoke", revoke),
        ("pending", pending),
    ):
        app.command(name)(command)


def staff(  # noqa: PLR0913 - options of one command
    station: StationName,
    name: Name,
    by: By = "lockerctl",
    until: Until = "",
    days: Days = "",
    hours: Hours = "",
    no_qr: NoQr = False,
    as_json: AsJson = False,
) -> None:
    """Enrol staff with an authenticator app, or show and renew the entry of who is enrolled."""
    wish = Wish(name, "staff", 0, _until(until), times.days(days), times.hours(hours))
    _granted(station, wish, by, not no_qr, as_json)


def grant(  # noqa: PLR0913 - options of one command
    station: StationName,
    name: Name,
    role: Annotated[str, typer.Option("--role", help="staff or courier (deposits only).")],
    by: By = "lockerctl",
    place: Annotated[int, typer.Option("--place", min=0, max=9, help="0: a free one.")] = 0,
    until: Until = "",
    days: Days = "",
    hours: Hours = "",
    uses: Uses = 0,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="A code of twelve digits instead of an app.")
    ] = False,
    no_qr: NoQr = False,
    as_json: AsJson = False,
) -> None:
    """Grant a person access: until a day, on some days and hours, or so many times.

    With --fixed --uses 1 it is a code for one visit.
    """
    if role not in ("staff", "courier"):
        raise ToolError(Exit.USAGE, f"{role!r} is no role: staff or courier.")
    schedule = times.days(days), times.hours(hours)
    wish = Wish(name, role, place, _until(until), *schedule, uses, fixed)
    _granted(station, wish, by, not no_qr, as_json)


def people(station: StationName, as_json: AsJson = False) -> None:
    """List who has access, until when, and whether the station has confirmed it."""
    record = Store().load(station)
    rows = [person for _, person in sorted(record.people.items())]
    if as_json:
        print_json({"station": station, "people": [_person_fields(p) for p in rows]})
        return
    table = Table("Place", "Name", "Role", "Until", "Hours", "Uses", "State")
    for p in rows:
        state = "revoked" if p.revoked else "confirmed" if p.confirmed else "not confirmed"
        uses = str(p.uses or "")
        table.add_row(
            str(p.place), p.name, p.role, _local(p.expires_s), p.hours_text(), uses, state
        )
    Console(highlight=False).print(table if rows else f"Nobody has access to {station}.")


def revoke(  # noqa: PLR0913 - options of one command
    station: StationName,
    door: Annotated[
        int, typer.Option("--door", "-d", min=0, max=24, help="The parcel's codes.")
    ] = 0,
    name: Annotated[str, typer.Option("--name", help="A person's access.")] = "",
    couriers: Annotated[
        bool, typer.Option("--couriers", help="The courier's codes of today.")
    ] = False,
    return_code: Annotated[
        str, typer.Option("--return", help="A return code, as it was given out.")
    ] = "",
    by: By = "lockerctl",
    as_json: AsJson = False,
) -> None:
    """End codes for ever. The parcel stays; issue its new code with `code issue`.

    The token ends them at a station without a network: somebody types it there.
    """
    if bool(door) + bool(name) + couriers + bool(return_code) != 1:
        text = "Revoke what? Give one of --door, --name, --couriers, --return."
        raise ToolError(Exit.USAGE, text)
    store = Store()
    record = store.load(station)
    known = None
    target = number = 0
    if return_code:
        number = returns.number_of(record, return_code, times.moment(""))
        target = returns.target_of(number)
    elif door:
        issue.check_door(record, door)
        target, known = door, tenancy.sight(store, record, door).known
    elif name:
        target = codes.PERSON + grants.named(record, name).place
    revocation, sent = grants.revoke(store, station, target, by, known, number)
    token = grants.token(record, revocation)
    if as_json:
        print_json({"station": station, **_revocation_fields(revocation), "token": token})
        return
    _show_revocation(revocation, token, sent)


def pending(
    station: StationName,
    send: Annotated[bool, typer.Option("--send", help="Send it again now.")] = False,
    by: By = "lockerctl",
    as_json: AsJson = False,
) -> None:
    """List what the station has not confirmed yet."""
    store = Store()
    persons, revocations = grants.pending(store.load(station))
    if send:
        for person in persons:
            try:
                grants.send_grant(store, station, person, by)
            except ToolError as error:  # one that is refused must not hold up the others
                warn(f"{person.name}: {error.text}")
        for revocation in revocations:
            grants.send_revocation(store, station, revocation, by)
    record = store.load(station)
    persons, revocations = grants.pending(record)
    rows = [{**_revocation_fields(r), "token": grants.token(record, r)} for r in revocations]
    if as_json:
        waiting = [_person_fields(p) for p in persons]
        print_json({"station": station, "people": waiting, "revocations": rows})
        return
    for person in persons:
        typer.echo(f"grant   {person.role} {person.name!r} (place {person.place})")
    for row in rows:
        ends = row["expires_by_itself"]
        typer.echo(f"revoke  {row['what']}; by itself {ends}; token {codes.spoken(row['token'])}")
    if not (persons or rows):
        typer.echo("The station has confirmed everything.")


def _granted(station: str, wish: Wish, by: str, terminal_qr: bool, as_json: bool) -> None:
    store = Store()
    person, sent = grants.grant(store, station, wish, by)
    record = store.load(station)
    if sent.why:
        warn(f"the station has not confirmed it: {sent.why} Later: `lockerctl code pending`.")
    if as_json:
        print_json({"station": station, **_person_fields(person), **_secrets(record, person)})
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{person.role.capitalize():<9} {person.name} at {station}", markup=False)
    console.print(f"Place     {person.place}")
    console.print(f"Until     {_local(person.expires_s)}, {person.hours_text()}")
    secrets = _secrets(record, person)
    if person.fixed:
        console.print(f"Code      [bold]{codes.spoken(secrets['code'])}[/bold]")
        console.print(f"Alarm     {codes.spoken(secrets['alarm_code'])}")
        return
    console.print(f"Types     90{person.place} and the app's 8 digits, then #")
    console.print("Alarm     the second entry works the same, and tells you without a sign")
    for title, uri in (("App", secrets["otpauth"]), ("App 2", secrets["alarm_otpauth"])):
        console.print(f"{title:<9} {uri}", markup=False)
        if terminal_qr:
            typer.echo(qr.terminal(uri), nl=False)


def _secrets(record: Station, person: Person) -> dict[str, str]:
    make = grants.fixed_entry if person.fixed else grants.otpauth
    name = "code" if person.fixed else "otpauth"
    return {
        name: make(record, person, False),
        f"alarm_{name}": make(record, person, True),
    }


def _show_revocation(revocation: Revocation, token: str, sent: Sent) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Revoked   {revocation.what}", markup=False)
    left = _local(revocation.sent_s) if revocation.sent_s else f"not yet: {sent.why}"
    console.print(f"Sent      {left}", markup=False)
    done = _local(revocation.confirmed_s) if revocation.confirmed_s else "not by the station yet"
    console.print(f"Confirmed {done}")
    if sent.why and revocation.sent_s:
        console.print(f"          {sent.why}", markup=False)
    console.print(f"Expires   by itself {_local(revocation.expires_s)}")
    if 0 < revocation.target < codes.RETURNS:
        console.print("          (but for a recovery code, which ends with the parcel only)")
    if not revocation.confirmed_s:
        console.print(f"Token     [bold]{codes.spoken(token)}[/bold] and # at the station end it")


def _person_fields(person: Person) -> dict[str, Any]:
    return person.fields() | {"until": utc_text(person.expires_s), "hours": person.hours_text()}


def _revocation_fields(revocation: Revocation) -> dict[str, Any]:
    times_of = {"sent": revocation.sent_s, "confirmed": revocation.confirmed_s}
    fields: dict[str, Any] = {n: utc_text(s) if s else None for n, s in times_of.items()}
    ends = utc_text(revocation.expires_s)
    return {"what": revocation.what, "target": revocation.target, **fields} | {
        "expires_by_itself": ends
    }


def _until(text: str) -> int:
    return times.moment(text) if text else 0


def _local(unix_s: int) -> str:
    return f"{datetime.fromtimestamp(unix_s).astimezone():%a %d %b %Y %H:%M %Z}"
