"""``make mutants``: small mechanical changes of the door core, each of which a unit test must
notice or ``survivors.py`` must explain. cosmic-ray makes them; ``judge`` runs the tests.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor

from model.judge import Tests, baseline_s, verdicts
from model.survivors import EQUIVALENT, explanation

_CORE = Path(__file__).resolve().parents[2] / "firmware" / "locker" / "core"
MODULES = (
    "bank", "pulse_window", "door", "doors", "sensors", "contacts", "feedback", "coil_limits",
)  # fmt: skip
# The quickest to fail come first.
TESTS = (
    "door_limits", "pulse_window", "contacts", "sensors", "bank_unread", "bank_limits",
    "second_reed", "doors", "bank", "feedback", "coil_limits",
)  # fmt: skip
_CPU_FACTOR, _CPU_SPARE_S = 5, 0.25  # a mutant that takes so much longer than the tests do hangs
# Of the eleven ways to replace an operator one or two are kept, and "is" is no comparison of
# numbers.
_KEPT = re.compile(
    r"core/(?!ReplaceBinaryOperator_|ReplaceComparisonOperator_.*_Is(Not)?$"
    r"|ReplaceUnaryOperator_(Invert|USub)_)"
    r"|core/ReplaceBinaryOperator_"
    r"(Add_Sub|Sub_Add|Mul_Add|BitAnd_BitOr|BitOr_BitAnd|BitXor_BitAnd|BitXor_BitOr"
    r"|LShift_RShift|RShift_LShift)$"
)


@dataclass(frozen=True)
class Spec:
    """One change: the nth place in a module where an operator of cosmic-ray fits."""

    module: str
    operator: str
    nth: int
    line: int

    def source(self, tree: Any = None) -> str:
        """The changed module. tree: of the module as it is; it is changed."""
        visitor = MutationVisitor(self.nth, plugins.get_operator(self.operator)())
        changed: str = visitor.walk(tree or tree_of(self.module)).get_code()
        return changed

    def after(self) -> str:
        """The first line that differs, as it is now."""
        before = (_CORE / f"{self.module}.py").read_text().splitlines()
        now = self.source().splitlines()
        pairs = zip(before, now, strict=False)
        return next((b.strip() for a, b in pairs if a != b), "(a line less)")


def tree_of(module: str) -> Any:
    """parso's tree of a module."""
    return get_ast((_CORE / f"{module}.py").read_text())


def specs(module: str) -> Iterator[Spec]:
    """Every change of one module."""
    tree = tree_of(module)
    for name in plugins.operator_names():
        operator = plugins.get_operator(name)
        if operator.arguments() or not _KEPT.match(name):
            continue
        places = [at for node in ast_nodes(tree) for at in operator().mutation_positions(node)]
        for nth, (start, _end) in enumerate(places):
            yield Spec(module, name, nth, start[0])


def limits() -> Tests:
    """What the tests may take."""
    return {name: _CPU_FACTOR * baseline_s(name) + _CPU_SPARE_S for name in TESTS}


def judged(module: str, tests: Tests) -> Iterator[tuple[Spec, bool]]:
    """Every change of one module, and whether a test notices; as they end."""
    own_first = {n: tests[n] for n in sorted(tests, key=lambda n: not n.startswith(module))}
    tree = tree_of(module)  # each change is made in its own process, to its own copy
    jobs = ((spec, module, partial(spec.source, tree)) for spec in specs(module))
    return verdicts(jobs, own_first, os.cpu_count() or 1)


def main() -> int:
    """0 when every mutant was killed or is explained, and every explanation has its mutant.
    Arguments: modules, all when none are given.
    """
    modules = sys.argv[1:] or MODULES
    tests = limits()
    counts = Counter[str]()
    used = set()
    for module in modules:
        for spec, noticed in judged(module, tests):
            counts[module] += 1
            why = None if noticed else explanation(module, spec.operator, spec.after())
            counts["killed" if noticed else "equivalent" if why else "survived"] += 1
            used.add(why)
            if not noticed:
                said = why[3] if why else "SURVIVED"
                print(f"{module}.py:{spec.line} {spec.operator[5:]}: {spec.after()}\n    {said}")
        print(f"{module}: {counts[module]} mutants", flush=True)
    idle = [entry for entry in EQUIVALENT if entry[0] in modules and entry not in used]
    for entry in idle:
        print(f"survivors.py explains what does not survive: {entry[:3]}")
    total = sum(counts[module] for module in modules)
    said = " ".join(f"{word}={counts[word]}" for word in ("killed", "equivalent", "survived"))
    print(f"mutants={total} {said}")
    return int(bool(counts["survived"] or idle))


if __name__ == "__main__":
    sys.exit(main())
