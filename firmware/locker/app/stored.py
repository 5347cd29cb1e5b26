"""Reads station.json. Needed at start and dropped."""

import json

from locker.core import settings
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any


def stored_settings(path: str) -> "tuple[Any, list[str]]":
    """(settings, what is wrong with them): None for a file that is missing, torn or no JSON."""
    try:
        with open(path) as file:
            config = json.load(file)
    except (OSError, ValueError):
        config = None
    return config, settings.check(config)
