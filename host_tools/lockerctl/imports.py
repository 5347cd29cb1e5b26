"""Which modules of a source tree are imported, directly or not, from where a program starts."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def reached(
    root: Path, starts: Iterable[Path], source: Callable[[Path], str] = Path.read_text
) -> set[Path]:
    """Files below ``root`` that the start files import; modules that root lacks are not ours.

    source: text of a file. Type-checking blocks do not count (``if 0`` when constants are
    written in).
    """
    found: set[Path] = set()
    waiting = [path for path in starts if path.is_file()]
    while waiting:
        for module in _imported(_parsed(source(waiting.pop()))):
            for path in _files(root, module):
                if path not in found:
                    found.add(path)
                    waiting.append(path)
    return found


def _parsed(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])  # the compiler names what is wrong in it


def _imported(tree: ast.AST) -> Iterator[str]:
    """Dotted names. ``from a import b`` may name a module a.b, so it gives both."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "0"):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        yield from _imported(node)


def _files(root: Path, module: str) -> Iterator[Path]:
    """The module's file, and the package files that importing it runs."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        path = root.joinpath(*parts[:depth])
        candidates = (path / "__init__.py", path.with_suffix(".py"))
        yield from (candidate for candidate in candidates if candidate.is_file())
