"""QR pictures of codes: for the terminal and for a file."""

import io
from pathlib import Path

import segno

from lockerctl.errors import Exit, ToolError
from lockerctl.store import write_private

KINDS = ("svg", "png")


def terminal(digits: str) -> str:
    """The QR code as half-block characters."""
    out = io.StringIO()
    segno.make_qr(digits, error="m").terminal(out, compact=True, border=2)
    return out.getvalue()


def save(digits: str, path: Path) -> None:
    """A picture file for the owner only (it opens a door). Raises ToolError when it cannot be
    written.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise ToolError(Exit.USAGE, f"{path.name} must end in .svg or .png.")
    out = io.BytesIO()
    segno.make_qr(digits, error="m").save(out, kind=kind, scale=8, border=4)
    try:
        write_private(path, out.getvalue())
    except OSError as error:
        raise ToolError(Exit.NOT_FOUND, f"{path} cannot be written ({error.strerror}).") from error
