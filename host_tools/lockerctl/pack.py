"""The modules of the firmware joined into few, with names that cost the device no heap.

A module on the device costs some 330 bytes beside its code, each name 18, and ``ticks.diff`` two
look-ups where a name of the same module takes one. Here the modules of a bundle become one, each
after those that it imports, and all names are those of lockerctl.naming. The source tree stays as
it is, and Bundle.lines leads back to it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lockerctl.errors import Exit, ToolError
from lockerctl.layout import Line, lines, shortened
from lockerctl.naming import Names, module_of, refuse_modules
from lockerctl.program import RESIDENT, Meaning, Outside, Program, Symbol, Unit
from lockerctl.scopes import CLASS, MODULE, Scope, Use

_CONSTANTS = (ast.Tuple, ast.Constant, ast.UnaryOp, ast.unaryop, ast.expr_context)
_KEPT_CHARACTERS = 10
_IN_EVERY_IMAGE = {"", " ", "\n", "*", "/", "_"}
# MicroPython looks for these of its modules in every folder of the path first, those of them that
# we use (MP_REGISTER_EXTENSIBLE_MODULE in its source).
_EXTENSIBLE = frozenset(
    ("binascii", "errno", "hashlib", "json", "machine", "os", "select", "socket", "struct", "time")
)
_LOOK_NOWHERE = "import sys; folders = sys.path[:]; sys.path.clear()"
_LOOK_AGAIN = "sys.path.extend(folders); del folders"


@dataclass(frozen=True, slots=True)
class Bundle:
    """name: of its file on the device; lines: where each line of the text comes from."""

    name: str
    text: str
    lines: tuple[Line, ...]


def packed(program: Program, names: Names, image: Iterable[str] = ()) -> Iterator[Bundle]:
    """Every bundle of a program, which is used up. ToolError for what cannot be joined.

    image: strings that the device holds anyway.
    """
    shared = _shared(program)
    stay = {*image, *program.bundles, *_IN_EVERY_IMAGE}
    for name in RESIDENT:
        stay |= set(_strings(program.bundles.get(name, ())))
    for name, units in program.bundles.items():
        kept = None if name in RESIDENT else stay
        yield _Joined(program, names, name, shared).bundle(units, kept)


def _shared(program: Program) -> dict[str, Outside]:
    """What bundles import of MicroPython's extensible modules, by its name. The first bundle does
    that for all of them: the device looks through its files at each such import (9 ms and more),
    in case somebody has put a module of that name there.
    """
    shared: dict[str, Outside] = {}
    for unit in program.units.values():
        for use in unit.scopes.uses:
            if isinstance(use.node, ast.Name) and use.scope and use.scope.kind == MODULE:
                meaning = unit.meaning(use)
                found = program.follow(meaning) if meaning else None
                if isinstance(found, Outside) and found.module in _EXTENSIBLE:
                    shared[use.name] = found
    return shared


def _strings(units: Iterable[Unit]) -> Iterator[str]:
    for unit in units:
        for node in ast.walk(unit.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def adapted(program: Program, names: Names, unit: Unit) -> str:
    """A script from outside that works with the bundles, such as main.py."""
    unit.link(program.units)
    refuse_modules(program, unit)
    return _Joined(program, names, "").bundle([unit]).text


class _Joined:
    """One bundle in the making; without a name it is a script of somebody else."""

    def __init__(
        self,
        program: Program,
        names: Names,
        name: str,
        shared: Mapping[str, Outside] | None = None,
    ) -> None:
        self._shared = shared or {}
        self._first = next(iter(program.bundles))
        self._is_first = name == self._first
        self._program = program
        self._names = names
        self._name = name
        self._is_script = not name
        self._outside: dict[str, ast.stmt] = {}
        self._others: dict[str, set[str]] = {}

    def bundle(self, units: list[Unit], stay: Collection[str] | None = None) -> Bundle:
        """Its text. stay: of a bundle that is let go, strings that outlive it."""
        body: list[ast.stmt] = []
        origin: list[Unit | None] = []
        for unit in units:
            statements = _Rewritten(self, unit).body()
            body += statements
            origin += [unit] * len(statements)
        top = self._imports()
        tree = ast.Module([*top, *body], [])
        if stay is not None:
            _Passing(stay).visit(tree)
        text = shortened(ast.unparse(ast.fix_missing_locations(tree)))
        origin = [*([None] * len(top)), *origin]
        return Bundle(self._name, text, tuple(lines(tree, text, origin)))

    def _imports(self) -> list[ast.stmt]:
        if self._is_first:
            for name, meaning in self._shared.items():
                self._bring(meaning, name)
        top = [self._outside[key] for key in sorted(self._outside)]
        if self._is_first:
            top = [*ast.parse(_LOOK_NOWHERE).body, *top, *ast.parse(_LOOK_AGAIN).body]
        for place in sorted(self._others):
            aliases = [ast.alias(name) for name in sorted(self._others[place])]
            top.append(ast.ImportFrom(place, aliases, 0))
        return top

    def symbol(self, meaning: Symbol | Outside, text: str) -> str:
        """The name in this bundle of what a module binds at its top; sees to its import."""
        meaning = self._program.follow(meaning)
        if isinstance(meaning, Outside):
            if self._shared.get(text) == meaning and not self._is_first:
                self._others.setdefault(self._first, set()).add(text)
            else:
                self._bring(meaning, text)
            return text
        name = self._names.symbols.get(meaning, meaning.name)
        place = self._program.place.get(meaning.module)
        if place is not None and place != self._name:
            self._others.setdefault(place, set()).add(name)
        return name

    def has(self, scope: Scope | None, meaning: Meaning) -> bool:
        """True for what this bundle holds, or imports at its top."""
        target = self._program.follow(meaning)
        is_here = isinstance(target, Symbol) and self._program.place[target.module] == self._name
        return is_here or self.imports_at_top(scope)

    def imports_at_top(self, scope: Scope | None) -> bool:
        """True where import statements go: the bundle has its own. A script keeps them."""
        return not self._is_script and scope is not None and scope.kind == MODULE

    def attribute(self, text: str) -> str:
        """The new name of an attribute."""
        return self._names.attributes.get(text, text)

    def keyword(self, text: str) -> str:
        """The new name of a keyword."""
        return self._names.keywords.get(text, text)

    def other(self, meaning: Symbol) -> tuple[str, str]:
        """Bundle and name there, of what another bundle has; no name for a whole module."""
        found = self._program.follow(meaning)
        if isinstance(found, Outside):
            raise ToolError(Exit.REFUSED, f"{meaning.module}.{meaning.name} is not its own")
        place = self._program.place[found.module]
        return place, self._names.symbols[found] if found.name else ""

    def new_name(self, unit: Unit, use: Use) -> str:
        """What a name is called now."""
        meaning = unit.meaning(use)
        scope = use.scope
        if scope is None or self._is_script and scope.kind != CLASS:
            return use.name
        if scope.kind == MODULE and meaning is not None:
            return self.symbol(meaning, use.name)
        if isinstance(meaning, Symbol) and meaning.name and self.has(scope, meaning):
            return self.symbol(meaning, use.name)
        if scope.kind == CLASS:
            return self.attribute(use.name)
        return self._names.local(use)

    def text(self, value: str) -> str:
        """A string; one that is a module's name is its bundle's."""
        return self._program.place.get(value, value)

    def _bring(self, meaning: Outside, text: str) -> None:
        alias = ast.alias(meaning.name or meaning.module, None)
        if alias.name != text:
            alias.asname = text
        whole = ast.Import([alias])
        self._outside[text] = ast.ImportFrom(meaning.module, [alias], 0) if meaning.name else whole


class _Rewritten(ast.NodeTransformer):
    """The statements of one module as they stand in a bundle."""

    def __init__(self, joined: _Joined, unit: Unit) -> None:
        self._joined = joined
        self._unit = unit
        self._later: list[tuple[Use, str]] = []

    def body(self) -> list[ast.stmt]:
        """All of them."""
        for use in self._unit.scopes.uses:
            if not isinstance(use.node, ast.Name):
                self._later.append((use, self._joined.new_name(self._unit, use)))
        body: list[ast.stmt] = self.visit(self._unit.tree).body
        return body

    def visit_Module(self, node: ast.Module) -> ast.Module:  # noqa: N802 - ast's names
        """Names are all read before the first is written."""
        self.generic_visit(node)
        for use, name in self._later:
            use.rename(name)
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:  # noqa: N802
        """Renamed."""
        use = self._unit.use_of[node]
        name = self._joined.new_name(self._unit, use)
        return ast.copy_location(ast.Name(name, node.ctx), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:  # noqa: N802
        """Of a module of ours, of another module, or of anything else."""
        module = module_of(self._unit, node)
        if isinstance(module, Symbol):
            return self._of_ours(node, module)
        name = node.attr if module else self._joined.attribute(node.attr)
        return ast.copy_location(ast.Attribute(self.visit(node.value), name, node.ctx), node)

    def _of_ours(self, node: ast.Attribute, module: Symbol) -> ast.expr:
        wanted = Symbol(module.module, node.attr)
        if self._joined.has(self._unit.use_of[node.value].scope, wanted):
            name = self._joined.symbol(wanted, node.attr)
            return ast.copy_location(ast.Name(name, node.ctx), node)
        name = self._joined.other(wanted)[1]
        return ast.copy_location(ast.Attribute(self.visit(node.value), name, node.ctx), node)

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        """Of a call."""
        name = self._joined.keyword(node.arg) if node.arg else None
        return ast.keyword(name, self.visit(node.value))

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:  # noqa: N802
        """Names of modules in strings."""
        if isinstance(node.value, str):
            return ast.copy_location(ast.Constant(self._joined.text(node.value)), node)
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST | list[ast.stmt]:  # noqa: N802
        """As ImportFrom."""
        return self._import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt]:  # noqa: N802
        """At the top of a module the bundle's own imports take its place."""
        return self._import(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
        scope = self._unit.scopes.of[node]
        if self._joined.imports_at_top(scope):
            return []
        made = [self._one_import(node, scope, alias) for alias in node.names]
        kept = [ast.copy_location(statement, node) for statement in made if statement]
        return kept or [ast.copy_location(ast.Pass(), node)]

    def _one_import(
        self, node: ast.Import | ast.ImportFrom, scope: Scope, alias: ast.alias
    ) -> ast.stmt | None:
        bound = alias.asname or alias.name
        meaning = self._unit.links[scope, bound]
        use = Use(ast.Name(bound), "id", scope, scope)
        local = self._joined.new_name(self._unit, use)
        if isinstance(meaning, Outside):
            again = ast.alias(alias.name, local if local != alias.name else None)
            if isinstance(node, ast.Import):
                return ast.Import([again])
            return ast.ImportFrom(node.module, [again], 0)
        if self._joined.has(None, meaning):
            return None
        place, name = self._joined.other(meaning)
        if name:
            return ast.ImportFrom(place, [ast.alias(name, local if local != name else None)], 0)
        return ast.Import([ast.alias(place, local if local != place else None)])


class _Passing(ast.NodeTransformer):
    """Strings that go when their bundle goes.

    The device keeps a short string of a program for ever, as a name (up to 10 characters,
    MICROPY_ALLOC_PARSE_INTERN_STRING_LEN); one in a constant tuple is an object like any other.
    """

    def __init__(self, stay: Collection[str]) -> None:
        self._stay = stay

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:  # noqa: N802
        """A constant one is left as it is."""
        is_constant = all(isinstance(inner, _CONSTANTS) for inner in ast.walk(node))
        return node if is_constant else self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:  # noqa: N802
        """Is no constant."""
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:  # noqa: N802
        """A string becomes the item of a tuple."""
        value = node.value
        if not isinstance(value, str) or len(value) > _KEPT_CHARACTERS or value in self._stay:
            return node
        item = ast.Subscript(ast.Tuple([node], ast.Load()), ast.Constant(0), ast.Load())
        return ast.copy_location(item, node)
