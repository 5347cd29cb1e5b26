"""``lockerctl emulate``: a short story on the real MicroPython image in an emulated board."""

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from emulator.errors import EmulatorError
from lockerctl import emulated
from lockerctl.build import BOARDS
from lockerctl.emulated import Cast, Outcome
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json

app = typer.Typer(add_completion=False)


@app.command()
def emulate(
    board: Annotated[str, typer.Option(help="pico_w or pico_w_24; esp32 not yet.")] = "pico_w",
    door: Annotated[int, typer.Option(help="Where the parcel is.")] = 3,
    seed: Annotated[int, typer.Option(help="Of hands and contacts.")] = 42,
    as_json: AsJson = False,
) -> None:
    """Play the story; its last line is the result as JSON. Exit code 0 only when all held."""
    if board not in emulated.BOARDS_EMULATED:
        raise ToolError(
            Exit.UNFIT,
            f"Board {board!r} cannot be emulated yet.",
            "pico_w and pico_w_24 can; esp32 needs a QEMU with an ESP32 machine.",
        )
    doors = len(json.loads((BOARDS / board / "board.json").read_text())["doors"])
    if not 1 <= door <= doors:
        raise ToolError(Exit.USAGE, f"No door {door}: the cabinet of {board} has 1..{doors}.")
    console = Console(stderr=True, quiet=as_json)
    console.print("[dim]The emulated board starts; this takes about three minutes ...[/dim]")
    cast = Cast(door, door % doors + 1)

    def say(line: str) -> None:
        console.print(line, style="dim", highlight=False, soft_wrap=True)

    try:
        with emulated.powered(board, cast, seed) as rig:
            outcome = asyncio.run(emulated.tell(rig, cast, seed, say))
    except EmulatorError as error:
        raise ToolError(Exit.UNFIT, str(error)) from error
    console.print(_figures(outcome))
    print_json(_fields(outcome, board, door, seed))
    raise typer.Exit(1 if outcome.failure else 0)


def _fields(outcome: Outcome, board: str, door: int, seed: int) -> dict[str, Any]:
    fields = {
        "story": "failed" if outcome.failure else "ok",
        "board": board,
        "door": door,
        "seed": seed,
        "opened": outcome.opened,
        "refused": outcome.refused,
        "events": outcome.events,
    }
    return fields | ({"failure": outcome.failure} if outcome.failure else {})


def _figures(outcome: Outcome) -> Table:
    """By the board's own clock, which knows neither flash times nor cache misses."""
    table = Table.grid(padding=(0, 2))
    table.add_row("took", f"{outcome.wall_s:.0f} s for {outcome.chip_s:.2f} s of the board")
    table.add_row("power to first door step", f"{outcome.boot_ms:.0f} ms")
    heaps = " -> ".join(f"{heap:,}" for heap in outcome.heap_bytes) or "no heartbeat"
    table.add_row("free heap, MQTT connected", f"{heaps} bytes (first -> last heartbeat)")
    longest = ", ".join(f"{task} {ms}" for task, ms in outcome.longest_ms.items())
    table.add_row("longest steps, ms", longest or "no heartbeat")
    return table
