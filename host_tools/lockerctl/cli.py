"""The command line. A command's module is imported when it is called, so help stays quick."""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from lockerctl.errors import ToolError
from lockerctl.output import print_error

# name: (module with a Typer ``app``, help)
_COMMANDS = {
    "code": ("lockerctl.commands.code", "Codes for recipients and couriers."),
    "station": (
        "lockerctl.commands.station",
        "Stations: list, watch, collect, clear, block, unblock.",
    ),
    "calibrate": (
        "lockerctl.commands.calibrate",
        "Levels of a supervised input, for board.json.",
    ),
    "explain": ("lockerctl.commands.explain", "What an error number means and what to do."),
    "doctor": ("lockerctl.commands.doctor", "Is this computer ready for Latchwork?"),
    "deploy": (
        "lockerctl.commands.deploy",
        "The firmware onto a board, as a whole or not at all.",
    ),
    "flash": ("lockerctl.commands.flash", "The MicroPython image onto a board."),
    "provision": (
        "lockerctl.commands.provision",
        "Make a board with the firmware on it a station.",
    ),
    "ports": ("lockerctl.commands.ports", "Serial ports and the boards on them."),
    "traceback": (
        "lockerctl.commands.traceback",
        "A board's traceback in the words of the source.",
    ),
    "virtual": ("lockerctl.commands.virtual", "The virtual bench: a cabinet without hardware."),
    "demo": ("lockerctl.commands.demo", "Play the whole story on the virtual bench."),
    "emulate": (
        "lockerctl.commands.emulate",
        "A short story on the real image in an emulated board.",
    ),
}


class _Lazy(TyperCommand):
    """Name and help of a command whose module is loaded when it is really called."""

    def __init__(self, name: str, module: str, text: str) -> None:
        super().__init__(name=name, help=text)
        self._module = module

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """The context of the real command: the group invokes whatever command it finds there."""
        command = typer.main.get_command(importlib.import_module(self._module).app)
        return command.make_context(info_name, args, parent=parent, **extra)


class _Root(TyperGroup):
    """The table above as a group; here alone a ToolError becomes text and an exit code."""

    def __init__(self, **attributes: Any) -> None:
        attributes["commands"] = {
            n: _Lazy(n, module, text) for n, (module, text) in _COMMANDS.items()
        }
        super().__init__(**attributes)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ToolError as error:
            print_error(error, ctx.meta)
            raise typer.Exit(int(error.code)) from None


app = typer.Typer(
    cls=_Root, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def _root() -> None:
    """Latchwork parcel lockers: codes, stations and the virtual bench.

    Exit codes are listed in host_tools/lockerctl/README.md.
    """
