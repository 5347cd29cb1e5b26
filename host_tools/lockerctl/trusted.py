"""Files from outside are used only when their sha256 is the pinned one."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from lockerctl.errors import Exit, ToolError

REPO = Path(__file__).resolve().parents[2]


def sha256_hex(data: bytes) -> str:
    """The digest as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def verified(data: bytes, sha256: str, what: str) -> bytes:
    """The data itself. ToolError (refused) with both hashes when the digest is another."""
    found = sha256_hex(data)
    if found != sha256:
        raise ToolError(
            Exit.REFUSED,
            f"{what} is not the pinned file: sha256 is {found}, pinned is {sha256}",
            "do not use it; if the project's pin is out of date, say so in an issue",
        )
    return data


def exit_code(action: Callable[[], None]) -> int:
    """Run a ``python -m`` module: 0, or a ToolError's code after its text and hint."""
    try:
        action()
    except ToolError as error:
        print(f"error: {error.text}", file=sys.stderr)
        if error.hint:
            print(f"hint:  {error.hint}", file=sys.stderr)
        return int(error.code)
    return 0
