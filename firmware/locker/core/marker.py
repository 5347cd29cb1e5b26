"""Seven bytes outside the file system that say: this station was provisioned. Needed at start and
dropped.
"""

import struct
from binascii import crc32

from micropython import const

MARKER_BYTES = const(7)
_BODY = ">BI"
_VERSION = const(0xA1)


def pack(owner: int) -> bytes:
    """owner: keys.Keys.owner()."""
    body = struct.pack(_BODY, _VERSION, owner)
    return body + struct.pack(">H", crc32(body) & 0xFFFF)


def unpack(data: bytes) -> "int | None":
    """The owner in a marker, None for anything else: by chance one of 16 million."""
    if len(data) != MARKER_BYTES or data[0] != _VERSION:
        return None
    owner: int = struct.unpack_from(_BODY, data)[1]
    return owner if pack(owner) == data else None
