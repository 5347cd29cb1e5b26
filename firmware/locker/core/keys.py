"""The station's own secrets, in one cell."""

import struct

from locker.core import codes
from locker.core.mac import Mac

CELL = ("keys", 1, 1)


class Keys:
    """The station's own secrets: three 32-byte keys with no common parent on the device."""

    def __init__(self, courier: bytes, command: bytes, journal: bytes) -> None:
        self.courier = courier
        self.command = command
        self.journal = journal

    def pack(self) -> bytes:
        """Payload of the keys cell."""
        return self.courier + self.command + self.journal

    def owner(self, station: str) -> int:
        """32 bits that every cell of this station carries: with these keys and this id."""
        digest = Mac(self.journal).digest(b"owner|" + station.encode())
        owner: int = struct.unpack(">I", digest[:4])[0]
        return owner

    def are_demo(self) -> bool:
        """True when any of them was made for demonstrations."""
        return any(codes.is_demo_key(k) for k in (self.courier, self.command, self.journal))


def unpack_keys(payload: bytes) -> Keys:
    """Keys from the cell's payload. Raises ValueError when it has another length."""
    size = codes.KEY_BYTES
    if len(payload) != 3 * size:
        raise ValueError("not a keys cell")
    return Keys(payload[:size], payload[size : 2 * size], payload[2 * size :])
