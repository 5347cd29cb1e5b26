"""Unit tests run on MicroPython too: plain functions that import nothing of CPython's."""

import ast
from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parents[1] / "unit"
FILES = sorted(UNIT.rglob("test_*.py"))
CPYTHON_ONLY = {
    "dataclasses",
    "enum",
    "functools",
    "hypothesis",
    "pathlib",
    "pytest",
    "typing",
    "unittest",
}


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(UNIT).as_posix())
def test_a_unit_file_suits_both_interpreters(file):
    tree = ast.parse(file.read_text())
    assert not CPYTHON_ONLY & set(imports(tree))
    tests = [node for node in tree.body if getattr(node, "name", "").startswith("test_")]
    assert tests
    for test in tests:
        assert isinstance(test, ast.FunctionDef), f"{test.name} is not a plain function"
        assert not ast.unparse(test.args), f"{test.name} takes arguments"
        assert not test.decorator_list, f"{test.name} is decorated"
