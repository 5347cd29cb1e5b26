"""``lockerctl virtual``: a cabinet without hardware."""

import sys
import time
from typing import Annotated

import typer
from rich.console import Console

from lockerctl import rig
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json
from lockerctl.provision import Setup
from lockerctl.rig import Plan, Rig
from lockerctl.store import home
from virtual.app import CabinetApp, Guide

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def _virtual() -> None:
    """The virtual bench: real firmware, modelled cabinet."""


@app.command("run")
def run(
    station: Annotated[str, typer.Option("--station", "-s", help="Station id.")] = "virtual",
    seconds: Annotated[
        int, typer.Option("--for", help="Without a terminal: run so many seconds, then end.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """A station that remembers: its flash is kept under the store's folder until you delete it.

    While it runs, `lockerctl code issue`, `station watch` and the others work on it from another
    terminal.
    """
    plan = Plan(
        station,
        1,
        Setup(heartbeat_s=10, clock_set_s=int(time.time())),
        folder=home() / "virtual" / station,
    )
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not on_terminal and not seconds:
        raise ToolError(
            Exit.USAGE,
            "There is no terminal for the cabinet.",
            "Give --for SECONDS to run without one.",
        )
    with rig.running(plan) as running:
        if on_terminal and not seconds:
            _show(running)
        else:
            _wait(running, seconds, as_json)


def _show(running: Rig) -> None:
    hint = f"Courier code of today: {running.courier_code()}   (* and # are keys, q quits)"
    title = f"Latchwork virtual station {running.station.name}"
    CabinetApp(running.server, Guide(title, hint, power_cut=running.runner.power_cut)).run()


def _wait(running: Rig, seconds: int, as_json: bool) -> None:
    console = Console(stderr=True)
    console.print(
        f"Station {running.station.name} runs; broker {running.broker.kind} on port "
        f"{running.broker.port}."
    )
    time.sleep(seconds)
    if as_json:
        print_json(
            {
                "station": running.station.name,
                "events": len(running.witness.events),
                "starts": running.runner.starts,
            }
        )
