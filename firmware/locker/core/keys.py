"""The station's own secrets, in one cell."""

import struct

from locker.core import codes
from locker.core.mac import Mac

CELL = ("keys", 1, 2)


class Keys:
    """The station's own secrets: four 32-byte keys with no common parent on the device. staff:
    root of the persons' keys; zero bytes at a station that was provisioned before there were any.
    """

    def __init__(self, courier: bytes, command: bytes, journal: bytes, staff: bytes) -> None:
        self.courier = courier
        self.command = command
        self.journal = journal
        self.staff = staff

    def pack(self) -> bytes:
        """Payload of the keys cell."""
        return self.courier + self.command + self.journal + self.staff

    def owner(self, station: str) -> int:
        """32 bits that every cell of this station carries: with these keys and this id."""
        digest = Mac(self.journal).digest(b"owner|" + station.encode())
        owner: int = struct.unpack(">I", digest[:4])[0]
        return owner

    def are_demo(self) -> bool:
        """True when any of them was made for demonstrations."""
        return any(
            codes.is_demo_key(k) for k in (self.courier, self.command, self.journal, self.staff)
        )


def unpack_keys(payload: bytes) -> Keys:
    """Keys from the cell's payload. Raises ValueError when it has another length."""
    size = codes.KEY_BYTES
    if len(payload) != 4 * size:
        raise ValueError("not a keys cell")
    return Keys(*(payload[at : at + size] for at in range(0, 4 * size, size)))
