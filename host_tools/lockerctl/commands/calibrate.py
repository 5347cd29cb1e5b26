"""``lockerctl calibrate``: the board.json fragment of a supervised input."""

import json
from typing import Annotated

import typer

from lockerctl import calibrate as figures
from lockerctl.errors import Exit, ToolError
from lockerctl.output import AsJson, print_json

app = typer.Typer(add_completion=False)
_INPUTS = ("tamper", "mains")


@app.command()
def calibrate(
    name: Annotated[str, typer.Argument(metavar="INPUT", help="tamper or mains.")],
    pin: Annotated[int, typer.Option(help="Its GPIO.")],
    rest: Annotated[str, typer.Option(help="Readings in mV: hatch shut, or mains there.")],
    active: Annotated[str, typer.Option(help="Readings in mV: hatch open, or mains gone.")],
    as_json: AsJson = False,
) -> None:
    """Work out what belongs into "supervised" of board.json, from three readings or more each."""
    if name not in _INPUTS:
        raise ToolError(Exit.NOT_FOUND, f"There is no input {name!r}.", "tamper or mains")
    fragment = {name: {"pin": pin, **figures.loop(_readings(rest), _readings(active))}}
    if as_json:
        print_json({"supervised": fragment})
    else:
        typer.echo('"supervised": ' + json.dumps(fragment))


def _readings(text: str) -> list[int]:
    try:
        return [int(each) for each in text.split(",")]
    except ValueError:
        raise ToolError(
            Exit.REFUSED, f"{text!r} are no readings.", "For example: 1031,1029,1033"
        ) from None
