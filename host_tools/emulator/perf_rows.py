"""One line of ``make perf``, and how all of them are shown and kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_NOT_BUILT = "not built yet"
_VERDICTS = {True: "ok", False: "MISSED", None: ""}


@dataclass(frozen=True)
class Row:
    """figure: None for what is not built yet. budget: a limit, the text of one, or None for a peer
    and for what is only listed; ok is then None, as nothing was promised.
    """

    name: str
    figure: float | None
    unit: str
    budget: float | str | None = None
    ok: bool | None = None


def at_most(name: str, figure: float, unit: str, budget: float) -> Row:
    """A row that may not be larger."""
    return Row(name, figure, unit, budget, figure <= budget)


def at_least(name: str, figure: float, unit: str, budget: float) -> Row:
    """A row that may not be smaller."""
    return Row(name, figure, unit, budget, figure >= budget)


def rounded(figure: float) -> float:
    """Three digits, or all before the point: what lies below differs with the place of a file on
    the flash.
    """
    return round(figure, max(0, 3 - len(str(int(figure))))) if figure else 0.0


def write(rows: Sequence[Row], path: Path) -> None:
    """Keep the rows as a JSON list of objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([_fields(row) for row in rows], indent=1) + "\n")


def table(rows: Sequence[Row]) -> str:
    """All rows for people; what only stands beside another is indented."""
    lines = [_line("", "figure", "unit", "budget", "")]
    for row in rows:
        figure = "-" if row.figure is None else f"{rounded(row.figure):,g}"
        verdict = _NOT_BUILT if row.figure is None else _VERDICTS[row.ok]
        name = row.name if row.budget is not None else f"  {row.name}"
        budget = "" if row.budget is None else str(row.budget)
        lines.append(_line(name, figure, row.unit, budget, verdict))
    return "\n".join(lines)


def summary(rows: Sequence[Row]) -> str:
    """The last line: nothing that was missed is left out."""
    kept = sum(row.ok is True for row in rows)
    missed = sum(row.ok is False for row in rows)
    unbuilt = sum(row.figure is None for row in rows)
    return f"perf: budgets kept={kept} missed={missed} not_built={unbuilt}"


def _fields(row: Row) -> dict[str, Any]:
    fields = asdict(row)
    return fields | {"figure": None if row.figure is None else rounded(row.figure)}


def _line(name: str, figure: str, unit: str, budget: str, verdict: str) -> str:
    return f"{name:<68} {figure:>9} {unit:<10} {budget:>16}  {verdict}".rstrip()
