"""Reads station.json. Needed at start and dropped."""

from locker.core import settings
from locker.storage.sealed import load
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any


def stored_settings(path: str) -> "tuple[Any, list[str]]":
    """(settings, what is wrong with them): None for a file that is missing, {} for one that is
    not as the host made it.
    """
    try:
        config = load(path)
    except ValueError as error:
        return {}, [str(error)]
    return config, settings.check(config)
