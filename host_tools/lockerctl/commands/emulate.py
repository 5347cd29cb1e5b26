"""``lockerctl emulate``: a short story on the real MicroPython image in an emulated board."""

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from emulator.errors import EmulatorError
from lockerctl import emulated, emulated_rig
from lockerctl.build import BOARDS
from lockerctl.emulated import Outcome
from lockerctl.emulated_rig import Cast
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json
from virtual.layout import from_board

app = typer.Typer(add_completion=False)


@app.command()
def emulate(
    board: Annotated[str, typer.Option(help="pico_w, pico_w_24; esp32 with a QEMU.")] = "pico_w",
    door: Annotated[int, typer.Option(help="Where the parcel is; 0: in door 3 or 1.")] = 0,
    seed: Annotated[int, typer.Option(help="Of hands and contacts.")] = 42,
    as_json: AsJson = False,
) -> None:
    """Play the story; its last line is the result as JSON. Exit code 0 only when all held."""
    if board not in emulated_rig.EMULATED:
        boards = ", ".join(emulated_rig.EMULATED)
        raise ToolError(Exit.UNFIT, f"Board {board!r} cannot be emulated.", f"{boards} can.")
    cast = _cast(board, door)
    emulated_rig.check(board)
    console = Console(stderr=True, quiet=as_json)
    console.print("[dim]The emulated board starts; this takes some minutes ...[/dim]")

    def say(line: str) -> None:
        console.print(line, style="dim", highlight=False, soft_wrap=True)

    try:
        with emulated_rig.powered(board, cast, seed) as rig:
            outcome = asyncio.run(emulated.tell(rig, cast, seed, say))
    except EmulatorError as error:
        raise ToolError(Exit.UNFIT, str(error)) from error
    console.print(_figures(outcome, emulated_rig.site(board).armed))
    print_json(_fields(outcome, board, cast.pickup, seed))
    raise typer.Exit(1 if outcome.failure else 0)


def _cast(board: str, door: int) -> Cast:
    doors = len(from_board(BOARDS / board).doors)
    if not 0 <= door <= doors:
        raise ToolError(Exit.USAGE, f"No door {door}: this board's cabinet has 1..{doors}.")
    pickup = door or min(3, doors - 1)
    return Cast(pickup, pickup % doors + 1)


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


def _figures(outcome: Outcome, armed: str) -> Table:
    """By the board's own clock, which knows neither flash times nor cache misses."""
    table = Table.grid(padding=(0, 2))
    table.add_row("took", f"{outcome.wall_s:.0f} s for {outcome.chip_s:.2f} s of the board")
    table.add_row(armed, f"{outcome.boot_ms:.0f} ms")
    pulses = ", ".join(f"door {door} {ms:.1f}" for door, ms in outcome.pulses)
    table.add_row("coil pulses, ms", pulses or "none")
    heaps = " -> ".join(f"{heap:,}" for heap in outcome.heap_bytes) or "no heartbeat"
    table.add_row("free heap, MQTT connected", f"{heaps} bytes (first -> last heartbeat)")
    longest = ", ".join(f"{task} {ms}" for task, ms in outcome.longest_ms.items())
    table.add_row("longest steps, ms", longest or "no heartbeat")
    return table
