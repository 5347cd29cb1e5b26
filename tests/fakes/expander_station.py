"""A whole station whose door contacts hang on MCP23017s, with the boards' own driver for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emulator.expanders import Mcp23017
from locker.drivers.mcp23017 import ExpanderContacts
from virtual.bench import Bench
from virtual.i2c import I2CBus
from whole_station import WholeStation

_FIRST = 0x20
_DOORS_EACH = 7


class Wires:
    """What the driver asks of its bus (locker.drivers.mcp23017.Bus and ports.I2CPort). missed: so
    many transfers that nobody answers are still to come.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.bus = I2CBus(400_000)
        self.chips = [
            Mcp23017(self._contacts(first))
            for first in range(0, len(bench.layout.doors), _DOORS_EACH)
        ]
        self.bus.devices.update(enumerate(self.chips, _FIRST))
        self.missed = 0

    def connect(self) -> Wires:
        return self

    def held(self) -> bool:
        return False

    def writeto(self, addr: int, buf: bytes) -> int:
        if not self._answers() or not self.bus.write(self._bench.now_ms, addr, bytes(buf)):
            raise OSError(5)
        return len(buf)

    def writeto_mem(self, addr: int, memaddr: int, buf: bytes) -> None:
        self.writeto(addr, bytes((memaddr,)) + bytes(buf))

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray) -> None:
        data = self.bus.read(self._bench.now_ms, addr, memaddr, len(buf))
        if not self._answers() or data is None:
            raise OSError(5)
        buf[:] = data

    def _answers(self) -> bool:
        if self.missed:
            self.missed -= 1
            return False
        return True

    def _contacts(self, first: int) -> Callable[[float], tuple[int, int]]:
        """Seven doors of the cabinet; all contacts close to ground."""
        cabinet = self._bench.cabinet

        def closed(now_ms: float) -> tuple[int, int]:
            return cabinet.reeds(now_ms) >> first & 0x7F, cabinet.latches(now_ms) >> first & 0x7F

        return closed


class ExpanderStation(WholeStation):
    """Doors 1 to 7 on the first chip, door 8 on the second. plug(index) and unplug(index).

    Every door step runs: what its driver does depends on how often it is asked.
    """

    def __init__(self, folder: Path, occupied: tuple[int, ...] = ()) -> None:
        super().__init__(folder, occupied=occupied, skips=False)

    def start(self) -> None:
        if not hasattr(self, "wires"):
            self.wires = Wires(self.bench)
        every = (1 << len(self.bench.layout.doors)) - 1
        addresses = sorted(self.wires.bus.devices)
        contacts = ExpanderContacts(
            self.wires, addresses, len(self.board["doors"]), (every, every)
        )
        self.hal.contacts = contacts  # type: ignore[assignment]
        super().start()

    def unplug(self, index: int) -> None:
        """This chip no longer answers."""
        self.wires.bus.unplugged.add(_FIRST + index)

    def plug(self, index: int) -> None:
        """It answers again, after its supply was away."""
        self.wires.bus.unplugged.discard(_FIRST + index)
        self.wires.chips[index].power_up()
