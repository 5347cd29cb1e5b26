"""The display's texts as files for the device, one a language, from the one table of them
(locker.core.phrases).
"""

from __future__ import annotations

from pathlib import Path

from locker.core import glyphs
from locker.core.messages import FAULTS, LANGUAGES, SHAPES_BYTES, TEXT_BYTES, VARIED
from locker.core.phrases import PHRASES, variant
from lockerctl.errors import Exit, ToolError

FOLDER = "texts"
_FILL = b"\xff"


def files() -> dict[str, bytes]:
    """Content by path on the device. ToolError (refused) for a table that does not fit."""
    return {f"{FOLDER}/{language}": _content(language) for language in LANGUAGES}


def write(folder: Path) -> None:
    """All of them below a folder."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)


def phrase(number: int, language: str) -> str:
    """A text, in English where that language lacks it."""
    row, at = PHRASES[number], LANGUAGES.index(language)
    return row[at] if at < len(row) else row[0]


def _content(language: str) -> bytes:
    texts = [phrase(number, language) for number in sorted(PHRASES)]
    letters = sorted({c for text in texts for c in text if not c.isascii()})
    if len(letters) > glyphs.LIMIT:
        raise ToolError(
            Exit.REFUSED, f"{language} uses {len(letters)} letters beyond ASCII: {letters}"
        )
    codes = str.maketrans({letter: chr(code) for code, letter in enumerate(letters)})
    shapes = b"".join(glyphs.rows(letter) for letter in letters)
    parts = [bytes(variant(message, e) for e in range(FAULTS)) for message in range(VARIED)]
    parts.append(shapes.ljust(SHAPES_BYTES, _FILL))
    for text in texts:
        data = text.translate(codes).encode()
        if len(data) > TEXT_BYTES:
            raise ToolError(Exit.REFUSED, f"{language}: longer than {TEXT_BYTES} bytes: {text!r}")
        parts.append(data.ljust(TEXT_BYTES, _FILL))
    return b"".join(parts)
