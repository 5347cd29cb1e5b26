"""Integer constants of the firmware's modules, written into the places that use them.

MicroPython's compiler does this for a module's private ones. A constant that another module uses
costs a name, a place in its module's dictionary and two look-ups at each use: over the whole
firmware some 10 KB of a Pico W's heap. Lines stay where they are, so a traceback fits the source.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
_ARITHMETIC = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.operator, ast.unaryop, ast.expr_context)

Place = tuple[int, int]  # line from 1, byte column
Edit = tuple[Place, Place, str]  # from, to, what comes in between
Constant = tuple[str, str]  # module, name; a whole module has no name


@dataclass(frozen=True, slots=True)
class Module:
    """One source, its constants, and the names that each defining statement gives."""

    name: str
    source: str
    tree: ast.Module
    constants: Mapping[str, int]
    definitions: Mapping[ast.stmt, list[str]]


class Constants:
    """Every constant below one source tree, and the sources without them."""

    def __init__(self, root: Path, also: Mapping[Path, str] | None = None) -> None:
        """root: as firmware/; also: files outside it that import from it and are inlined too, each
        with its path on the device.

        Sources that do not parse are left to the compiler, which says what is wrong.
        """
        names = {path: _dotted(path.relative_to(root)) for path in sorted(root.rglob("*.py"))}
        names |= {path: _dotted(PurePath(name)) for path, name in (also or {}).items()}
        read = ((path, _read(path, name)) for path, name in names.items())
        self._modules = {path: module for path, module in read if module is not None}
        self._known = {module.name: module.constants for module in self._modules.values()}
        self._kept = self._needed()

    def inlined(self, path: Path) -> str:
        """The source of a file, with the values of its constants and of those it imports."""
        module = self._modules.get(path)
        if module is None:
            return path.read_text()
        uses = _Uses(module, self._known)
        return _edited(module.source, [*uses.edits, *self._definitions(module), *_imports(uses)])

    def _needed(self) -> set[Constant]:
        """Constants that somebody asks for in a way that cannot be replaced."""
        needed: set[Constant] = set()
        asked: set[str] = set()
        for module in self._modules.values():
            uses = _Uses(module, self._known)
            needed |= uses.needed
            asked |= uses.asked
        every = ((module, name) for module, names in self._known.items() for name in names)
        return needed | {constant for constant in every if constant[1] in asked}

    def _definitions(self, module: Module) -> Iterator[Edit]:
        for statement, names in module.definitions.items():
            kept = [name for name in names if (module.name, name) in self._kept]
            values = "; ".join(f"{name} = {module.constants[name]}" for name in kept)
            yield _edit(statement, values)


class _Uses(ast.NodeVisitor):
    """Where one module uses constants, and what cannot be replaced there.

    edits: the uses; needed: constants used inside f-strings, where 3.11 has no places; asked:
    upper-case attributes of objects nobody can tell; left: names that are still looked up.
    """

    def __init__(self, module: Module, known: Mapping[str, Mapping[str, int]]) -> None:
        self.edits: list[Edit] = []
        self.needed: set[Constant] = set()
        self.asked: set[str] = set()
        self.left: Counter[str] = Counter()
        self.replaced: set[str] = set()
        self.imports: list[ast.ImportFrom] = []
        self._definitions = module.definitions
        self._known = known
        self._in_text = False
        self._scopes: list[dict[str, Constant | None]] = [
            {name: (module.name, name) for name in module.constants}
        ]
        self._bind_imports(module.tree.body)
        self.generic_visit(module.tree)

    def visit(self, node: ast.AST) -> None:
        """Definitions are rewritten as a whole."""
        if node not in self._definitions:
            super().visit(node)

    def visit_If(self, node: ast.If) -> None:  # noqa: N802 - ast's names
        """What only a type checker reads is not there on the device."""
        self.visit(node.test)
        body = [] if ast.unparse(node.test) == "TYPE_CHECKING" else node.body
        for statement in [*body, *node.orelse]:
            self.visit(statement)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802
        """Looked at when all uses are known."""
        self.imports.append(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:  # noqa: N802
        """Names of its own hide those of the module."""
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._enter(node.args, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:  # noqa: N802
        """As a function."""
        self._enter(node.args, [node.body])

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:  # noqa: N802
        """Nodes in here have no usable place before Python 3.12."""
        was, self._in_text = self._in_text, True
        self.generic_visit(node)
        self._in_text = was

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        """Without the annotation."""
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_Attribute(self, node: ast.Attribute) -> None:  # noqa: N802
        """module.NAME."""
        of = self._found(node.value.id) if isinstance(node.value, ast.Name) else None
        if of is not None and not of[1] and node.attr in self._known[of[0]]:
            self._use(node, (of[0], node.attr), ast.unparse(node.value))
            return
        if _CONSTANT.fullmatch(node.attr):
            self.asked.add(node.attr)
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:  # noqa: N802
        """NAME, of this module or imported."""
        found = self._found(node.id)
        if found is not None and found[1] and isinstance(node.ctx, ast.Load):
            self._use(node, found, node.id)
        else:
            self.left[node.id] += 1

    def _use(self, node: ast.expr, constant: Constant, name: str) -> None:
        if self._in_text:
            self.needed.add(constant)
            self.left[name] += 1
            return
        value = self._known[constant[0]][constant[1]]
        self.edits.append(_edit(node, str(value) if value >= 0 else f"({value})"))
        self.replaced.add(name)

    def _enter(self, arguments: ast.arguments, body: list[ast.stmt] | list[ast.expr]) -> None:
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default)
        nodes = [inner for node in (arguments, *body) for inner in ast.walk(node)]
        self._scopes.append(dict.fromkeys(_bound(nodes)))
        self._bind_imports(nodes)
        for node in body:
            self.visit(node)
        self._scopes.pop()

    def _bind_imports(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._scopes[-1][alias.asname or alias.name] = self._imported(
                        node.module or "", alias.name
                    )

    def _imported(self, module: str, name: str) -> Constant | None:
        if f"{module}.{name}" in self._known:
            return f"{module}.{name}", ""
        return (module, name) if name in self._known.get(module, ()) else None

    def _found(self, name: str) -> Constant | None:
        return next((scope[name] for scope in reversed(self._scopes) if name in scope), None)


def _read(path: Path, name: str) -> Module | None:
    source = path.read_text()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    bound = Counter(_bound(ast.walk(tree)))
    constants: dict[str, int] = {}
    definitions: dict[ast.stmt, list[str]] = {}
    for statement in tree.body:
        defined = _defined(statement, constants)
        if defined and all(bound[name] == 1 and _CONSTANT.fullmatch(name) for name in defined):
            constants |= defined
            definitions[statement] = list(defined)
    return Module(name, source, tree, constants, definitions)


def _defined(statement: ast.stmt, constants: Mapping[str, int]) -> dict[str, int]:
    """``NAME = const(integer)`` and ``A, B = range(2)``; empty for anything else."""
    if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)):
        return {}
    target, call = statement.targets[0], statement.value
    maker = ast.unparse(call.func)
    values = [_integer(argument, constants) for argument in call.args]
    whole = [value for value in values if value is not None]
    if len(whole) < len(values) or call.keywords or len(statement.targets) > 1:
        return {}
    if maker == "const" and isinstance(target, ast.Name):
        return {target.id: whole[0]}
    if maker == "range" and isinstance(target, ast.Tuple):
        names = [item.id for item in target.elts if isinstance(item, ast.Name)]
        return dict(zip(names, range(*whole), strict=True))
    return {}


def _integer(node: ast.expr, constants: Mapping[str, int]) -> int | None:
    """The value of an expression of integers and constants; None for any other."""
    for inner in ast.walk(node):
        known = isinstance(inner, ast.Name) and inner.id in constants
        if not known and not isinstance(inner, _ARITHMETIC):
            return None
    text = compile(ast.Expression(node), "constant", "eval")
    value = eval(text, {"__builtins__": {}}, dict(constants))  # noqa: S307 - arithmetic, see above
    return value if type(value) is int else None


def _bound(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names that are assigned, imported or arguments in there."""
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ImportFrom | ast.Import):
            yield from (alias.asname or alias.name for alias in node.names)


def _imports(uses: _Uses) -> Iterator[Edit]:
    """Import statements without the names that nobody looks up any more."""
    gone = {name for name in uses.replaced | {"const"} if not uses.left[name]}
    for node in uses.imports:
        names = [alias for alias in node.names if (alias.asname or alias.name) not in gone]
        if len(names) < len(node.names):
            rest = ast.unparse(ast.ImportFrom(node.module, names, node.level)) if names else "pass"
            yield _edit(node, rest)


def _edit(node: ast.stmt | ast.expr, text: str) -> Edit:
    """In place of a node; the lines it had stay."""
    first, last = node.lineno, node.end_lineno or node.lineno
    end = (last, node.end_col_offset or node.col_offset)
    return (first, node.col_offset), end, text + "\n" * (last - first)


def _edited(source: str, edits: Iterable[Edit]) -> str:
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    for (first, begin), (last, end), text in sorted(edits, reverse=True):
        tail = lines[last - 1][end:]
        lines[first - 1] = lines[first - 1][:begin] + text.encode() + tail
        del lines[first:last]
    return b"".join(lines).decode()


def _dotted(path: PurePath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
