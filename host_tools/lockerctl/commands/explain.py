"""``lockerctl explain``: the fault table for people."""

import re
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from locker.core import catalogue
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json

app = typer.Typer(add_completion=False)


@app.command()
def explain(
    fault: Annotated[
        str, typer.Argument(help="E29, 29 or conflict; without it, all of them.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say what an error number or name means and what to do about it."""
    rows = [find(fault)] if fault else list(catalogue.BY_NUMBER.values())
    if as_json:
        print_json({"faults": [_fields(row) for row in rows]})
    elif fault:
        _show_one(rows[0])
    else:
        _show_all(rows)


def find(text: str) -> catalogue.Fault:
    """The row for 'E29', 'e 29', '29' or 'conflict'."""
    number = re.fullmatch(r"[eE]?\s*0*(\d{1,3})", text.strip())
    wanted = text.strip().lower().replace(" ", "_").replace("-", "_")
    for row in catalogue.BY_NUMBER.values():
        if row.name == wanted or (number and row.number == int(number[1])):
            return row
    raise ToolError(
        Exit.NOT_FOUND,
        f"There is no fault called {text!r}.",
        "`lockerctl explain` lists all of them.",
    )


def _fields(row: catalogue.Fault) -> dict[str, str | int]:
    """The row in words; rank: of the action, 0 the mildest."""
    return row._asdict() | {"action": catalogue.ACTIONS[row.action][1], "rank": row.action}


def _show_one(row: catalogue.Fault) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"E{row.number} {row.name}", style="bold", markup=False)
    console.print(f"  why:     {row.cause}", markup=False)
    console.print(f"  station: {catalogue.ACTIONS[row.action][1]}", markup=False)
    console.print(f"  ends:    {row.clears}", markup=False)
    console.print(f"  to do:   {row.hint}", markup=False)
    if row.person:
        console.print(f"  person:  {row.person}", markup=False)


def _show_all(rows: list[catalogue.Fault]) -> None:
    table = Table("No.", "Name", "Why", "To do", show_lines=True)
    for row in rows:
        table.add_row(f"E{row.number}", row.name, row.cause, row.hint)
    Console(highlight=False).print(table)
