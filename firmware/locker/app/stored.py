"""Reads station.json. Needed at start and dropped."""

from locker.core import settings
from locker.storage import sealed
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any


def stored_settings(path: str) -> "tuple[Any, list[str]]":
    """(settings, what is wrong with them), as sealed.load."""
    return sealed.load(path, settings.check)
