"""HMAC with the key pads prepared once (RFC 2104): SHA-256, or SHA-1 for ordinary authenticator
apps.

MicroPython has no ``hmac`` module and its hashes no ``copy()``; with the pads kept, one digest of
a short message is two hash objects and three updates (0.4 ms on the RP2040; micropython-lib's hmac
needs 3.1 ms).
"""

from hashlib import sha256

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_BLOCK = const(64)  # of SHA-1 and of SHA-256
_INNER = int.from_bytes(b"\x36" * 64, "big")
_OUTER = int.from_bytes(b"\x5c" * 64, "big")


class Mac:
    """One key, ready to sign. key: bytes of any length (hashed down when longer than a block);
    hashing: ``sha256`` or ``sha1`` of hashlib.
    """

    def __init__(self, key: bytes, hashing: "Callable[..., Any]" = sha256) -> None:
        if len(key) > _BLOCK:
            key = hashing(key).digest()
        # As one number: a loop over its bytes takes a millisecond on the RP2040.
        padded = int.from_bytes(key, "big") << 8 * (_BLOCK - len(key))
        self._inner = (padded ^ _INNER).to_bytes(_BLOCK, "big")
        self._outer = (padded ^ _OUTER).to_bytes(_BLOCK, "big")
        self._hashing = hashing

    def digest(self, message: bytes) -> bytes:
        """The HMAC of message: 32 bytes, 20 with SHA-1."""
        hashed = self._hashing(self._inner)
        hashed.update(message)
        outer = self._hashing(self._outer)
        outer.update(hashed.digest())
        digest: bytes = outer.digest()
        return digest


def equal(a: bytes, b: bytes) -> bool:
    """Compare two byte strings without telling by time where they differ."""
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0
