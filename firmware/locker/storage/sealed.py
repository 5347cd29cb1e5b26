"""Reads the files that the host makes and a person could edit: board.json, station.json. Needed at
start and dropped.
"""

import errno
import json

from locker.core import seal
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_BYTES_MAX = const(8192)  # 24 doors take half of it


def load(path: str, check: "Callable[[object], list[str]]") -> "tuple[Any, list[str]]":
    """(object with its checksum "crc", lines that say what is wrong with it): None when there is
    no such file, {} when it is not as the host made it. check: of board.json or station.json.
    """
    try:
        config = _read(path)
    except ValueError as error:
        return {}, [str(error)]
    if config is None:
        return None, check(None)
    crc = config.pop("crc")
    problems = check(config)
    config["crc"] = crc
    return config, problems


def _read(path: str) -> "dict[str, Any] | None":
    """Raises ValueError with a line for the console."""
    name = path.rpartition("/")[2]
    try:
        with open(path, "rb") as file:
            data = file.read(_BYTES_MAX)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise ValueError(f"{name}: cannot be read: {error}") from error
    if not seal.is_sealed(data):
        raise ValueError(
            f"{name}: its checksum does not fit: damaged, or edited here. "
            "Change it on the computer, where the checksum is made, and send it again"
        )
    return json.loads(data)  # type: ignore[no-any-return]
