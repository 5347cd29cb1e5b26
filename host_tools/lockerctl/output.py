"""How commands speak: one JSON document with --json, otherwise Rich text; errors in the same two
ways.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from lockerctl.errors import ToolError

_JSON_MARK = "lockerctl.json"


def _remember_json(context: typer.Context, wanted: bool) -> bool:
    context.meta[_JSON_MARK] = (
        wanted  # shared by all contexts of one run, so the root can report errors the same way
    )
    return wanted


AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON document.", callback=_remember_json, is_eager=True
    ),
]
StationName = Annotated[
    str, typer.Option("--station", "-s", help="Station id.", envvar="LATCHWORK_STATION")
]


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    typer.echo(json.dumps(document))


def print_error(error: ToolError, meta: Mapping[str, Any]) -> None:
    """meta: of the run's context. JSON errors go to standard output too, so that one reader sees
    either outcome.
    """
    if meta.get(_JSON_MARK):
        print_json({"error": {"code": int(error.code), "text": error.text, "hint": error.hint}})
        return
    typer.secho(f"error: {error.text}", fg=typer.colors.RED, err=True)
    if error.hint:
        typer.echo(f"hint:  {error.hint}", err=True)


def warn(text: str) -> None:
    """A line on standard error that changes nothing about the result."""
    typer.secho(f"warning: {text}", fg=typer.colors.YELLOW, err=True)
