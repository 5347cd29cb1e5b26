"""The firmware as one program: its modules, what their names mean in each other, and in which
bundle each of them goes onto the device.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lockerctl.errors import Exit, ToolError
from lockerctl.fold import folded, look_over
from lockerctl.scopes import FUNCTION, MODULE, Scope, Scopes, Use, mentioned
from lockerctl.settle import SETTLED, settle

# What always lives together, in the order of loading: a bundle is the modules named here and all
# that they import at their top, but for what lies in an earlier one. Any other module is a bundle
# of its own, in a folder apart (lockerctl.build): few starts need it.
BUNDLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("guard", ("locker.app.boot_guard",)),
    ("sealed", ("locker.storage.sealed",)),
    ("board", ("locker.core.board", "locker.core.analog_rules")),
    ("hal", ("hal",)),
    # All that safe mode needs: what fails may be the rest.
    (
        "base",
        (
            "locker.app.reactor",
            "locker.core.codes",
            "locker.core.messages",
            "locker.drivers.display",
            "locker.drivers.signals",
            "locker.storage.texts",
        ),
    ),
    ("stored", ("locker.app.stored",)),
    (
        "station",
        (
            "locker.app.book",
            "locker.app.desk",
            "locker.app.door_task",
            "locker.app.housekeeping_task",
            "locker.app.panel_task",
            "locker.app.station",
            "locker.app.supervisor",
            "locker.app.time_task",
            "locker.app.vault",
            "locker.core.bank",
            "locker.core.wire",
            "locker.drivers.ds3231",
            "locker.drivers.keypad",
            "locker.drivers.solenoid",
            "locker.storage.cells",
            "locker.storage.journal",
        ),
    ),
    # Needed at several times, and dropped each time.
    ("keys", ("locker.core.keys",)),
    ("window", ("locker.core.window",)),
    ("people", ("locker.core.people",)),
    ("tickets", ("locker.core.tickets",)),
    ("opening", ("locker.app.attribution", "locker.app.opening", "locker.app.witness")),
    ("compose", ("locker.app.compose",)),
    ("shred_task", ("locker.app.shred_task",)),
    ("online", ("locker.app.online",)),
    ("frames", ("locker.net.backoff", "locker.net.links", "locker.net.stream")),
    ("mqtt", ("locker.net.codec", "locker.net.mqtt")),
    ("uplink", ("locker.net.uplink",)),
    ("report", ("locker.app.report_task",)),
)

# Those that every station keeps while it runs; all others are let go again, or are of an option.
RESIDENT = ("guard", "hal", "base", "station", "frames", "mqtt", "uplink", "report")


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a module of ours binds at its top, or a module itself (no name)."""

    module: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """What an import brings from MicroPython; a whole module has no name."""

    module: str
    name: str = ""


Meaning = Symbol | Outside


class Unit:
    """One module. links: what its imports bind, by scope and name; label: of its file, for
    people.
    """

    def __init__(self, name: str, label: str, text: str) -> None:
        self.name = name
        self.label = label
        self.take(stripped(ast.parse(text)))

    def take(self, tree: ast.Module) -> None:
        """This tree, not linked yet, is what it is from now on."""
        self.tree = tree
        self.scopes = Scopes(tree)
        self.links: dict[tuple[Scope, str], Meaning] = {}
        self.titles = dict(_titles(tree, ""))
        self.use_of = {use.node: use for use in self.scopes.uses}

    def link(self, modules: Iterable[str]) -> None:
        """Find out what the imports bind. ToolError for an import that cannot be followed."""
        known = set(modules)
        for node in self.imports():
            for alias in node.names:
                name = alias.asname or alias.name
                meaning = _meaning(node, alias.name, known)
                if "." in name:
                    raise ToolError(
                        Exit.REFUSED, f"{self.label}: import {name}: say from ... import"
                    )
                self.links[self.scopes.of[node], name] = meaning

    def imports(self) -> Iterator[ast.Import | ast.ImportFrom]:
        """Every import statement, in any scope."""
        for node in self.scopes.of:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node

    def meaning(self, use: Use) -> Meaning | None:
        """Of a name, when it is bound at the top of a module or by an import."""
        if use.scope is None:
            return None
        found = self.links.get((use.scope, use.name))
        if found is None and use.scope.kind == MODULE:
            return Symbol(self.name, use.name)
        return found

    def at_top(self) -> set[str]:
        """Modules of ours that importing this one imports."""
        return {
            meaning.module
            for (scope, _), meaning in self.links.items()
            if scope.kind != FUNCTION and isinstance(meaning, Symbol)
        }


class Program:
    """units: by name; bundles: the units of each, in the order of their statements."""

    def __init__(
        self,
        units: Iterable[Unit],
        table: Sequence[tuple[str, tuple[str, ...]]],
        used: Collection[str],
    ) -> None:
        """used: names that somebody outside uses; functions that nobody uses (only the host) are
        left out. Methods stay: an object may go to somebody outside.
        """
        self.units = {unit.name: unit for unit in units}
        _leave_out_unused([unit.tree for unit in self.units.values()], {*used})
        known = look_over(unit.tree for unit in self.units.values())
        for unit in self.units.values():
            unit.take(folded(unit.tree, known))
            unit.link(self.units)
        self._let_go(table, {*used})
        self.bundles = {name: self._ordered(names) for name, names in self._grouped(table)}
        self.place = {unit.name: name for name, group in self.bundles.items() for unit in group}
        for unit in self.units.values():
            self._name_bundles(unit)

    def _let_go(self, table: Sequence[tuple[str, tuple[str, ...]]], used: set[str]) -> None:
        """Tell the device what it may let go once it has started."""
        resident = [m for name, group in self._grouped(table) if name in RESIDENT for m in group]
        settle({name: unit.tree for name, unit in self.units.items()}, resident, used)
        settled = self.units.get(SETTLED)
        if settled is not None:
            settled.take(settled.tree)
            settled.link(self.units)

    def follow(self, meaning: Meaning) -> Meaning:
        """Past every module that only hands it on."""
        while isinstance(meaning, Symbol) and meaning.name:
            unit = self.units[meaning.module]
            further = unit.links.get((unit.scopes.module, meaning.name))
            if further is None:
                if meaning.name not in unit.scopes.module.names:
                    text = f"{unit.label} has no {meaning.name}, which somebody imports"
                    raise ToolError(Exit.REFUSED, text)
                return meaning
            meaning = further
        return meaning

    def _grouped(
        self, table: Sequence[tuple[str, tuple[str, ...]]]
    ) -> Iterator[tuple[str, list[str]]]:
        taken: set[str] = set()
        roots = {root for _, names in table for root in names}
        for name, names in table:
            group: list[str] = []
            waiting = [root for root in names if root in self.units]
            while waiting:
                module = waiting.pop()
                if module not in taken:
                    taken.add(module)
                    group.append(module)
                    waiting += sorted(self.units[module].at_top() - taken - (roots - {*names}))
            if group:
                yield name, group
        for module in sorted(self.units.keys() - taken):
            yield _own_name(module), [module]

    def _ordered(self, names: Iterable[str]) -> list[Unit]:
        """Each after what it imports at its top. ToolError for a circle."""
        waiting, ordered = sorted(names), []
        while waiting:
            ready = [
                name for name in waiting if not self.units[name].at_top() & {*waiting} - {name}
            ]
            if not ready:
                raise ToolError(Exit.REFUSED, f"these import each other: {', '.join(waiting)}")
            ordered += ready
            waiting = [name for name in waiting if name not in ready]
        return [self.units[name] for name in ordered]

    def _name_bundles(self, unit: Unit) -> None:
        """drop() lets whole bundles go: a call has to name every module of one, and names the
        bundle on the device.
        """
        for call in ast.walk(unit.tree):
            if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("drop"):
                continue
            named = {f"locker.{name}" for name in map(ast.literal_eval, call.args)}
            for module in named & self.place.keys():
                group = {member.name for member in self.bundles[self.place[module]]}
                if group - named:
                    text = f"{unit.label}: with {module} goes {sorted(group - named)}"
                    raise ToolError(Exit.REFUSED, text, "drop them too, or change BUNDLES")
            bundles = sorted({self.place[module] for module in named if module in self.place})
            call.args = [ast.copy_location(ast.Constant(name), call) for name in bundles]


def _leave_out_unused(trees: Sequence[ast.Module], used: set[str]) -> None:
    while True:
        names = used.union(*map(_used, trees))
        unused = [
            (tree.body, node)
            for tree in trees
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name not in names
        ]
        if not unused:
            return
        for body, node in unused:
            body.remove(node)


def _used(tree: ast.Module) -> Iterator[str]:
    """Every name and text in a module, and what MicroPython itself calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.FunctionDef):
            yield node.name if node.name.startswith("__") else ""
        else:
            yield mentioned(node)


def _titles(tree: ast.AST, within: str) -> Iterator[tuple[ast.AST, str]]:
    """Each function and class with its name, dots in it, as a traceback would have it."""
    for node in ast.iter_child_nodes(tree):
        title = within
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            title = f"{within}.{node.name}" if within else node.name
            yield node, title
        yield from _titles(node, title)


def _meaning(node: ast.Import | ast.ImportFrom, name: str, known: set[str]) -> Meaning:
    if isinstance(node, ast.Import):
        return Symbol(name) if name in known else Outside(name)
    module = node.module or ""
    if f"{module}.{name}" in known:
        return Symbol(f"{module}.{name}")
    return Symbol(module, name) if module in known else Outside(module, name)


def _own_name(module: str) -> str:
    return module.rpartition(".")[2] if module.startswith("locker.") else module.replace(".", "_")


def stripped(tree: ast.Module) -> ast.Module:
    """A tree without what the device never looks at; changed in place."""
    bare: ast.Module = _Strip().visit(tree)
    return ast.fix_missing_locations(bare)


_WITH_BODY = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.If,
    ast.For,
    ast.While,
    ast.Try,
    ast.With,
    ast.ExceptHandler,
)


class _Strip(ast.NodeTransformer):
    """Without what the device never looks at: documentation, annotations, type checking."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:  # noqa: N802 - ast's names
        """Documentation."""
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Pass(self, _node: ast.Pass) -> None:  # noqa: N802
        """Bodies that end up empty get another."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt] | None:  # noqa: N802
        """``if 0:`` is what the constants leave of TYPE_CHECKING."""
        if ast.unparse(node.test) in ("0", "TYPE_CHECKING"):
            return [self.visit(statement) for statement in node.orelse]
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:  # noqa: N802
        """``x: int = 1`` is ``x = 1``."""
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], self.visit(node.value)), node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Its name only."""
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # noqa: N802
        """Without what it returns."""
        node.returns = None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:  # noqa: N802
        """As a function."""
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """A body that ends up empty gets a statement."""
        super().generic_visit(node)
        if isinstance(node, _WITH_BODY) and not node.body:
            node.body = [ast.copy_location(ast.Pass(), node)]
        return node


BUILTINS = frozenset(dir(builtins))
