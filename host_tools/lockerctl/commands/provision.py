"""``lockerctl provision``: a station out of a board with the firmware on it."""

import time
from typing import Annotated

import typer

from lockerctl import enrol
from lockerctl.device import connect
from lockerctl.enrol import Wanted
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, StationName, print_json, warn
from lockerctl.provision import Setup
from lockerctl.station import DEFAULT_PORT
from lockerctl.store import Store

app = typer.Typer(add_completion=False)


@app.command()
def provision(  # noqa: PLR0913 - the options
    station: StationName,
    port: Annotated[str, typer.Option(help="Serial port or pySerial URL (lockerctl ports).")],
    broker: Annotated[str, typer.Option(help="Numeric address of the broker, or ADDRESS:PORT.")],
    user: Annotated[
        str, typer.Option(help="At the broker; the password is asked for, or read from input.")
    ] = "",
    ssid: Annotated[str, typer.Option(help="Wi-Fi network; its password is asked for.")] = "",
    country: Annotated[str, typer.Option(help="Of the radio, such as DE.")] = "",
    sntp: Annotated[
        str, typer.Option(help="Numeric address of an SNTP server; its word is not trusted far.")
    ] = "",
    language: Annotated[str, typer.Option(help="Of the display: en, de, fr or es.")] = "en",
    support: Annotated[str, typer.Option(help="Whom people call (16 characters).")] = "",
    classes: Annotated[str, typer.Option(help="Code classes in use, such as 3d or 24h,3d.")] = "",
    settings: Annotated[
        bool, typer.Option("--settings", help="Write station.json only: keys and parcels stay.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Replace a station: its codes and parcels are lost.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw the keys on the board and here together, keep them here, write the station's memory.

    This computer's time becomes the station's: a floor that lies in the future ends with it.
    """
    setup = Setup(
        clock_set_s=int(time.time()),
        language=language,
        support=support,
        sntp=sntp,
        wifi={"ssid": ssid, "password": _secret("Wi-Fi", ssid), "country": country},
        login={"user": user, "password": _secret("Broker", user)},
    )
    names = tuple(name for name in classes.split(",") if name)
    wanted = Wanted(station, _address(broker), setup, names, again)
    clock_set = None
    with connect(port) as device:
        if settings:
            enrol.resettle(device, Store(), wanted)
        else:
            clock_set = enrol.enrol(device, Store(), wanted).clock_set
        device.start()
    if clock_set is False:
        warn("no clock chip was set: until trusted time comes, recovery codes are all that opens")
    if as_json:
        print_json({"station": station, "settings_only": settings, "clock_set": clock_set})
    else:
        what = "station.json is new" if settings else f"its keys are in {Store().path(station)}"
        typer.echo(f"Station {station} starts; {what}.")


def _secret(name: str, needed: str) -> str:
    """A password, never from the command line."""
    return str(typer.prompt(f"{name} password", hide_input=True, default="")) if needed else ""


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    if port and not port.isdigit():
        raise ToolError(Exit.USAGE, f"{text!r} is no address.", "For example: 192.0.2.10:1883")
    return host, int(port or DEFAULT_PORT)
