"""Private functions that are called in one place only, written into that place.

A function costs a board some 45 bytes beside its code (object, prelude, an entry in its class, the
rounding of both to the heap's blocks), and time for each call. Small functions are for readers;
the device gets them folded. Every statement keeps its line, so a traceback still leads to the
source, though it names the function that it was folded into.

Only what is plainly the same is folded: see _why_not() and _placed(). The rest stays a call.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

_Function = ast.FunctionDef
_NESTED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
# What keeps a function from being folded: scopes and generators of its own; an import's module
# would live as long as the caller, who may want to let it go.
_ITS_OWN = (
    *_NESTED,
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
    ast.Global,
    ast.Nonlocal,
    ast.Import,
    ast.ImportFrom,
    ast.NamedExpr,
    ast.Starred,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the other modules of a program do. extended: classes that some class extends; reached:
    private names that are asked of anything but self, or stand in a text.
    """

    extended: frozenset[str]
    reached: frozenset[str]


def look_over(trees: Iterable[ast.Module]) -> Known:
    """All modules of a program."""
    extended: set[str] = set()
    reached: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                extended |= {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            elif isinstance(node, ast.Attribute) and not _is_self(node.value):
                reached.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                reached.add(node.value)
            elif isinstance(node, ast.ImportFrom):
                reached |= {alias.name for alias in node.names}
    return Known(frozenset(extended), frozenset(reached))


def folded(tree: ast.Module, known: Known) -> ast.Module:
    """The module, changed in place, with as little functions as can be."""
    while _fold_one(tree, known):
        pass
    return ast.fix_missing_locations(tree)


def _fold_one(tree: ast.Module, known: Known) -> bool:
    homes: list[tuple[list[ast.stmt], bool]] = [(tree.body, False)]
    homes += [
        (node.body, True)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.bases and node.name not in known.extended
    ]
    for home, is_class in homes:
        scope: list[ast.stmt] = home if is_class else tree.body
        uses = _uses(scope, is_class)
        for function in [node for node in home if isinstance(node, ast.FunctionDef)]:
            if function.name in known.reached or len(uses.get(function.name, ())) != 1:
                continue
            if _why_not(function, is_class) == "" and _fold(tree, home, function, is_class):
                home.remove(function)
                return True
    return False


def _uses(scope: list[ast.stmt], is_class: bool) -> dict[str, list[ast.AST]]:
    found: dict[str, list[ast.AST]] = {}
    for statement in scope:
        for node in ast.walk(statement):
            if is_class and isinstance(node, ast.Attribute):
                found.setdefault(node.attr, []).append(node)
            elif not is_class and isinstance(node, ast.Name):
                found.setdefault(node.id, []).append(node)
    return found


def _why_not(function: _Function, is_method: bool) -> str:
    """What stands against folding a function anywhere; '' for nothing."""
    args = function.args
    if not function.name.startswith("_") or function.name.startswith("__"):
        return "others may call it"
    if function.decorator_list or args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs:
        return "it is not a plain one"
    if is_method and (not args.args or args.args[0].arg != "self"):
        return "it has no self"
    if any(isinstance(node, _ITS_OWN) for node in _walk(function.body)):
        return "it has a scope of its own"
    return ""


# --- one call ---


@dataclass(slots=True)
class _Call:
    """Where the only call stands: block[index] is its statement, in a function's body."""

    node: ast.Call
    caller: _Function
    block: list[ast.stmt]
    index: int
    is_tail: bool

    @property
    def statement(self) -> ast.stmt:
        return self.block[self.index]


def _fold(tree: ast.Module, home: list[ast.stmt], function: _Function, is_method: bool) -> bool:
    call = next(_calls(home if is_method else tree.body, function.name, is_method), None)
    if call is None or call.caller is function or _never_ends(call.caller):
        return False
    given = _given(function, call.node, is_method)
    if given is None or _hidden(function) & _locals(call.caller):
        return False
    body = _placed(function, call, given)
    if body is None:
        return False
    call.block[call.index : call.index + 1] = body
    return True


def _calls(scope: list[ast.stmt], name: str, is_method: bool) -> Iterator[_Call]:
    """Calls in functions, outside of scopes that a function holds."""
    for caller in _functions(scope):
        for block, index, is_tail in _blocks(caller.body, True):
            for node in _own_nodes(block[index]):
                if not isinstance(node, ast.Call):
                    continue
                func = node.func
                is_it = (
                    isinstance(func, ast.Attribute) and _is_self(func.value) and func.attr == name
                    if is_method
                    else isinstance(func, ast.Name) and func.id == name
                )
                if is_it:
                    yield _Call(node, caller, block, index, is_tail)


def _functions(scope: list[ast.stmt]) -> Iterator[_Function]:
    for node in scope:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def _blocks(block: list[ast.stmt], is_tail: bool) -> Iterator[tuple[list[ast.stmt], int, bool]]:
    """Every statement with its block; is_tail: nothing of the function comes after it."""
    for index, statement in enumerate(block):
        last = is_tail and index == len(block) - 1
        yield block, index, last
        for inner in _inner_blocks(statement):
            yield from _blocks(inner, last and isinstance(statement, ast.If))


def _inner_blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(statement, name, None)
        if inner:
            yield inner
    for handler in getattr(statement, "handlers", ()):
        yield handler.body


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Expressions of the statement itself, without inner statements and scopes."""
    waiting = [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr)]
    if isinstance(statement, ast.With):
        waiting = [item.context_expr for item in statement.items]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _NESTED):
            waiting += [
                child.value if isinstance(child, ast.keyword) else child
                for child in ast.iter_child_nodes(node)
                if isinstance(child, (ast.expr, ast.keyword))
            ]


def _never_ends(function: _Function) -> bool:
    """Its local variables would be kept for ever."""
    return any(
        isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
        for node in _walk(function.body)
    )


def _given(function: _Function, call: ast.Call, is_method: bool) -> dict[str, ast.expr] | None:
    """The value of each parameter, in the order in which the call has them; None for a call that
    is not plain.
    """
    args = function.args
    names = [arg.arg for arg in args.args][int(is_method) :]
    if any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        given[keyword.arg] = keyword.value
    for name, default in zip(reversed(names), reversed(args.defaults), strict=False):
        if name not in given and not isinstance(default, ast.Constant):
            return None
        given.setdefault(name, default)
    return given if given.keys() == {*names} else None


# --- the body in its place ---


def _placed(
    function: _Function, call: _Call, given: Mapping[str, ast.expr]
) -> list[ast.stmt] | None:
    """The statements that take the place of the call's; None when it has to stay."""
    statement, node = call.statement, call.node
    if isinstance(statement, ast.Return) and statement.value is node:
        body = _bound(function, call, given)
        return body if _always_leaves(body) else [*body, ast.Return(None)]
    if isinstance(statement, ast.Expr) and statement.value is node:
        if call.is_tail and not _values(function):
            return _bound(function, call, given)
        return _ended(_bound(function, call, given), _thrown_away)
    if isinstance(statement, ast.Assign) and statement.value is node:
        if len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            return _ended(_bound(function, call, given), lambda value: [_assign(name, value)])
        return None
    return _in_expression(function, call, given)


def _in_expression(
    function: _Function, call: _Call, given: Mapping[str, ast.expr]
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
    before = _ended(_bound(function, call, given), lambda value: [_assign(name, value)])
    if before is None:
        return None
    return [*before, _replaced(call.statement, call.node, ast.Name(name, ast.Load()))]


def _substituted(
    function: _Function, call: _Call, given: Mapping[str, ast.expr]
) -> ast.expr | None:
    """The value of a function that is one return; None when an argument would be worked out at
    another time, or more than once.
    """
    value = function.body[0].value  # type: ignore[attr-defined]
    if any(not _is_fixed(arg, call.caller) for arg in given.values()):
        return None
    return _Renamed({}, given).visit(copy.deepcopy(value))  # type: ignore[no-any-return]


def _bound(function: _Function, call: _Call, given: Mapping[str, ast.expr]) -> list[ast.stmt]:
    """Its body with names of its own and its parameters set."""
    body = copy.deepcopy(function.body)
    taken = _names(call.caller) | _hidden(function)
    stored = _stored(body)
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


def _is_fixed(arg: ast.expr, caller: _Function) -> bool:
    """True for what has the same value whenever it is asked for."""
    if isinstance(arg, ast.Constant):
        return True
    shared = any(isinstance(node, ast.Nonlocal) for node in _walk(caller.body))
    return isinstance(arg, ast.Name) and arg.id in _locals(caller) and not shared


def _locals(caller: _Function) -> set[str]:
    return {arg.arg for arg in caller.args.args} | _stored(caller.body)


def _hidden(function: _Function) -> set[str]:
    """Names that it finds outside: the caller must not have them as its own."""
    own = {arg.arg for arg in function.args.args} | _stored(function.body)
    return _names(function) - own


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
        if isinstance(node.func, ast.Attribute) and not _is_self(node.func.value):
            return node.func.value
        if isinstance(node.func, ast.Name) and node.args and not _is_self(node.func):
            return node.args[0] if isinstance(node.args[0], ast.Call) else None
    return None


# --- without returns ---


class _Stays(Exception):  # noqa: N818 - no error: the call stays a call
    """The returns of a function cannot be put into ifs."""


_Emit = Callable[[ast.expr], list[ast.stmt]]


def _ended(body: list[ast.stmt], emit: _Emit) -> list[ast.stmt] | None:
    """The body with ``emit(value)`` where it returned, and nothing after that; None when its
    returns stand where that cannot be said with ifs.
    """
    try:
        return _end(body, emit) or [ast.Pass()]
    except _Stays:
        return None


def _end(block: list[ast.stmt], emit: _Emit) -> list[ast.stmt]:
    out: list[ast.stmt] = []
    for index, statement in enumerate(block):
        if isinstance(statement, ast.Return):
            value = statement.value or ast.Constant(None)
            return [*out, *(ast.copy_location(made, statement) for made in emit(value))]
        out.append(statement)
        if _has_return(statement):
            _end_inside(statement, block[index + 1 :], emit)
            return out
        if _always_leaves([statement]):
            return out
    return [*out, *emit(ast.Constant(None))]


def _end_inside(statement: ast.stmt, rest: list[ast.stmt], emit: _Emit) -> None:
    """The same in a statement, which takes up what comes after it."""
    if isinstance(statement, ast.If):
        if _always_leaves(statement.body):
            statement.orelse = [*statement.orelse, *rest]
        elif statement.orelse and _always_leaves(statement.orelse):
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


def _always_leaves(block: list[ast.stmt]) -> bool:
    """Nothing after it is ever reached."""
    last = block[-1] if block else None
    if isinstance(last, ast.If):
        return _always_leaves(last.body) and _always_leaves(last.orelse)
    if isinstance(last, ast.With):
        return _always_leaves(last.body)
    return isinstance(last, (ast.Return, ast.Raise))


def _thrown_away(value: ast.expr) -> list[ast.stmt]:
    return [] if isinstance(value, (ast.Constant, ast.Name)) else [ast.Expr(value)]


def _values(function: _Function) -> bool:
    """True when it returns anything but None."""
    returns = [node for node in _walk(function.body) if isinstance(node, ast.Return)]
    return any(node.value is not None for node in returns)


# --- names ---


def _walk(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def _names(function: _Function) -> set[str]:
    """All that stand in it."""
    names = {node.id for node in _walk(function.body) if isinstance(node, ast.Name)}
    return names | {arg.arg for arg in function.args.args} | _stored(function.body)


def _stored(body: Iterable[ast.stmt]) -> set[str]:
    """Names that it binds."""
    stored: set[str] = set()
    for node in _walk(body):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            stored.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            stored |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef):
            stored.add(node.name)
    return stored


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


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
