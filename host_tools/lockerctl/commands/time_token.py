"""``lockerctl code time-token``: sets a station's clock from its keypad, without a network."""

import time
from typing import Annotated

import typer
from rich.console import Console

from lockerctl import time_token as tokens
from lockerctl.events import utc_text
from lockerctl.output import AsJson, StationName, print_json
from lockerctl.store import Store


def time_token(
    station: StationName,
    challenge: Annotated[
        str, typer.Option("--challenge", "-c", help="The six digits on the display.")
    ],
    as_json: AsJson = False,
) -> None:
    """The answer to the station's challenge: it tells the time, and is good once for 10 minutes.

    At the keypad: 912# shows the challenge, the token and # set the clock. This computer's own
    clock has to be right: nothing else vouches for the time.
    """
    now_s = time.time()
    digits = tokens.make(Store().load(station), challenge, now_s)
    told = utc_text(int(now_s))
    if as_json:
        document = {"station": station, "challenge": challenge, "token": digits, "time": told}
        print_json(document | {"spoken": tokens.spoken(digits)})
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Token     [bold]{tokens.spoken(digits)}[/bold]  then #")
    console.print(f"Station   {station}, challenge {challenge}")
    console.print(f"Time      {told}, by this computer's clock")
