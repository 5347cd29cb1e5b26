"""python -m tools.texts: write the display's texts, one module a language, from the one table of
them (firmware/locker/core/phrases.py).

--check: only say which are old.
"""

import argparse
import sys
from pathlib import Path

from locker.core import glyphs, messages, phrases, settings

CORE = Path(__file__).resolve().parents[1] / "firmware" / "locker" / "core"


def phrase(number: int, language: str) -> str:
    """A text, in English where that language lacks it."""
    row, at = phrases.PHRASES[number], settings.LANGUAGES.index(language)
    return row[at] if at < len(row) else row[0]


def module(language: str) -> str:
    """Source of a language's module. ValueError when it has more letters than a display takes."""
    texts = [phrase(number, language) for number in sorted(phrases.PHRASES)]
    letters = sorted({c for text in texts for c in text if not c.isascii()})
    if len(letters) > glyphs.LIMIT:
        raise ValueError(f"{language} uses {len(letters)} letters beyond ASCII: {letters}")
    codes = str.maketrans({letter: chr(code) for code, letter in enumerate(letters)})
    parts = [f'"""{language}: written by python -m tools.texts from phrases.py."""\n\n# fmt: off']
    parts.append("GLYPHS = (" if letters else 'GLYPHS = b""')
    parts += [f"    {_literal(glyphs.rows(letter))}  # {letter}" for letter in letters]
    parts += [")"] if letters else []
    parts.append("TEXTS = (")
    parts += [f"    {_literal((text.translate(codes) + messages.END).encode())}" for text in texts]
    return "\n".join([*parts, ")", ""])


def modules() -> dict[Path, str]:
    """Every generated file with what has to be in it."""
    return {CORE / f"text_{name}.py": module(name) for name in settings.LANGUAGES}


def _literal(data: bytes) -> str:
    escaped = repr(b"'" + data)[3:-1]  # with a quote in it, repr() takes the double ones
    return f'b"{escaped}"'


def main() -> int:
    """0 when nothing is old."""
    parser = argparse.ArgumentParser(prog="python -m tools.texts", description=main.__doc__)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    old = [
        path for path, text in modules().items() if not path.is_file() or path.read_text() != text
    ]
    for path in old:
        print(("old: " if asked.check else "wrote ") + str(path.relative_to(CORE)))
        if not asked.check:
            path.write_text(modules()[path])
    return int(asked.check and bool(old))


if __name__ == "__main__":
    sys.exit(main())
