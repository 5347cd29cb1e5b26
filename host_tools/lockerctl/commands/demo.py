"""``lockerctl demo``: the story of a parcel, played by the real firmware on the virtual bench."""

import json
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

import typer
from rich.console import Console

from lockerctl import rig, story
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json
from lockerctl.rig import Rig
from lockerctl.story import Result
from virtual.app import CabinetApp, Guide
from virtual.people import StoryFailed
from virtual.picture import watch

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    door: Annotated[int, typer.Option(help="Where the parcel goes, 1..8.")] = 3,
    seed: Annotated[int, typer.Option(help="Of keys, hands and contacts.")] = 42,
    break_: Annotated[
        str, typer.Option("--break", help="Break something on purpose: " + ", ".join(story.BREAKS))
    ] = "",
    interactive: Annotated[
        bool, typer.Option(help="Afterwards, a cabinet to play with (on a terminal).")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Play the story; its last line is the result as JSON. Exit code 0 only when it all held."""
    sizes = {row["door"]: row["size"] for row in json.loads(rig.BOARD.read_text())["doors"]}
    if door not in sizes:
        raise ToolError(Exit.USAGE, f"No door {door}: the virtual cabinet has 1..{len(sizes)}.")
    if break_ and break_ not in story.BREAKS:
        raise ToolError(Exit.USAGE, f"Unknown --break {break_!r}: {', '.join(story.BREAKS)}.")
    console = Console(stderr=True, quiet=as_json)
    mutant = break_ if break_ != "swap_doors" else ""
    plan = story.plan(door, seed, sizes, int(time.time()), mutant)
    result = Result(door, seed)
    console.print(f"[dim]Broker, bench and firmware start (door {door}, seed {seed}) ...[/dim]")
    with rig.running(plan) as running:
        roles = story.cast(door, len(sizes))
        if break_ == "swap_doors":
            with running.server.bench() as bench:
                bench.swap_coils(door, roles.jammed)
        _play(running, roles, result, console)
        if interactive and not result.failure and sys.stdin.isatty() and sys.stdout.isatty():
            print_json(result.fields())
            _invite(running)
            return
    print_json(result.fields())
    raise typer.Exit(1 if result.failure else 0)


def _play(running: Rig, roles: story.Cast, result: Result, console: Console) -> None:
    """Tell the story, then compare the witnesses."""
    chapters: list[str] = []

    def say(text: str) -> None:
        chapters.append(text)
        with running.server.bench() as bench:
            bench.note("story", text)
        if not console.is_terminal:
            console.print(text, highlight=False, soft_wrap=True)

    teller = story.Teller(running, roles, result.seed, say)
    with _screen(running, console):
        try:
            teller.tell()
        except StoryFailed as failed:
            result.failure = str(failed)
        settled = running.settled()
    result.opened = teller.opened()
    result.refused = teller.refused
    result.events = len(running.witness.events)
    result.failure = result.failure or _disagreement(running, result, settled)


def _disagreement(running: Rig, result: Result, settled: bool) -> str:
    """What the witnesses do not agree on, or ''."""
    reading = running.journal()
    if result.opened != [result.door, result.door]:
        return f"these doors opened: {result.opened}"
    if reading.problems:
        return f"the journal does not check: {reading.problems[0]}"
    if not settled:
        return f"the journal holds {len(reading.records)} records, {result.events} were heard"
    if running.runner.starts != 1:
        return f"the firmware was started {running.runner.starts} times"
    return ""


def _screen(running: Rig, console: Console) -> AbstractContextManager[Any]:
    if not console.is_terminal:
        return nullcontext()
    return watch(
        running.server, console, "Latchwork demo", "the real firmware on the virtual bench"
    )


def _invite(running: Rig) -> None:
    hint = f"Courier code of today: {running.courier_code()}   (* and # are keys, q quits)"
    CabinetApp(
        running.server, Guide("Latchwork demo station", hint, power_cut=running.runner.power_cut)
    ).run()
