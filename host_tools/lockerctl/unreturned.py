"""A function's body without its returns: what it does in the middle of another function.

A return becomes whatever its value is for, and what comes after an ``if`` that returns goes into
the ``else``. Returns from loops, and from where something else would still run, cannot be said so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable


class _Stays(Exception):  # noqa: N818 - no error: the call stays a call
    """The returns of a function cannot be put into ifs."""


Emit = Callable[[ast.expr], list[ast.stmt]]


def ended(body: list[ast.stmt], emit: Emit) -> list[ast.stmt] | None:
    """The body with ``emit(value)`` where it returned, and nothing after that; None when its
    returns stand where that cannot be said with ifs.
    """
    try:
        return _end(body, emit) or [ast.Pass()]
    except _Stays:
        return None


def _end(block: list[ast.stmt], emit: Emit) -> list[ast.stmt]:
    out: list[ast.stmt] = []
    for index, statement in enumerate(block):
        if isinstance(statement, ast.Return):
            value = statement.value or ast.Constant(None)
            return [*out, *(ast.copy_location(made, statement) for made in emit(value))]
        out.append(statement)
        if _has_return(statement):
            _end_inside(statement, block[index + 1 :], emit)
            return out
        if always_leaves([statement]):
            return out
    return [*out, *emit(ast.Constant(None))]


def _end_inside(statement: ast.stmt, rest: list[ast.stmt], emit: Emit) -> None:
    """The same in a statement, which takes up what comes after it."""
    if isinstance(statement, ast.If):
        if always_leaves(statement.body):
            statement.orelse = [*statement.orelse, *rest]
        elif statement.orelse and always_leaves(statement.orelse):
            statement.body = [*statement.body, *rest]
        elif rest:
            raise _Stays
        statement.body = _end(statement.body, emit) or [ast.Pass()]
        statement.orelse = _end(statement.orelse, emit)
    elif isinstance(statement, ast.With) and not rest:
        statement.body = _end(statement.body, emit) or [ast.Pass()]
    elif isinstance(statement, ast.Try) and not (rest or statement.orelse or statement.finalbody):
        statement.body = _end(statement.body, emit) or [ast.Pass()]
        for handler in statement.handlers:
            handler.body = _end(handler.body, emit) or [ast.Pass()]
    else:
        raise _Stays


def _has_return(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(statement))


def always_leaves(block: list[ast.stmt]) -> bool:
    """Nothing after it is ever reached."""
    last = block[-1] if block else None
    if isinstance(last, ast.If):
        return always_leaves(last.body) and always_leaves(last.orelse)
    if isinstance(last, ast.With):
        return always_leaves(last.body)
    return isinstance(last, (ast.Return, ast.Raise))


def thrown_away(value: ast.expr) -> list[ast.stmt]:
    """What stays of a value that nobody wants; for ended()."""
    return [] if isinstance(value, (ast.Constant, ast.Name)) else [ast.Expr(value)]
