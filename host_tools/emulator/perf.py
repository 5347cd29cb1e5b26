"""``make perf``: every budget of design.md section 9 with its figure, what others do beside it.

Figures of the board come from the emulator's cycle counter with no USB host attached. It knows no
flash latency (added here, typical and worst) and no XIP cache misses: a real board is slower.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import REPO, exit_code

from . import perf_chip, perf_host, perf_station
from .errors import EmulatorError
from .perf_rows import Row, summary, table, write

OUT = REPO / "build" / "perf.json"

GROUPS: dict[str, Callable[[], list[Row]]] = {
    "doors": perf_chip.door_rows,
    "codes": perf_chip.code_rows,
    "expanders": perf_chip.expander_rows,
    "storage": perf_chip.storage_rows,
    "station": perf_station.rows,
    "size": perf_host.size_rows,
    "simulation": perf_host.simulation_rows,
    "peers": perf_chip.peer_rows,
}


def measure(groups: Sequence[str]) -> list[Row]:
    """All rows of these groups. Raises ToolError."""
    rows: list[Row] = []
    for name in groups:
        print(f"perf: measuring {name} ...", file=sys.stderr)
        try:
            rows += GROUPS[name]()
        except EmulatorError as error:
            raise ToolError(Exit.UNFIT, str(error)) from error
    return rows


def main() -> None:
    """Measure, print, keep. ToolError (refused) with --strict when a budget was missed."""
    parser = argparse.ArgumentParser(prog="python -m emulator.perf", description=main.__doc__)
    parser.add_argument("group", nargs="*", help=f"some of: {', '.join(GROUPS)}; default: all")
    parser.add_argument("--strict", action="store_true", help="fail when a budget is missed")
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    asked = parser.parse_args()
    if unknown := [name for name in asked.group if name not in GROUPS]:
        parser.error(f"no such group: {', '.join(unknown)}")
    rows = measure(asked.group or list(GROUPS))
    write(rows, asked.out)
    print(table(rows))
    print(summary(rows))
    if asked.strict and any(row.ok is False for row in rows):
        raise ToolError(Exit.REFUSED, "a budget is missed", "the table says which")


if __name__ == "__main__":
    sys.exit(exit_code(main))
