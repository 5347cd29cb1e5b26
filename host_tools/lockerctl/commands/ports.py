"""``lockerctl ports``: where the boards are."""

from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from lockerctl import ports as serial_ports
from lockerctl.output import AsJson, print_json

app = typer.Typer(add_completion=False)


@app.command()
def ports(as_json: AsJson = False) -> None:
    """List USB serial ports and guess the board on each from its USB numbers."""
    found = serial_ports.scan()
    if as_json:
        print_json({"ports": [asdict(port) for port in found]})
        return
    table = Table("Port", "USB", "Serial number", "Probably")
    for port in found:
        table.add_row(port.device, port.usb, port.serial_number, port.guess or port.description)
    Console(highlight=False).print(
        table if found else "No USB serial port. Is the cable one that carries data?"
    )
