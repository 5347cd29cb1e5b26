"""``lockerctl flash``: the pinned MicroPython image onto a board."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lockerctl import flash as flashing
from lockerctl import images
from lockerctl.build import BOARDS
from lockerctl.deploy import make_safe
from lockerctl.device import connect
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json

app = typer.Typer(add_completion=False)


@app.command()
def flash(
    board: Annotated[str, typer.Option(help="pico_w or esp32.")],
    port: Annotated[str, typer.Option(help="Serial port; a Pico in BOOTSEL needs none.")] = "",
    drive: Annotated[Path | None, typer.Option(help="Pico: where RPI-RP2 is mounted.")] = None,
    file: Annotated[Path | None, typer.Option(help="Take this image, not a fetched one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the image of boards/images.lock, verified before and after. The file system stays."""
    console = Console(stderr=True, quiet=as_json, highlight=False)
    image = images.fetch(images.image_for(board), file)
    console.print(f"MicroPython {image.image.version} for {board}, {image.path.name}")
    if board == "esp32":
        if not port:
            raise ToolError(Exit.USAGE, "Which port?", "Give --port; lockerctl ports lists them.")
        flashing.esp32(image.path, port, console.print)
    else:
        if port:
            _ask_for_the_drive(board, port)
        target = flashing.drive(drive)
        console.print(f"copying to {target}")
        flashing.pico(image.path, target)
    if as_json:
        print_json({"board": board, "image": image.path.name, "version": image.image.version})
    console.print("Flashed. The firmware comes next: lockerctl deploy.")


def _ask_for_the_drive(board: str, port: str) -> None:
    config = json.loads((BOARDS / board / "board.json").read_text())
    with connect(port) as device:
        make_safe(device, config)
        flashing.to_boot_loader(device)
