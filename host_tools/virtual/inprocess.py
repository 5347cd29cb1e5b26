"""A board in this very process: the firmware's hardware ports straight on the bench's models, in
virtual time.

For simulations and tests: ``now_ms`` of the bench is the only clock, so a run is a matter of its
seed alone.
"""

from __future__ import annotations

from random import Random

from .bench import Bench

_TICKS = (1 << 30) - 1


class Restarted(BaseException):
    """The firmware asked for a reset. Not an Exception: no supervisor may catch it."""


class InProcessHal:
    """locker.ports.Hal on a Bench. ticks_offset: ticks at bench time 0, to try the wrap;
    levels_mv: of the analog inputs, by name; split: doors whose second reed contradicts.
    """

    accepts_demo_keys = True
    radio_shares_heap = False
    service_jumper = False

    def __init__(self, bench: Bench, seed: int = 0, ticks_offset: int = 0) -> None:
        self.bench = bench
        self.feeds = 0
        self.link_up = True
        self.split = 0
        self.levels_mv: dict[str, int] = {}
        self._random = Random(f"{seed}/hal")
        self._offset = ticks_offset
        self._lamps = (False, False)
        self._beep = False
        self.contacts = self.coils = self.keys = self.i2c = self.signals = self.link = (
            self.system
        ) = self.analog = self

    # contacts

    def reeds(self) -> int:
        return self.bench.cabinet.reeds(self.bench.now_ms)

    def latches(self) -> int:
        return self.bench.cabinet.latches(self.bench.now_ms)

    def reeds2(self) -> int:
        return self.reeds() ^ self.split

    def unread(self) -> int:
        return 0

    # coils

    @property
    def limit_ms(self) -> int:
        return self.bench.pulses.limit_ms

    def fire(self, mask: int, on_ms: int) -> None:
        if not self.bench.pulses.fire(self.bench.now_ms, mask, on_ms):
            raise OSError(16)

    def busy(self) -> bool:
        return self.bench.pulses.busy(self.bench.now_ms)

    def abort(self) -> None:
        self.bench.pulses.abort(self.bench.now_ms)

    def coil_current(self) -> bool:
        return self.bench.cabinet.current_flows(self.bench.now_ms)

    # analog inputs

    def millivolts(self, name: str) -> int:
        return self.levels_mv[name]

    # keypad

    def any_down(self) -> bool:
        return bool(self.bench.keypad.levels(self.bench.now_ms))

    def columns(self, row: int) -> int:
        return self.bench.keypad.columns(self.bench.now_ms, row)

    def help_down(self) -> bool:
        return self.bench.keypad.help_down(self.bench.now_ms)

    # I2C

    def writeto(self, addr: int, buf: bytes) -> int:
        if not self.bench.bus.write(self.bench.now_ms, addr, bytes(buf)):
            raise OSError(19)
        return len(buf)

    def writeto_mem(self, addr: int, memaddr: int, buf: bytes) -> None:
        self.writeto(addr, bytes((memaddr,)) + bytes(buf))

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray) -> None:
        data = self.bench.bus.read(self.bench.now_ms, addr, memaddr, len(buf))
        if data is None:
            raise OSError(19)
        buf[:] = data

    # signals

    def lamps(self, red: bool, green: bool) -> None:
        self._lamps = (red, green)
        self.bench.signals.set(self.bench.now_ms, red, green, self._beep)

    def beep(self, on: bool) -> None:
        self._beep = on
        self.bench.signals.set(self.bench.now_ms, *self._lamps, on)

    # link

    def configure(self, wifi: dict[str, str]) -> None:
        pass

    def join(self) -> None:
        pass

    def is_up(self) -> bool:
        return self.link_up

    def rssi_dbm(self) -> int:
        return 0

    # system

    def ticks_ms(self) -> int:
        return (int(self.bench.now_ms) + self._offset) & _TICKS

    def feed(self) -> None:
        self.feeds += 1

    def restart(self) -> None:
        raise Restarted

    def reset_cause(self) -> str:
        return "power"

    def random(self, n: int) -> bytes:
        return self._random.randbytes(n)

    def free_heap(self) -> int:
        return 0
