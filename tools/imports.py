"""What each folder may import from outside Latchwork: design.md section 1 as allow-lists.

import-linter forbids names in the packages it can import; this reads the source, so that it covers
boot.py, main.py and the boards too, and refuses whatever nobody has thought of. Imports for type
checking only are free.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]

_PURE = {"binascii", "hashlib", "json", "math", "micropython", "struct"}
_HARDWARE = {"esp", "esp32", "machine", "network", "rp2"}
_BOARD = {"boot", "hal", "main", "safe", "safe_pins"}
_ON_CHIP = (
    _PURE
    | _HARDWARE
    | _BOARD
    | {"gc", "os", "time", "locker.drivers", "locker.ports", "locker.core.ticks"}
)

# The longest row that a path begins with holds.
ALLOWED: tuple[tuple[str, set[str]], ...] = (
    ("firmware/locker/core/", _PURE | {"locker.core"}),
    ("firmware/locker/ports.py", {"micropython", "locker.core"}),
    (
        "firmware/locker/drivers/",
        _PURE | {"errno", "locker.core", "locker.drivers", "locker.ports"},
    ),
    (
        "firmware/locker/storage/",
        _PURE | {"errno", "os", "locker.core", "locker.storage", "locker.ports"},
    ),
    (
        "firmware/locker/net/",
        _PURE
        | {"errno", "select", "socket", "umqtt", "locker.core", "locker.net", "locker.ports"},
    ),
    # The host's text for faults; the build leaves it out.
    ("firmware/locker/core/catalogue.py", {"typing", "locker.core"}),
    # Composition hands the ports' own modules down.
    ("firmware/locker/app/", _PURE | {"errno", "gc", "os", "select", "socket", "sys", "locker"}),
    ("firmware/locker/__init__.py", set()),
    ("firmware/boot.py", {"micropython", "safe", "safe_pins"}),
    ("firmware/main.py", _BOARD | {"micropython", "swap", "sys", "time", "locker.app"}),
    ("firmware/swap.py", {"binascii", "errno", "gc", "json", "os"}),
    ("boards/virtual/safe.py", set()),
    (
        "boards/virtual/hal.py",
        _PURE | {"errno", "gc", "os", "select", "socket", "sys", "time", "locker.core.ticks"},
    ),
    ("boards/", _ON_CHIP),
    ("boards/pico_w_24/", _ON_CHIP | {"pico_w"}),
)


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of each import that happens at run time."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from imported(ast.Module(node.orelse, []))
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        else:
            yield from imported(node)


def permits(allowed: set[str], name: str) -> bool:
    """A row's ``locker.core`` permits locker.core and all that is inside it."""
    return any(name == one or name.startswith(one + ".") for one in allowed)


def problems(path: str, source: str) -> list[str]:
    """One line for each import that the row of this path does not permit."""
    rows = [row for row in ALLOWED if path.startswith(row[0])]
    allowed = max(rows, key=lambda row: len(row[0]))[1] if rows else set()
    found = imported(ast.parse(source, path))
    return [
        f"{path}:{line}: may not import {name}"
        for line, name in found
        if not permits(allowed, name)
    ]


def main() -> int:
    """0 when every import is permitted, else 1."""
    files = sorted(path for root in ("firmware", "boards") for path in (REPO / root).rglob("*.py"))
    found = [
        line
        for file in files
        for line in problems(file.relative_to(REPO).as_posix(), file.read_text())
    ]
    print("\n".join(found) if found else f"imports: ok, {len(files)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
