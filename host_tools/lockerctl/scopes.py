"""Where each identifier of a module is bound: Python's scoping rules on a syntax tree.

The standard library's symtable knows scopes but not which node a name stands in, and the packer
has to change nodes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MODULE, CLASS, FUNCTION = "module", "class", "function"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False)
class Scope:
    """names: bound here; parameters: of them, in order; elsewhere: declared global or nonlocal.

    function: the tree of a function's scope.
    """

    kind: str
    parent: Scope | None = None
    names: set[str] = field(default_factory=set)
    parameters: list[str] = field(default_factory=list)
    elsewhere: dict[str, str] = field(default_factory=dict)
    function: ast.AST | None = None

    def binds(self, name: str) -> Scope | None:
        """The scope that a name used here means; None for a builtin, or what nobody binds."""
        scope: Scope | None = self
        while scope is not None:
            if scope.elsewhere.get(name) == MODULE:
                return scope.module()
            here = scope.kind != CLASS or scope is self
            if here and name in scope.names and name not in scope.elsewhere:
                return scope
            scope = scope.parent
        return None

    def module(self) -> Scope:
        """The outermost one."""
        return self if self.parent is None else self.parent.module()


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """An identifier in a tree: the attribute (and the place, when that is a list) of a node.

    asked: the scope it stands in; scope: where it is bound.
    """

    node: ast.AST
    part: str
    asked: Scope
    scope: Scope | None
    index: int = -1

    @property
    def name(self) -> str:
        """As it is written now."""
        value = getattr(self.node, self.part)
        return str(value if self.index < 0 else value[self.index])

    def rename(self, name: str) -> None:
        """Write another."""
        if self.index < 0:
            setattr(self.node, self.part, name)
        else:
            getattr(self.node, self.part)[self.index] = name


class Scopes(ast.NodeVisitor):
    """All of one module. uses: every identifier but attributes, keywords and those of imports;
    of: the scope that each function, class and import statement stands in.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.uses: list[Use] = []
        self.of: dict[ast.AST, Scope] = {}
        self.module = Scope(MODULE, names=set(bound(tree.body)))
        self._scope = self.module
        self._visit_all(tree.body)

    def visit_Name(self, node: ast.Name) -> None:  # noqa: N802 - ast's names
        """Any use of a name."""
        self._use(node, "id")

    def visit_Import(self, node: ast.Import) -> None:  # noqa: N802
        """Its names are looked at by those who know the modules."""
        self.of[node] = self._scope

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802
        """As Import."""
        self.of[node] = self._scope

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:  # noqa: N802
        """Declared when the scope was entered."""
        for index in range(len(node.names)):
            self._use(node, "names", index)

    visit_Nonlocal = visit_Global  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:  # noqa: N802
        """Binds a name."""
        if node.name:
            self._use(node, "name")
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:  # noqa: N802
        """Decorators and defaults belong to the scope around it."""
        self.of[node] = self._scope
        self._use(node, "name")
        self._visit_all(node.decorator_list)
        self._function(node, node.args, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:  # noqa: N802
        """As a function."""
        self.of[node] = self._scope
        self._function(node, node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        """Bases belong to the scope around it."""
        self.of[node] = self._scope
        self._use(node, "name")
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        self._enter(Scope(CLASS, self._scope, set(bound(node.body)), function=node), node.body)

    def generic_visit(self, node: ast.AST) -> None:
        """Comprehensions have a scope of their own, but for their first iterable."""
        if isinstance(node, _COMPREHENSIONS):
            self._comprehension(node)
        else:
            super().generic_visit(node)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        targets = [generator.target for generator in node.generators]
        result = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        rest: list[ast.AST] = [first.target, *first.ifs, *node.generators[1:], *result]
        names = {name.id for target in targets for name in _names(target)}
        self._enter(Scope(FUNCTION, self._scope, names, function=node), rest)

    def _function(self, node: ast.AST, args: ast.arguments, body: Iterable[ast.AST]) -> None:
        self._visit_all([default for default in (*args.defaults, *args.kw_defaults) if default])
        every = _arguments(args)
        inner = Scope(FUNCTION, self._scope, parameters=[arg.arg for arg in every], function=node)
        inner.names = {*inner.parameters, *bound(body)}
        inner.elsewhere = dict(_declared(body))
        self._enter(inner, [*every, *body])

    def visit_arg(self, node: ast.arg) -> None:
        """A parameter."""
        self._use(node, "arg")

    def _enter(self, inner: Scope, nodes: Iterable[ast.AST]) -> None:
        outer, self._scope = self._scope, inner
        self._visit_all(nodes)
        self._scope = outer

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _use(self, node: ast.AST, part: str, index: int = -1) -> None:
        use = Use(node, part, self._scope, None, index)
        bound = self._scope.binds(use.name)
        self.uses.append(Use(node, part, self._scope, bound, index))


def _arguments(args: ast.arguments) -> list[ast.arg]:
    some = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return [arg for arg in some if arg is not None]


def mentioned(node: ast.AST) -> str:
    """The name, attribute or text that a node is, wherever it is bound; '' for all others."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def bound(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names that these statements bind in their own scope."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        yield from bound(ast.iter_child_nodes(node))


def _declared(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            kind = MODULE if isinstance(node, ast.Global) else FUNCTION
            yield from ((name, kind) for name in node.names)
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield from _declared(ast.iter_child_nodes(node))


def _names(target: ast.AST) -> Iterator[ast.Name]:
    return (node for node in ast.walk(target) if isinstance(node, ast.Name))
