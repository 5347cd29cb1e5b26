"""The files that a station reads only with their checksum: made, and read back."""

import json
from collections.abc import Mapping
from typing import Any

from locker.core import seal
from lockerctl.errors import Exit, ToolError


def sealed(fields: Mapping[str, Any]) -> bytes:
    """JSON that the station takes for unchanged. fields: one at least, none named "crc"."""
    body = json.dumps(fields, separators=(",", ":")).encode()[:-1]
    return body + seal.tail(body)


def unsealed(data: bytes) -> dict[str, Any]:
    """The fields of such a file, without "crc". Raises ToolError (damaged) when it was changed."""
    if not seal.is_sealed(data):
        raise ToolError(
            Exit.DAMAGED,
            "The board's board.json is not as it was built.",
            "Bring the firmware to it again: lockerctl deploy.",
        )
    fields: dict[str, Any] = json.loads(data)
    del fields["crc"]
    return fields
