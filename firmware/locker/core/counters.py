"""Numbers of the station that never fall, and the clock's floor, in one cell."""

import struct

CELL = ("counters", 3, 2)
_LAYOUT = ">IIIIII"


class Counters:
    """boot: boots so far; command: last command taken; acknowledged: journal records the host
    holds.

    clock_set_s: when the clock chip was last set from a trusted source; floor_s: no time below it
    is believed (both since 2020). erases: blocks of the flash erased so far, estimated.
    """

    def __init__(self) -> None:
        self.boot = 0
        self.command = 0
        self.acknowledged = 0
        self.clock_set_s = 0
        self.floor_s = 0
        self.erases = 0

    def pack(self) -> bytes:
        """The durable form."""
        return struct.pack(
            _LAYOUT,
            self.boot,
            self.command,
            self.acknowledged,
            self.clock_set_s,
            self.floor_s,
            self.erases,
        )

    def unpack(self, payload: bytes) -> None:
        """Take over a stored payload. Raises ValueError when it has another shape."""
        if len(payload) != struct.calcsize(_LAYOUT):
            raise ValueError("not a counters cell")
        row = struct.unpack(_LAYOUT, payload)
        self.boot, self.command, self.acknowledged = row[:3]
        self.clock_set_s, self.floor_s, self.erases = row[3:]
