"""The checksum that board.json and station.json end with. The file system checks no file's data,
and a flipped bit in a number would be used.

It is the last member of the object, ``"crc"``, over all bytes before its comma: the file stays
JSON.
"""

from binascii import crc32

from micropython import const

TAIL_BYTES = const(18)


def tail(body: "bytes | memoryview") -> bytes:
    """What ends the file. body: the object's text without its last brace."""
    return b',"crc":"%08x"}' % crc32(body)


def is_sealed(data: bytes) -> bool:
    """True when the text is as it was made."""
    return data[-TAIL_BYTES:] == tail(memoryview(data)[:-TAIL_BYTES])
