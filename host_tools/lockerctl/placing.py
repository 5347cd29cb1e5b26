"""The body of a function in the place of its only call (lockerctl.fold): parameters set, names
that do not meet those of the caller, returns turned into what their values are for.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lockerctl.scopes import bound
from lockerctl.unreturned import always_leaves, ended, thrown_away


@dataclass(slots=True)
class Call:
    """Where the only call stands: block[index] is its statement, in a function's body."""

    node: ast.Call
    caller: ast.FunctionDef
    block: list[ast.stmt]
    index: int
    is_tail: bool

    @property
    def statement(self) -> ast.stmt:
        """It, with the call somewhere in it."""
        return self.block[self.index]


def placed(
    function: ast.FunctionDef, call: Call, given: Mapping[str, ast.expr]
) -> list[ast.stmt] | None:
    """The statements that take the place of the call's; None when it has to stay."""
    statement, node = call.statement, call.node
    if isinstance(statement, ast.Return) and statement.value is node:
        body = _fitted(function, call, given)
        return body if always_leaves(body) else [*body, ast.Return(None)]
    if isinstance(statement, ast.Expr) and statement.value is node:
        if call.is_tail and not _values(function):
            return _fitted(function, call, given)
        return ended(_fitted(function, call, given), thrown_away)
    if isinstance(statement, ast.Assign) and statement.value is node:
        if len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            return ended(_fitted(function, call, given), lambda value: [_assign(name, value)])
        return None
    return _in_expression(function, call, given)


def _in_expression(
    function: ast.FunctionDef, call: Call, given: Mapping[str, ast.expr]
) -> list[ast.stmt] | None:
    """Within an expression: a function of one return in place of its call; any other before the
    statement, if the call is what it does first.
    """
    only = function.body[-1]
    if len(function.body) == 1 and isinstance(only, ast.Return) and only.value is not None:
        simple = _substituted(function, call, given)
        if simple is not None:
            return [_replaced(call.statement, call.node, simple)]
    if _first(call.statement) is not call.node:
        return None
    name = _fresh(function.name.strip("_"), _names(call.caller) | _names(function))
    before = ended(_fitted(function, call, given), lambda value: [_assign(name, value)])
    if before is None:
        return None
    return [*before, _replaced(call.statement, call.node, ast.Name(name, ast.Load()))]


def _substituted(
    function: ast.FunctionDef, call: Call, given: Mapping[str, ast.expr]
) -> ast.expr | None:
    """The value of a function that is one return; None when an argument would be worked out at
    another time, or more than once.
    """
    value = function.body[0].value  # type: ignore[attr-defined]
    if any(not _is_fixed(arg, call.caller) for arg in given.values()):
        return None
    return _Renamed({}, given).visit(copy.deepcopy(value))  # type: ignore[no-any-return]


def _fitted(
    function: ast.FunctionDef, call: Call, given: Mapping[str, ast.expr]
) -> list[ast.stmt]:
    """Its body with names of its own and its parameters set."""
    body = copy.deepcopy(function.body)
    taken = _names(call.caller) | outer_names(function)
    stored = set(bound(body))
    new: dict[str, str] = {}
    values: dict[str, ast.expr] = {}
    first: list[ast.stmt] = []
    for name, arg in given.items():
        if name not in stored and _is_fixed(arg, call.caller):
            values[name] = arg
        else:
            new[name] = _fresh(name, taken)
            first.append(ast.copy_location(_assign(new[name], arg), call.statement))
    for name in sorted(stored - new.keys()):
        new[name] = _fresh(name, taken)
    renamed = _Renamed(new, values)
    return [*first, *(renamed.visit(statement) for statement in body)]


def _is_fixed(arg: ast.expr, caller: ast.FunctionDef) -> bool:
    """True for what has the same value whenever it is asked for."""
    if isinstance(arg, ast.Constant):
        return True
    shared = any(isinstance(node, ast.Nonlocal) for node in walk(caller.body))
    return isinstance(arg, ast.Name) and arg.id in local_names(caller) and not shared


def local_names(function: ast.FunctionDef) -> set[str]:
    """Those that it binds, parameters too."""
    return {arg.arg for arg in function.args.args} | set(bound(function.body))


def outer_names(function: ast.FunctionDef) -> set[str]:
    """Those that it finds outside."""
    return _names(function) - local_names(function)


class _Renamed(ast.NodeTransformer):
    """new: names instead of names; values: expressions instead of names."""

    def __init__(self, new: Mapping[str, str], values: Mapping[str, ast.expr]) -> None:
        self._new = new
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802 - ast's names
        """Any use of a name."""
        if node.id in self._values:
            return ast.copy_location(copy.deepcopy(self._values[node.id]), node)
        return ast.copy_location(ast.Name(self._new.get(node.id, node.id), node.ctx), node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:  # noqa: N802
        """Binds a name."""
        if node.name:
            node.name = self._new.get(node.name, node.name)
        return self.generic_visit(node)


def _replaced(statement: ast.stmt, node: ast.expr, new: ast.expr) -> ast.stmt:
    """The statement with another expression in a node's place."""

    class _Replaced(ast.NodeTransformer):
        def visit_Call(self, visited: ast.Call) -> ast.AST:  # noqa: N802
            return ast.copy_location(new, node) if visited is node else self.generic_visit(visited)

    return _Replaced().visit(statement)  # type: ignore[no-any-return]


def _first(statement: ast.stmt) -> ast.expr | None:
    """The call that a statement makes before it does anything else."""
    node: ast.expr | None = None
    if isinstance(statement, (ast.If, ast.Assert)):
        node = statement.test
    elif isinstance(statement, (ast.Assign, ast.Return, ast.Expr)):
        node = statement.value
    elif isinstance(statement, ast.For):
        node = statement.iter
    while node is not None:
        inner = _before_all(node)
        if inner is None:
            return node
        node = inner
    return None


def _before_all(node: ast.expr) -> ast.expr | None:
    """What is worked out first in an expression; None when that is a plain call, or unknown."""
    if isinstance(node, ast.UnaryOp):
        return node.operand
    if isinstance(node, (ast.BinOp, ast.Compare)):
        return node.left
    if isinstance(node, ast.BoolOp):
        return node.values[0]
    if isinstance(node, ast.IfExp):
        return node.test
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return node.value
    if isinstance(node, ast.Tuple) and node.elts:
        return node.elts[0]
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and not is_self(node.func.value):
            return node.func.value
        if isinstance(node.func, ast.Name) and node.args:
            return node.args[0] if isinstance(node.args[0], ast.Call) else None
    return None


def _values(function: ast.FunctionDef) -> bool:
    """True when it returns anything but None."""
    returns = [node for node in walk(function.body) if isinstance(node, ast.Return)]
    return any(node.value is not None for node in returns)


def walk(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of some statements."""
    for statement in body:
        yield from ast.walk(statement)


def _names(function: ast.FunctionDef) -> set[str]:
    """All that stand in it."""
    names = {node.id for node in walk(function.body) if isinstance(node, ast.Name)}
    return names | local_names(function)


def _fresh(name: str, taken: set[str]) -> str:
    """A name like it that nobody has; taken from now on."""
    new, count = name, 1
    while new in taken:
        count += 1
        new = f"{name}_{count}"
    taken.add(new)
    return new


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def is_self(node: ast.AST) -> bool:
    """Is it the object of a method?"""
    return isinstance(node, ast.Name) and node.id == "self"
