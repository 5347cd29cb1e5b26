"""One search in a process of its own, on the ``locker`` that its path finds first: the real one or
a mutant. Prints the result as one line of JSON. With --first it ends at the first violation.
"""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict

from locker.app import desk
from model.coverage import Coverage
from model.scopes import SCOPES
from model.search import Search


def main(name: str, to_first: bool) -> None:
    """Search the scope ``name``."""
    coverage = Coverage()
    coverage.watch()
    # Thousands of errands each end with a garbage collection; memory is not searched.
    vars(desk)["drop"] = lambda *_: None
    with contextlib.redirect_stdout(sys.stderr):  # the firmware talks to its console
        scope = SCOPES[name](coverage)
        found = Search(scope, to_first).run()
    row = asdict(found)
    row["applied"] = sorted(coverage.applied)
    row["cuts"] = sorted(coverage.cuts)
    print(json.dumps(row))


if __name__ == "__main__":
    main(sys.argv[1], "--first" in sys.argv[2:])
