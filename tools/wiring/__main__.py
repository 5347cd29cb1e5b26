"""python -m tools.wiring: write the diagrams and tables anew; --check: only say which are old."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from . import sheet, tables

BOARDS = Path(__file__).resolve().parents[2] / "boards"
# board.json, its picture, the page with its tables.
SHEETS = (
    ("pico_w/board.json", "pico_w/wiring.svg", "pico_w/README.md"),
    ("pico_w_24/board.json", "pico_w_24/wiring.svg", "pico_w_24/README.md"),
    ("esp32/board.json", "esp32/wiring.svg", "esp32/README.md"),
)
_BEGIN = "<!-- {}: written by python -m tools.wiring -->\n"
_END = "<!-- end of {} -->\n"


def rewritten(page: str, name: str, body: str) -> str:
    """The page with a marked section replaced. ValueError without both marks."""
    begin, end = _BEGIN.format(name), _END.format(name)
    before, found, rest = page.partition(begin)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise ValueError(f"no marks for {name}")
    return f"{before}{begin}\n{body}\n{end}{after}"


def files() -> Iterator[tuple[Path, str]]:
    """Each generated file and what it should hold."""
    for source, picture, page in SHEETS:
        config = json.loads((BOARDS / source).read_text())
        yield BOARDS / picture, sheet.draw(config, f"boards/{source}").svg()
        text = (BOARDS / page).read_text()
        text = rewritten(text, "pins", tables.pin_table(config))
        text = rewritten(text, "doors", tables.door_table(config))
        if "expander" not in config:
            shared = tables.shared_text((BOARDS / "shared.md").read_text(), config)
            text = rewritten(text, "shared", shared)
        yield BOARDS / page, text


def main() -> int:
    """0 when all is in step (or was written), else 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.wiring", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when one is old")
    check = parser.parse_args().check
    old = [
        (path, text) for path, text in files() if not path.is_file() or path.read_text() != text
    ]
    for path, text in old:
        print(("old: " if check else "written: ") + str(path.relative_to(BOARDS.parent)))
        if not check:
            path.write_text(text)
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
