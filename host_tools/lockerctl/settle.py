"""What a station needs to start and never again, and the statements that let it go.

The constructor of what is made once, and functions that only the start calls, stay in a device's
heap for nothing: some 10 KB. Here they are found, and locker/app/settled.py gets the statements
that put None in their place once the start is over.

Found means: every mention of the name in the whole program is a call that is over by then. A name
that is handed on as a value, stands in a text, or is mentioned anywhere else stays, whatever it
means there: so nothing is let go that something could still call.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

SETTLED = "locker.app.settled"
# Where these run, nothing is ever let go.
_NEVER_TOGETHER = ("locker.app.locked", "locker.app.locked_report")
# Over when settled.composed() runs: whole modules, and functions of others.
_COMPOSED = {
    "locker.app.attribution": (),
    "locker.app.boot_guard": ("_board", "_locked", "_reactor", "_safe_mode", "_station"),
    "locker.app.compose": (),
    "locker.app.memory": (),
    "locker.app.opening": (),
    "locker.app.stored": (),
    "locker.app.witness": (),
    "hal": ("make",),
    **dict.fromkeys(_NEVER_TOGETHER, ()),
}
# And when settled.connected() runs.
_CONNECTED = {"locker.app.online": ("_report",), "locker.net.uplink": ()}
PHASES: Mapping[str, Mapping[str, Collection[str]]] = {
    "composed": _COMPOSED,
    "connected": {**_COMPOSED, **_CONNECTED},
}


@dataclass(frozen=True, slots=True, eq=False)
class _Function:
    """holder: its class, '' at the top of a module; called: the name that is mentioned."""

    module: str
    holder: str
    node: ast.FunctionDef

    @property
    def called(self) -> str:
        return self.holder if self.node.name == "__init__" else self.node.name


@dataclass(frozen=True, slots=True)
class _Mention:
    """Where a name stands. within: the function; is_call: it is what is called there."""

    module: str
    within: _Function | None
    is_call: bool


def settle(
    trees: Mapping[str, ast.Module], resident: Collection[str], used: Iterable[str]
) -> None:
    """Write the statements into the tree of SETTLED.

    trees: of all modules by name; resident: those that stay loaded; used: names that somebody
    outside the program uses.
    """
    if SETTLED not in trees:
        return
    mentions = _mentions(trees)
    outside = {*used}
    done: set[_Function] = set()
    for phase, over in PHASES.items():
        found = _over(mentions, over, outside)
        new = [f for f in found if f.module in resident and f not in done]
        done.update(new)
        target = next(
            node
            for node in trees[SETTLED].body
            if isinstance(node, ast.FunctionDef) and node.name == phase
        )
        target.body = [*_statements(new)] or [ast.Pass()]
        ast.fix_missing_locations(target)


class _All:
    """functions: of every class and module; names: where each name is mentioned."""

    def __init__(self) -> None:
        self.functions: list[_Function] = []
        self.names: dict[str, list[_Mention]] = {}


def _mentions(trees: Mapping[str, ast.Module]) -> _All:
    found = _All()
    for module, tree in trees.items():
        _look(found, module, tree.body, "", None)
    return found


def _look(
    found: _All, module: str, body: Iterable[ast.AST], holder: str, within: _Function | None
) -> None:
    for node in body:
        if isinstance(node, ast.ClassDef) and within is None and not holder:
            _note(found, module, [*node.bases, *node.decorator_list], within)
            _look(found, module, node.body, node.name, None)
        elif isinstance(node, ast.FunctionDef) and within is None:
            function = _Function(module, holder, node)
            found.functions.append(function)
            _note(found, module, [node.args, *node.decorator_list], within)
            _note(found, module, node.body, function)
        else:
            _note(found, module, [node], within)


def _note(found: _All, module: str, nodes: Iterable[ast.AST], within: _Function | None) -> None:
    for top in nodes:
        called = {node.func for node in ast.walk(top) if isinstance(node, ast.Call)}
        called -= set(_later(top))
        for node in ast.walk(top):
            for name in _named(node):
                mention = _Mention(module, within, node in called)
                found.names.setdefault(name, []).append(mention)


def _later(top: ast.AST) -> Iterator[ast.AST]:
    """What may run when the function around it has ended long ago."""
    for node in ast.walk(top):
        if isinstance(node, (ast.Lambda, ast.FunctionDef, ast.GeneratorExp)):
            yield from ast.walk(node)


def _is_generator(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function))


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name  # an inner one


def _over(found: _All, over: Mapping[str, Collection[str]], used: set[str]) -> list[_Function]:
    """Functions that nothing can call any more, in the order of the source."""
    ended = _ended(found, over)
    gone: set[_Function] = set()
    while True:
        more = [
            function
            for function in found.functions
            if function not in gone and _may_go(function, found, over, ended | gone, used)
        ]
        if not more:
            return [function for function in found.functions if function in gone]
        gone.update(more)


def _ended(found: _All, over: Mapping[str, Collection[str]]) -> set[_Function]:
    """Functions that run no more: of what is over, but for what something may have kept."""
    named, others = set(), set()
    for function in found.functions:
        names = over.get(function.module)
        if names is None or _is_generator(function.node):
            continue
        if function.node.name in names or function.module in _NEVER_TOGETHER:
            named.add(function)
        elif not names:
            others.add(function)
    while True:
        kept = {f for f in others if not _only_called(found, f.called, over, named | others)}
        if not kept:
            return named | others
        others -= kept


def _only_called(
    found: _All, name: str, over: Mapping[str, Collection[str]], ended: set[_Function]
) -> bool:
    """True when all that is known of a name are calls that are over."""
    mentions = found.names.get(name, ())
    return bool(mentions) and all(
        m.is_call and (m.within in ended or m.within is None and over.get(m.module) == ())
        for m in mentions
    )


def _may_go(
    function: _Function,
    found: _All,
    over: Mapping[str, Collection[str]],
    ended: set[_Function],
    used: set[str],
) -> bool:
    name = function.node.name
    if name != "__init__" and (name.startswith("__") or name in used):
        return False
    if function.node.decorator_list or _is_generator(function.node):
        return False
    if name == "__init__" and _makes_itself(found, function):
        return False
    return _only_called(found, function.called, over, ended)


def _makes_itself(found: _All, function: _Function) -> bool:
    """Another way to call a constructor: cls(), or the constructor by its own name."""
    siblings = [f for f in found.functions if f.module == function.module and f.holder]
    return any(
        isinstance(node, ast.Name) and node.id in ("cls", "type", "super")
        for sibling in siblings
        if sibling.holder == function.holder
        for node in ast.walk(sibling.node)
    )


def _statements(functions: Iterable[_Function]) -> Iterator[ast.stmt]:
    for number, function in enumerate(functions):
        package, _, module = function.module.rpartition(".")
        source, place = (
            (function.module, function.holder) if function.holder else (package, module)
        )
        name = f"place_{number}"  # two modules may have classes of one name
        alias = [ast.alias(place, name)]
        yield ast.ImportFrom(source, alias, 0) if source else ast.Import(alias)
        # MicroPython keeps the value of a class's deleted attribute.
        place_now = ast.Attribute(ast.Name(name, ast.Load()), function.node.name, ast.Store())
        yield ast.Assign([place_now], ast.Constant(None))
        yield ast.Delete([ast.Name(name, ast.Del())])
