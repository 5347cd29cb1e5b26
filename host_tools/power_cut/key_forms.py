"""What in some bytes may be a key, in whatever form somebody has left it."""

import base64
import re
from collections.abc import Iterator

_HEX = re.compile(rb"[0-9A-Fa-f]{64,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{43,}")
_PAGE = 256
_FEWEST_VALUES = 12  # different bytes in a window of 32: a random one has 30


def windows(data: bytes) -> Iterator[bytes]:
    """Every 32 bytes that may be a key: as they are, as hex, as base64, and each reversed."""
    for page in range(0, len(data), _PAGE):
        if data[page : page + _PAGE].strip(b"\xff"):
            for at in range(max(page - 31, 0), min(page + _PAGE, len(data) - 31)):
                window = data[at : at + 32]
                if len(set(window)) >= _FEWEST_VALUES:
                    yield window
                    yield window[::-1]
    for text in (data, data[::-1]):
        for match in _HEX.finditer(text):
            run = match[0]
            yield from (bytes.fromhex(run[i : i + 64].decode()) for i in range(len(run) - 63))
        for match in _BASE64.finditer(text):
            run = match[0].translate(bytes.maketrans(b"-_", b"+/"))
            for i in range(len(run) - 42):
                yield base64.b64decode(run[i : i + 43] + b"=")
