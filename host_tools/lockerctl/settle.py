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

from lockerctl.scopes import mentioned

SETTLED = "locker.app.settled"
_INNER = (ast.FunctionDef, ast.ClassDef)
# Where these run, nothing is ever let go.
_NEVER_TOGETHER = ("locker.app.locked", "locker.app.locked_report")
# Over when settled.composed() runs: whole modules, and functions of others.
_COMPOSED = {
    "locker.app.attribution": (),
    "locker.app.boot_guard": (
        "_board",
        "_locked",
        "_locked_by_damage",
        "_reactor",
        "_safe_mode",
        "_station",
    ),
    "locker.app.compose": (),
    "locker.app.memory": (),
    "locker.app.opening": (),
    "locker.app.refusal": (),
    "locker.app.stored": (),
    "locker.app.witness": (),
    "hal": ("make",),
    **dict.fromkeys(_NEVER_TOGETHER, ()),
}
# And when settled.connected() runs.
_CONNECTED = {"locker.app.online": ("_report",), "locker.net.uplink": ()}
_Where = Mapping[str, Collection[str]]  # functions by module; all of it where there are none
PHASES: Mapping[str, _Where] = {
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


def settle(trees: Mapping[str, ast.Module], resident: Collection[str], used: set[str]) -> None:
    """Write the statements into the tree of SETTLED, if there is one.

    trees: of all modules by name; resident: those that stay loaded; used: names that somebody
    outside the program uses.
    """
    if SETTLED not in trees:
        return
    program = _Program(trees)
    may_go = [f for f in program.functions if f.module in resident and _is_plain(program, f, used)]
    for phase in (node for node in trees[SETTLED].body if isinstance(node, ast.FunctionDef)):
        gone = program.over(PHASES[phase.name], may_go)
        phase.body = [*_statements(gone)] or [ast.Pass()]
        ast.fix_missing_locations(phase)
        may_go = [function for function in may_go if function not in gone]


class _Program:
    """functions: of every class and module, in the order of the source."""

    def __init__(self, trees: Mapping[str, ast.Module]) -> None:
        self.functions: list[_Function] = []
        self._mentions: dict[str, list[_Mention]] = {}
        for module, tree in trees.items():
            self._look(module, tree.body, "")

    def over(self, where: _Where, may_go: Collection[_Function]) -> list[_Function]:
        """Those of may_go that nothing can call when all of ``where`` has run."""
        ended = self._ended(where)
        gone: set[_Function] = set()
        while True:
            calls_end = ended | gone
            more = {f for f in may_go if self._only_called(f.called, where, calls_end)} - gone
            if not more:
                return [function for function in may_go if function in gone]
            gone |= more

    def _look(self, module: str, body: Iterable[ast.AST], holder: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef) and not holder:
                self._note(module, [*node.bases, *node.decorator_list], None)
                self._look(module, node.body, node.name)
            elif isinstance(node, ast.FunctionDef):
                function = _Function(module, holder, node)
                self.functions.append(function)
                self._note(module, [node.args, *node.decorator_list], None)
                self._note(module, node.body, function)
            else:
                self._note(module, [node], None)

    def _note(self, module: str, nodes: Iterable[ast.AST], within: _Function | None) -> None:
        for top in nodes:
            called = {node.func for node in ast.walk(top) if isinstance(node, ast.Call)}
            called -= set(_later(top))
            for node in ast.walk(top):
                name = node.name if isinstance(node, _INNER) else mentioned(node)
                if name:
                    mention = _Mention(module, within, node in called)
                    self._mentions.setdefault(name, []).append(mention)

    def _ended(self, where: _Where) -> set[_Function]:
        """Functions that run no more: of what is over, but for what something may have kept."""
        named, others = set(), set()
        for function in self.functions:
            names = where.get(function.module)
            if names is None or _is_generator(function.node):
                continue
            if function.node.name in names or function.module in _NEVER_TOGETHER:
                named.add(function)
            elif not names:
                others.add(function)
        while True:
            ended = named | others
            kept = {f for f in others if not self._only_called(f.called, where, ended)}
            if not kept:
                return ended
            others -= kept

    def _only_called(self, name: str, where: _Where, ended: Collection[_Function]) -> bool:
        """True when all that is known of a name are calls that are over."""
        mentions = self._mentions.get(name, ())
        return bool(mentions) and all(
            m.is_call and (m.within in ended or m.within is None and where.get(m.module) == ())
            for m in mentions
        )

    def makes_itself(self, function: _Function) -> bool:
        """May its class be made in another way: cls(), or by the name of the constructor?"""
        return any(
            isinstance(node, ast.Name) and node.id in ("cls", "type", "super")
            for sibling in self.functions
            if (sibling.module, sibling.holder) == (function.module, function.holder)
            for node in ast.walk(sibling.node)
        )


def _is_plain(program: _Program, function: _Function, used: set[str]) -> bool:
    """True for what is only called by its name, and by nobody outside the program."""
    node = function.node
    if node.decorator_list or _is_generator(node):
        return False
    if node.name == "__init__":
        return not program.makes_itself(function)
    return not node.name.startswith("__") and node.name not in used


def _later(top: ast.AST) -> Iterator[ast.AST]:
    """What may run when the function around it has ended long ago."""
    for node in ast.walk(top):
        if isinstance(node, (ast.Lambda, ast.FunctionDef, ast.GeneratorExp)):
            yield from ast.walk(node)


def _is_generator(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function))


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
