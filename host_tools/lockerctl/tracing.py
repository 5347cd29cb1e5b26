"""From a traceback of the device back to the source.

A bundle says as its file name which build it is of; what each of its lines and names came from is
kept in build/maps under that name.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lockerctl.naming import Names
from lockerctl.pack import Bundle
from lockerctl.trusted import REPO, sha256_hex

MAPS = REPO / "build" / "maps"
_FRAME = re.compile(r'(?P<before>.*)File "(?P<map>[\w.]+)", line (?P<line>\d+), in (?P<name>\S+)')
_DIGITS = 6
_QUOTED = re.compile(r"'([A-Za-z_]\w*)'")
_ERROR = re.compile(r"^(\w+)(?=:|$)")


def keep(bundle: Bundle, names: Names) -> str:
    """Keep a bundle's lines and names; the file name that the device gives in tracebacks."""
    content = json.dumps(
        {"lines": bundle.lines, "names": _originals(names)}, separators=(",", ":"), sort_keys=True
    )
    name = f"{bundle.name}.{sha256_hex(content.encode())[:_DIGITS]}"
    path = MAPS / f"{name}.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return name


def translated(text: str, maps: Path = MAPS) -> Iterator[str]:
    """Each line of a console, frames of bundles with the file, line and function they came from.

    A frame whose map is not there stays as it is, and says so.
    """
    names: dict[str, str] = {}
    for line in text.splitlines():
        frame = _FRAME.match(line)
        if frame is None:
            yield _said(line, names)
            names = {} if _ERROR.match(line) else names
            continue
        found = _load(maps / f"{frame['map']}.json")
        if found is None:
            yield line if frame["map"].endswith(".py") else f"{line}  (no map of this build here)"
            continue
        names |= found.names
        file, number, title = found.lines[int(frame["line"])]
        yield f'{frame["before"]}File "{file}", line {number}, in {title or frame["name"]}'


@dataclass(frozen=True, slots=True)
class _Map:
    lines: list[tuple[str, int, str]]
    names: dict[str, str]


def _load(path: Path) -> _Map | None:
    try:
        return _Map(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _said(line: str, names: dict[str, str]) -> str:
    """An exception's own line: its class, and what it quotes."""
    if not names or not _ERROR.match(line):
        return line
    line = _QUOTED.sub(lambda found: f"'{names.get(found[1], found[1])}'", line)
    return _ERROR.sub(lambda found: names.get(found[1], found[1]), line)


def _originals(names: Names) -> dict[str, str]:
    """What a new name may stand for."""
    originals: dict[str, set[str]] = {}
    named = [(new, symbol.name) for symbol, new in names.symbols.items()]
    named += [(new, old) for old, new in (names.attributes | names.keywords).items()]
    for new, old in named:
        if old and new != old:
            originals.setdefault(new, set()).add(old)
    return {new: " or ".join(sorted(old)) for new, old in originals.items()}
