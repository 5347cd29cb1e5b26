"""Private functions that are called in one place only, written into that place.

A function costs a board some 45 bytes beside its code (object, prelude, an entry in its class, the
rounding of both to the heap's blocks), and time for each call. Small functions are for readers;
the device gets them folded. Every statement keeps its line, so a traceback still leads to the
source, though it names the function that it was folded into.

Only what is plainly the same is folded: see _is_plain() and lockerctl.placing. The rest stays a
call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lockerctl.placing import Call, is_self, local_names, outer_names, placed, walk

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
            elif isinstance(node, ast.Attribute) and not is_self(node.value):
                reached.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                reached.add(node.value)
            elif isinstance(node, ast.ImportFrom):
                reached |= {alias.name for alias in node.names}
    return Known(frozenset(extended), frozenset(reached))


def folded(tree: ast.Module, known: Known) -> ast.Module:
    """The module, changed in place, with as few functions as can be."""
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
            if _is_plain(function, is_class) and _fold(tree, home, function, is_class):
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


def _is_plain(function: ast.FunctionDef, is_method: bool) -> bool:
    """True for a private function of nothing but statements and parameters."""
    args = function.args
    if not function.name.startswith("_") or function.name.startswith("__"):
        return False
    if function.decorator_list or args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs:
        return False
    if is_method and (not args.args or args.args[0].arg != "self"):
        return False
    return not any(isinstance(node, _ITS_OWN) for node in walk(function.body))


def _fold(
    tree: ast.Module, home: list[ast.stmt], function: ast.FunctionDef, is_method: bool
) -> bool:
    call = next(_calls(home if is_method else tree.body, function.name, is_method), None)
    if call is None or call.caller is function or _never_ends(call.caller):
        return False
    given = _given(function, call.node, is_method)
    # What the function finds outside, the caller must not have as its own.
    if given is None or outer_names(function) & local_names(call.caller):
        return False
    body = placed(function, call, given)
    if body is None:
        return False
    call.block[call.index : call.index + 1] = body
    return True


def _calls(scope: list[ast.stmt], name: str, is_method: bool) -> Iterator[Call]:
    """Calls in functions, outside of scopes that a function holds."""
    for caller in _functions(scope):
        for block, index, is_tail in _blocks(caller.body, True):
            for node in _own_nodes(block[index]):
                if not isinstance(node, ast.Call):
                    continue
                func = node.func
                is_it = (
                    isinstance(func, ast.Attribute) and is_self(func.value) and func.attr == name
                    if is_method
                    else isinstance(func, ast.Name) and func.id == name
                )
                if is_it:
                    yield Call(node, caller, block, index, is_tail)


def _functions(scope: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
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


def _never_ends(function: ast.FunctionDef) -> bool:
    """Its local variables would be kept for ever."""
    return any(
        isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
        for node in walk(function.body)
    )


def _given(
    function: ast.FunctionDef, call: ast.Call, is_method: bool
) -> dict[str, ast.expr] | None:
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
