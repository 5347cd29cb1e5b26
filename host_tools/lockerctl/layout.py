"""How the statements of a bundle lie in its text, and where each of them came from.

A line is one statement, or a few simple ones, and leads back to the first of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import groupby

from lockerctl.program import Unit

_PLACED = (ast.stmt, ast.ExceptHandler)
_SIDE_BY_SIDE = 4

Line = tuple[str, int, str]  # file, line, function or class


def lines(tree: ast.Module, text: str, origin: list[Unit | None]) -> Iterator[Line]:
    """For each line of the text, from 1 (0 is nobody's): the statement it came from."""
    found: dict[int, Line] = {}
    for old, new, unit in zip(tree.body, ast.parse(text).body, origin, strict=True):
        if unit is not None:
            _pair((old, new), unit, "", found)
    for number in range(text.count("\n") + 1):
        yield found.get(number, ("", 0, ""))


def _pair(nodes: tuple[ast.AST, ast.AST], unit: Unit, within: str, found: dict[int, Line]) -> None:
    """One statement before and after it was written out, and those inside."""
    old, new = nodes
    within = unit.titles.get(old, within)
    if isinstance(old, _PLACED) and isinstance(new, _PLACED):
        found.setdefault(new.lineno, (unit.label, old.lineno, within))
    for pair in zip(_statements(old), _statements(new), strict=True):
        _pair(pair, unit, within, found)


def _statements(node: ast.AST) -> list[ast.AST]:
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, _PLACED)]


def shortened(text: str) -> str:
    """A module's text with statements of a block side by side: a line costs the device a byte or
    two. ``text`` has each on a line of its own, as ast.unparse() gives it.
    """
    lines = ["", *text.splitlines()]
    for block in _blocks(ast.parse(text)):
        for start in range(0, len(block), _SIDE_BY_SIDE):
            first, *others = block[start : start + _SIDE_BY_SIDE]
            for other in others:
                lines[first] += "; " + lines[other].strip()
                lines[other] = ""
    return "\n".join(line for line in lines if line) + "\n"


def _blocks(tree: ast.Module) -> Iterator[list[int]]:
    """Lines of simple statements that follow each other."""
    for node in ast.walk(tree):
        for part in ("body", "orelse", "finalbody"):
            inner = getattr(node, part, ())
            for is_simple, run in groupby(inner if isinstance(inner, list) else (), _is_simple):
                if is_simple:
                    yield [statement.lineno for statement in run]


def _is_simple(statement: ast.stmt) -> bool:
    return not hasattr(statement, "body") and statement.lineno == statement.end_lineno
