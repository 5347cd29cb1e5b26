"""``lockerctl doctor``: is this computer ready?"""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lockerctl import checkup
from lockerctl.errors import Exit
from lockerctl.output import AsJson, print_json

app = typer.Typer(add_completion=False)

_STYLES = {checkup.OK: "green", checkup.WARN: "yellow", checkup.FAIL: "bold red"}


@app.command()
def doctor(
    station: Annotated[
        str, typer.Option("--station", "-s", help="Also try the way to this station's broker.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check Python, packages, broker, MicroPython, ports, images and the store. Exit code 8 when
    something must be repaired.
    """
    rows = checkup.run(station)
    if as_json:
        print_json({"checks": [asdict(row) for row in rows]})
    else:
        _show(rows)
    if any(row.verdict == checkup.FAIL for row in rows):
        raise typer.Exit(int(Exit.UNFIT))


def _show(rows: list[checkup.Row]) -> None:
    table = Table("Check", "Result", "Found", "To do")
    for row in rows:
        table.add_row(row.what, Text(row.verdict, style=_STYLES[row.verdict]), row.found, row.hint)
    Console(highlight=False).print(table)
