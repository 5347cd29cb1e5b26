"""Device modules with the boards' 32-bit floats, on CPython.

A module's source is compiled with every arithmetic operator replaced by one that rounds operands
and result to IEEE single precision. For + - * / and the square root of singles, rounding the
double result gives the correctly rounded single (53 >= 2 * 24 + 2), so figures are bit for bit
those of the RP2040's library; tests/emulator/test_clock_float32.py compares them on the image.
"""

import ast
import builtins
import importlib.util
import math
import operator
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

_SINGLE = struct.Struct("f")
_pack, _unpack = _SINGLE.pack, _SINGLE.unpack


def single(value: float) -> float:
    """The nearest 32-bit float. Raises OverflowError where the board would have infinity."""
    nearest: float = _unpack(_pack(value))[0]
    return nearest


def _rounded(exact: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def act(a: Any, b: Any) -> Any:
        if type(a) is float or type(b) is float:
            return _unpack(_pack(exact(single(a), single(b))))[0]
        return exact(a, b)

    return act


def _divide(a: Any, b: Any) -> float:
    return single(single(a) / single(b))


_ACTS: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("_add32", _rounded(operator.add)),
    ast.Sub: ("_sub32", _rounded(operator.sub)),
    ast.Mult: ("_mul32", _rounded(operator.mul)),
    ast.Div: ("_div32", _divide),
}
_MATH = SimpleNamespace(sqrt=lambda value: single(math.sqrt(single(value))))


class _Rounder(ast.NodeTransformer):
    """Integer-only operators (//, %, shifts, masks) stay as they are."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return self._call(node.op, node.left, node.right) or node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        before: ast.expr = ast.parse(ast.unparse(node.target), mode="eval").body
        call = self._call(node.op, before, node.value)
        return ast.Assign([node.target], call) if call else node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(single(node.value)) if type(node.value) is float else node

    def _call(self, op: ast.operator, a: ast.expr, b: ast.expr) -> ast.expr | None:
        if isinstance(op, ast.Pow):
            raise ValueError("no rounding is known for **")
        act = _ACTS.get(type(op))
        return ast.Call(ast.Name(act[0], ast.Load()), [a, b], []) if act else None


def load(*names: str) -> list[ModuleType]:
    """Fresh copies of modules of ``locker.core`` (names as 'clock') in single precision. They
    import each other in the order given, and everything else as it is.
    """
    made: dict[str, ModuleType] = {}

    def bring(name: str, *rest: Any) -> Any:
        if name == "math":
            return _MATH
        if name in made:
            return made[name]
        real = builtins.__import__(name, *rest)
        if name != "locker.core":
            return real
        ours = {full.rpartition(".")[2]: module for full, module in made.items()}
        return SimpleNamespace(**(vars(real) | ours))

    for short in names:
        name = "locker.core." + short
        made[name] = _compiled(name, bring)
    return list(made.values())


def _compiled(name: str, bring: Callable[..., Any]) -> ModuleType:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ImportError(name)
    tree = _Rounder().visit(ast.parse(Path(spec.origin).read_text()))
    module = ModuleType(name + "32")
    vars(module).update({word: act for word, act in _ACTS.values()})
    vars(module)["__builtins__"] = vars(builtins) | {"__import__": bring}
    code = compile(ast.fix_missing_locations(tree), spec.origin, "exec")
    exec(code, vars(module))  # noqa: S102 - our own source, with another arithmetic
    return module
