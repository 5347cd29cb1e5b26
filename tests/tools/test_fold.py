"""Functions called in one place are written into it, and everything still does the same."""

import ast
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockerctl import fold
from lockerctl.program import stripped
from lockerctl.trusted import REPO


def folded(source: str) -> str:
    tree = ast.parse(textwrap.dedent(source))
    known = fold.look_over([tree])
    return ast.unparse(fold.folded(stripped(tree), known))


def same(source: str, expected: str) -> None:
    assert folded(source) == ast.unparse(ast.parse(textwrap.dedent(expected)))


def test_a_statement():
    same(
        """
        class Door:
            def shut(self, now):
                self._note(now, 'shut')
                self.is_shut = True
            def _note(self, at, text, loud=False):
                if text in self.seen:
                    return
                self.seen.append((at, text, loud))
        """,
        """
        class Door:
            def shut(self, now):
                if 'shut' in self.seen:
                    pass
                else:
                    self.seen.append((now, 'shut', False))
                self.is_shut = True
        """,
    )


def test_what_is_returned_at_once_keeps_its_returns_even_from_a_loop():
    same(
        """
        def first(found, least):
            found = list(found)
            return _search(found, least)
        def _search(found, least):
            for each in found:
                if each > least:
                    return each
        """,
        """
        def first(found, least):
            found = list(found)
            for each in found:
                if each > least:
                    return each
            return
        """,
    )


def test_a_value_comes_through_ifs_and_names_do_not_meet():
    same(
        """
        def judge(entry, now):
            fault = _admit(entry.mass, now)
            if fault:
                return fault
            return entry.door
        def _admit(mass, now):
            fault = mass // 2
            if mass > 9:
                return fault
            if not now:
                raise ValueError(mass)
            return 0
        """,
        """
        def judge(entry, now):
            mass = entry.mass
            fault_2 = mass // 2
            if mass > 9:
                fault = fault_2
            else:
                if not now:
                    raise ValueError(mass)
                fault = 0
            if fault:
                return fault
            return entry.door
        """,
    )


def test_an_expression_and_what_is_asked_first():
    same(
        """
        def may(door, now):
            if door.usable and _is_due(door, now):
                return 1
            elif _kind(door) == 3:
                return 2
        def _is_due(door, now):
            return now - door.since > 5
        def _kind(door):
            if door.big:
                return 3
            return door.kind
        """,
        """
        def may(door, now):
            if door.usable and now - door.since > 5:
                return 1
            else:
                if door.big:
                    kind = 3
                else:
                    kind = door.kind
                if kind == 3:
                    return 2
        """,
    )


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    _g(x)\n    _g(x + 1)\ndef _g(x):\n    print(x)",  # twice
        "def f(x):\n    x.on(_g)\ndef _g(x):\n    print(x)",  # a value
        "def f(x):\n    y = 1 + _g(x)\n    return y\ndef _g(x):\n    print(x)\n    return x",
        "def f(x):\n    y = _g(x)\n    return y\ndef _g(x):\n    for y in x:\n        return y",
        "def f(x):\n    return [_g(y) for y in x]\ndef _g(x):\n    return x + 1",
        "def f(x):\n    y = _g(x)\n    return y\ndef _g(x):\n    yield x",
        "def f(len):\n    y = _g(len)\n    return y\ndef _g(x):\n    return len(x)",  # hidden
        "def f(x):\n    while True:\n        _g(x)\ndef _g(x):\n    big = x * 9\n    print(big)",
        "def f(x):\n    _g(*x)\ndef _g(x):\n    print(x)",
        "def f(x):\n    _g(x)\ndef _g(x):\n    import gc\n    gc.collect()",  # would stay loaded
        "def f(x):\n    _g(x)\n@wrapped\ndef _g(x):\n    print(x)",
        "def f(x):\n    _g(x)\ndef _g(x, y=[]):\n    print(x, y)",
        "def f(x):\n    _g(x)\n    return '_g'\ndef _g(x):\n    print(x)",  # asked for by name
        "class A(B):\n    def f(self):\n        self._g()\n    def _g(self):\n        print(1)",
        "class A:\n    def f(self, a):\n        a._g()\n    def _g(self):\n        print(1)",
        "def f(x):\n    _f(x)\ndef _f(x):\n    if x:\n        _f(x - 1)",
    ],
)
def test_what_stays_a_call(source):
    assert folded(source) == ast.unparse(ast.parse(source))


def test_arguments_are_worked_out_in_their_order_and_all_of_them():
    same(
        "def f(a, b):\n    return _g(a(), b())\ndef _g(x, y):\n    return y or x",
        "def f(a, b):\n    x = a()\n    y = b()\n    return y or x",
    )


SHAPES = """
LOG = []
def note(*what):
    LOG.append(what)
    return what[0]
class Thing:
    def __init__(self, start):
        self.count = start
    def run(self, a, b):
        self._step(note(a), b=note(b))
        try:
            c = self._risky(b)
        except ValueError as error:
            c = len(str(error))
        if self._is_big(c) or self._odd(a, c):
            return self._last(c, a)
        with Guard() as guard:
            d = self._inside(guard, a)
        e = -self._minus(d) if a > 2 else 0
        return self._pick(a, b)[0], c, d, e
    def _step(self, a, b=2):
        if a == b:
            note('same')
            return
        if a > b:
            note('more')
        elif b > 5:
            note('much')
            return
        self.count += a
    def _risky(self, a):
        try:
            if a % 3 == 0:
                raise KeyError(a)
            return note(a * 2)
        except KeyError as error:
            if a == 6:
                raise ValueError('six') from error
            return note(-1)
    def _is_big(self, c):
        return c > self.count
    def _odd(self, a, c):
        a = a + 1
        if a % 2:
            return note(c, a) > 4
        return False
    def _last(self, c, a):
        for x in range(c):
            if x == a:
                return x
        else:
            note('none')
        while c > a:
            c -= 1
            if c == 4:
                return c, a
    def _inside(self, guard, a):
        note(guard.name)
        if a:
            return guard.name + str(a)
    def _minus(self, d):
        return len(d or '') + 1
    def _pick(self, a, b):
        if a:
            if b:
                return a, b
            return b, a
        return _far(self, a), self.count
def _far(thing, a):
    a += thing.count
    note('far', a)
    return a
class Guard:
    name = 'guard'
    def __enter__(self):
        note('in')
        return self
    def __exit__(self, *_):
        note('out')
"""


@given(st.integers(-1, 9), st.integers(-1, 9), st.integers(-1, 12))
def test_shapes_of_all_kinds_do_the_same(start, a, b):
    assert play(SHAPES, start, a, b) == play(FOLDED, start, a, b)


FOLDED = folded(SHAPES)


def test_of_the_shapes_hardly_a_call_is_left():
    left = [line for line in FOLDED.splitlines() if "def _" in line and "__" not in line]
    # A return amid ifs that come before other statements; a call that is not what comes first.
    assert [line.split("(")[0].strip() for line in left] == ["def _step", "def _odd"], FOLDED


def play(source: str, start: int, a: int, b: int) -> object:
    space: dict = {}
    exec(compile(source, "shapes", "exec"), space)
    thing = space["Thing"](start)
    try:
        result = thing.run(a, b)
    except (ValueError, KeyError, TypeError) as error:
        result = repr(error)
    return result, thing.count, space["LOG"]


class _Bodies(ast.NodeTransformer):
    """Functions as the packer sees them; classes keep the annotations that CPython needs."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # noqa: N802
        module: ast.Module = stripped(ast.Module([node], []))
        return module.body[0]


def test_the_firmware_folded_plays_its_stories(tmp_path: Path):
    firmware = REPO / "firmware"
    trees = {path: ast.parse(path.read_text()) for path in firmware.rglob("*.py")}
    known = fold.look_over(trees.values())
    before = after = 0
    for path, tree in trees.items():
        before += sum(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
        if path.name != "ports.py":
            tree = fold.folded(ast.fix_missing_locations(_Bodies().visit(tree)), known)
        after += sum(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
        place = tmp_path / path.relative_to(firmware)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(ast.unparse(tree) + "\n")
    assert before - after > 100
    stories = [
        f"tests/scenarios/test_{n}.py"
        for n in ("story", "talk", "credentials", "revocations", "online")
    ]
    check = "import locker.app.desk as d, sys; sys.exit(not d.__file__.startswith(sys.argv[1]))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    python = [sys.executable, "-c", check, str(tmp_path)]
    assert subprocess.run(python, env=environment, cwd=REPO).returncode == 0
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *stories]
    done = subprocess.run(pytest_, env=environment, cwd=REPO, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
