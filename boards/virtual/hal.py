"""The virtual board: ports.Hal over a TCP connection to the bench, on the unix port.

Wire format: host_tools/virtual/protocol.py. The bench stands for the hardware, so when it is gone
the board has lost its power: SystemExit, which no supervisor catches.
"""

import gc
import os
import socket
import sys
import time

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

_TICKS = const((1 << 30) - 1)
_SOL_TCP = const(6)
_TCP_NODELAY = const(1)
_LONGEST = const(255)  # payload and answer: one length byte
_GET_CONTACTS = b"C\x00"
_ABORT = b"A\x00"
_FEED = b"D\x00"
_RESTART = b"X\x00"


class _Wire:
    """Requests to the bench.

    Nothing here allocates once it is made, except answers longer than the contacts'.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
        # A request without an answer, then one with: Nagle would hold the second back for 40 ms.
        self._socket.setsockopt(_SOL_TCP, _TCP_NODELAY, 1)
        self._length = bytearray(1)

    def tell(self, request: "bytes | bytearray") -> None:
        """A request without an answer."""
        try:
            self._socket.write(request)
        except OSError:
            sys.exit("the bench is gone")

    def ask(self, request: "bytes | bytearray", answer: bytearray) -> int:
        """A request whose answer fits in ``answer`` exactly, or is empty; returns its length."""
        self.tell(request)
        self._fill(self._length)
        n = self._length[0]
        if n:
            self._fill(answer)
        return n

    def _fill(self, buffer: bytearray) -> None:
        try:
            got = self._socket.readinto(buffer)
        except OSError:
            got = 0
        if got != len(buffer):
            sys.exit("the bench is gone")


class _Contacts:
    """One look at the contacts a millisecond, shared by everybody who asks."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._answer = bytearray(10)
        self._at = -1

    def reeds(self) -> int:
        self._look()
        a = self._answer
        return a[0] | a[1] << 8 | a[2] << 16

    def latches(self) -> int:
        self._look()
        a = self._answer
        return a[4] | a[5] << 8 | a[6] << 16

    def unread(self) -> int:
        return 0

    def coil_busy(self) -> bool:
        self._look()
        return self._answer[8] != 0

    def help_down(self) -> bool:
        self._look()
        return self._answer[9] != 0

    def forget(self) -> None:
        """What was read in this millisecond is no longer true."""
        self._at = -1

    def _look(self) -> None:
        now = _ticks_ms()
        if now != self._at:
            self._wire.ask(_GET_CONTACTS, self._answer)
            self._at = now


class _Coils:
    """ports.CoilPort. The bench's pulse hardware ends every pulse."""

    def __init__(self, wire: _Wire, contacts: _Contacts, board: "dict[str, Any]") -> None:
        self._wire = wire
        self._contacts = contacts
        self._at_once = board["coils"]["at_once"]
        self._limit_ms: int = board["coils"]["limit_ms"]
        self._doors = (1 << len(board["doors"])) - 1
        self._fire = bytearray(b"F\x06\x00\x00\x00\x00\x00\x00")

    @property
    def limit_ms(self) -> int:
        return self._limit_ms

    def fire(self, mask: int, on_ms: int) -> None:
        if not 1 <= on_ms <= self._limit_ms:
            raise ValueError("on_ms %d: 1..%d" % (on_ms, self._limit_ms))
        if mask & ~self._doors or not 1 <= _ones(mask) <= self._at_once:
            raise ValueError("mask %x: 1..%d coils" % (mask, self._at_once))
        if self.busy():
            raise OSError(16)
        request = self._fire
        for i in range(4):
            request[2 + i] = mask >> 8 * i & 255
        request[6], request[7] = on_ms & 255, on_ms >> 8
        self._wire.tell(request)
        self._contacts.forget()

    def busy(self) -> bool:
        return self._contacts.coil_busy()

    def abort(self) -> None:
        self._wire.tell(_ABORT)
        self._contacts.forget()


class _Keys:
    """ports.KeyMatrixPort."""

    def __init__(self, wire: _Wire, contacts: _Contacts) -> None:
        self._wire = wire
        self._contacts = contacts
        self._request = bytearray(b"K\x01\x00")
        self._answer = bytearray(1)

    def any_down(self) -> bool:
        return True  # the bench is asked row by row

    def columns(self, row: int) -> int:
        self._request[2] = row
        self._wire.ask(self._request, self._answer)
        return self._answer[0]

    def help_down(self) -> bool:
        return self._contacts.help_down()


class _I2C:
    """ports.I2CPort.

    OSError 19 (ENODEV) when nobody answers at the address, as machine.I2C raises.
    """

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._ack = bytearray(1)

    def writeto(self, addr: int, buf: bytes) -> int:
        self._write(b"W" + bytes((len(buf) + 1, addr)) + buf)
        return len(buf)

    def writeto_mem(self, addr: int, memaddr: int, buf: bytes) -> None:
        self._write(b"M" + bytes((len(buf) + 2, addr, memaddr)) + buf)

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray) -> None:
        if not self._wire.ask(bytes((82, 3, addr, memaddr, len(buf))), buf):  # "R"
            raise OSError(19)

    def _write(self, request: bytes) -> None:
        self._wire.ask(request, self._ack)
        if not self._ack[0]:
            raise OSError(19)


class _Signals:
    """ports.SignalPort."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._request = bytearray(b"S\x03\x00\x00\x00")

    def lamps(self, red: bool, green: bool) -> None:
        self._request[2], self._request[3] = bool(red), bool(green)
        self._wire.tell(self._request)

    def beep(self, on: bool) -> None:
        self._request[4] = bool(on)
        self._wire.tell(self._request)


class _Link:
    """ports.LinkPort. The computer's own network: always there."""

    def configure(self, _wifi: "dict[str, str]") -> None:
        """Nothing to choose."""

    def join(self) -> None:
        """Nothing to start."""

    def is_up(self) -> bool:
        return True

    def rssi_dbm(self) -> int:
        return 0


class _System:
    """ports.SystemPort. The live runner is the watchdog.

    It restarts a process that stops feeding or ends.
    """

    service_jumper = False

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def ticks_ms(self) -> int:
        return _ticks_ms()

    def feed(self) -> None:
        self._wire.tell(_FEED)

    def restart(self) -> None:
        self._wire.tell(_RESTART)
        sys.exit("restart")

    def reset_cause(self) -> str:
        return os.getenv("LATCHWORK_RESET_CAUSE") or "power"

    def random(self, n: int) -> bytes:
        data: bytes = os.urandom(n)
        return data

    def free_heap(self) -> int:
        return gc.mem_free()


class VirtualHal:
    """ports.Hal."""

    def __init__(self, wire: _Wire, board: "dict[str, Any]") -> None:
        self.contacts = _Contacts(wire)
        self.coils = _Coils(wire, self.contacts, board)
        self.keys = _Keys(wire, self.contacts)
        self.i2c = _I2C(wire)
        self.signals = _Signals(wire)
        self.link = _Link()
        self.system = _System(wire)
        self.accepts_demo_keys = True
        self.radio_shares_heap = False


def make(board: "dict[str, Any]") -> VirtualHal:
    """Connect to the bench named by LATCHWORK_BENCH.

    RuntimeError without it, OSError when nobody listens there.
    """
    port = os.getenv("LATCHWORK_BENCH")
    if not port:
        raise RuntimeError("LATCHWORK_BENCH is not set: see lockerctl virtual run")
    return VirtualHal(_Wire(int(port)), board)


def _ticks_ms() -> int:
    # 62-bit small ints here, opaque in the stubs: cut to the boards' period.
    return time.ticks_ms() & _TICKS  # type: ignore[operator]


def _ones(mask: int) -> int:
    n = 0
    while mask:
        mask &= mask - 1
        n += 1
    return n
