"""``lockerctl traceback``: what a board's console said, in the words of the source."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lockerctl import tracing
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json

app = typer.Typer(add_completion=False)


@app.command()
def traceback(
    file: Annotated[
        Path | None, typer.Argument(help="Text of the console; without it, standard input.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say where in the source a traceback of a board came from, if it was built here."""
    try:
        text = file.read_text(errors="replace") if file else sys.stdin.read()
    except OSError as error:
        raise ToolError(Exit.NOT_FOUND, f"{file} cannot be read: {error.strerror}") from None
    lines = list(tracing.translated(text))
    if as_json:
        print_json({"lines": lines})
    else:
        print("\n".join(lines))
