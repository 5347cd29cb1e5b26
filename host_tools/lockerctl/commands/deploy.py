"""``lockerctl deploy``: the firmware onto a board."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from lockerctl import build as firmware
from lockerctl import deploy as deploying
from lockerctl.device import connect
from lockerctl.output import AsJson, print_json
from lockerctl.trusted import REPO

app = typer.Typer(add_completion=False)


@app.command()
def deploy(
    board: Annotated[str, typer.Option(help="pico_w, pico_w_24 or esp32.")],
    port: Annotated[str, typer.Option(help="Serial port or pySerial URL (lockerctl ports).")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would change.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build the firmware and bring it to a board. Says done only when the board itself reports
    every hash; killed at any moment, it leaves the old version or the new one.
    """
    built = firmware.build(board, REPO / "build" / "firmware" / board)
    version = deploying.load(built.folder)
    console = Console(stderr=True, quiet=as_json, highlight=False)
    with connect(port) as device:
        with _bar(console) as bar:
            task = bar.add_task("looking", total=None)

            def told(done: int, total: int, name: str) -> None:
                bar.update(task, completed=done, total=total, description=name or "verifying")

            done = deploying.deploy(device, version, told, dry_run)
        if done.provisioned:
            device.start()
    if as_json:
        document = {"board": board, "port": port, "dry_run": dry_run, "started": done.provisioned}
        print_json({**document, "seconds": round(done.seconds, 2), **asdict(done.plan)})
        return
    _report(done, dry_run, console)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _report(done: deploying.Done, dry_run: bool, console: Console) -> None:
    outcome = "would change" if dry_run else "changed"
    todo = done.plan
    for name in todo.changed:
        console.print(f"  {outcome} {name}")
    for name in todo.removed:
        console.print(f"  {outcome} {name}: removed")
    for name in todo.strange:
        console.print(f"  not ours, left alone: {name}")
    console.print(
        f"{outcome} {len(todo.changed)} files ({todo.bytes} bytes), {todo.unchanged} unchanged, "
        f"{done.seconds:.1f} s."
    )
    if not dry_run:
        console.print("The board reports every hash of the manifest.")
    if not done.provisioned:
        console.print("No station.json there yet: not started. Provision the station next.")
