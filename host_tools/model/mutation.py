"""``make mutants``: small mechanical changes of the door core, each of which a unit test must
notice or ``survivors.py`` must explain. cosmic-ray makes them; ``judge`` runs the tests.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

from model.judge import baseline_s, verdicts
from model.survivors import EQUIVALENT, explanation

_CORE = Path(__file__).resolve().parents[2] / "firmware" / "locker" / "core"
MODULES = (
    "bank", "pulse_window", "door", "doors", "sensors", "contacts", "feedback", "coil_limits",
)  # fmt: skip
# The quickest to fail come first.
TESTS = (
    "door_limits", "contacts", "sensors", "bank_unread", "bank_limits", "second_reed", "doors",
    "bank", "feedback", "coil_limits",
)  # fmt: skip
_CPU_FACTOR = 5  # a mutant that takes so much longer than the tests do hangs
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

    def source(self) -> str:
        """The changed module."""
        text = (_CORE / f"{self.module}.py").read_text()
        changed: str = mutate_code(text, plugins.get_operator(self.operator)(), self.nth)
        return changed

    def after(self) -> str:
        """The first line that differs, as it is now."""
        before = (_CORE / f"{self.module}.py").read_text().splitlines()
        now = self.source().splitlines()
        pairs = zip(before, now, strict=False)
        return next((b.strip() for a, b in pairs if a != b), "(a line less)")


def specs(module: str) -> Iterator[Spec]:
    """Every change of one module."""
    tree = get_ast((_CORE / f"{module}.py").read_text())
    for name in plugins.operator_names():
        operator = plugins.get_operator(name)
        if operator.arguments() or not _KEPT.match(name):
            continue
        places = [at for node in ast_nodes(tree) for at in operator().mutation_positions(node)]
        for nth, (start, _end) in enumerate(places):
            yield Spec(module, name, nth, start[0])


def survivors(module: str) -> tuple[int, list[Spec]]:
    """(how many changes there are, those that no test notices), in the order of the lines."""
    tests = tuple(sorted(TESTS, key=lambda name: not name.startswith(module)))
    cpu_s = max(1.0, _CPU_FACTOR * baseline_s(module, tests))
    jobs = [(spec, module, partial(spec.source)) for spec in specs(module)]
    found = [
        spec for spec, noticed in verdicts(jobs, tests, cpu_s, os.cpu_count() or 1) if not noticed
    ]
    return len(jobs), sorted(found, key=lambda spec: (spec.line, spec.operator, spec.nth))


def main() -> int:
    """0 when every mutant was killed or is explained, and every explanation has its mutant.
    Arguments: modules, all when none are given.
    """
    modules = sys.argv[1:] or MODULES
    total = equivalent = survived = 0
    used = set()
    for module in modules:
        count, alive = survivors(module)
        total += count
        for spec in alive:
            after = spec.after()
            why = explanation(module, spec.operator, after)
            used.add(why)
            equivalent += why is not None
            survived += why is None
            said = why[3] if why else "SURVIVED"
            print(f"{module}.py:{spec.line} {spec.operator[5:]}: {after}\n    {said}")
        print(f"{module}: {count} mutants, {len(alive)} noticed by no test", flush=True)
    idle = [entry for entry in EQUIVALENT if entry[0] in modules and entry not in used]
    for entry in idle:
        print(f"survivors.py explains what does not survive: {entry[:3]}")
    killed = total - equivalent - survived
    print(f"mutants={total} killed={killed} equivalent={equivalent} survived={survived}")
    return int(bool(survived or idle))


if __name__ == "__main__":
    sys.exit(main())
