"""One line of ``make perf``, and how all of them are shown and kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

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


def write(rows: Sequence[Row], path: Path) -> None:
    """Keep the rows as a JSON list of objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def table(rows: Sequence[Row]) -> str:
    """All rows for people; what only stands beside another is indented."""
    lines = [_line("", "figure", "unit", "budget", "")]
    for row in rows:
        aside = row.budget is None
        figure = _NOT_BUILT if row.figure is None else f"{row.figure:,.4g}".rstrip(".")
        if row.figure is not None and row.figure >= 1000:
            figure = f"{row.figure:,.0f}"
        budget = "" if row.budget is None else f"{row.budget}"
        verdict = _NOT_BUILT if row.figure is None else _VERDICTS[row.ok]
        lines.append(
            _line(
                "  " * aside + row.name,
                "-" if row.figure is None else figure,
                row.unit,
                budget,
                verdict,
            )
        )
    return "\n".join(lines)


def summary(rows: Sequence[Row]) -> str:
    """The last line: nothing that was missed is left out."""
    kept = sum(row.ok is True for row in rows)
    missed = sum(row.ok is False for row in rows)
    unbuilt = sum(row.figure is None for row in rows)
    return f"perf: budgets kept={kept} missed={missed} not_built={unbuilt}"


def _line(name: str, figure: str, unit: str, budget: str, verdict: str) -> str:
    return f"{name:<68} {figure:>9} {unit:<10} {budget:>30}  {verdict}".rstrip()
