"""The network in this process: sockets for the firmware, a broker, and the host behind it.

Every byte takes its time. What goes wrong with a network goes wrong here: nothing passes, the
broker refuses, acknowledgements are lost, messages come twice or in another order.
"""

from __future__ import annotations

import errno
import heapq
from collections.abc import Callable
from math import inf
from random import Random
from typing import Any, Protocol

from virtual.bench import Bench

# Faults, by name.
PARTITION, REFUSE, LOST_PUBACKS, DUPLICATE, REORDER = (
    "partition", "refuse", "lost_pubacks", "duplicate", "reorder",
)  # fmt: skip

FAULTS = (PARTITION, REFUSE, LOST_PUBACKS, DUPLICATE, REORDER)

_LATENCY_MS = 20.0
_REORDER_MS = 3_000.0
_WRITABLE, _BROKEN = 4, 0x18
_CONNECT, _PUBLISH, _SUBSCRIBE, _PINGREQ, _DISCONNECT = 1, 3, 8, 12, 14


class Receiver(Protocol):
    """What the broker passes the station's messages to."""

    def receive(self, topic: str, payload: bytes) -> None: ...


class Socket:
    """The station's end of one connection, as locker.net.tcp uses it."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.state = "new"  # connecting, open, refused, gone
        self.inbox = bytearray()
        self.unparsed = b""

    def setblocking(self, _on: bool) -> None:
        """It never blocks."""

    def connect(self, _address: Any) -> None:
        self.state = "connecting"
        self._network.dial(self)
        raise OSError(errno.EINPROGRESS, "connecting")

    def send(self, data: memoryview) -> int:
        if self.state == "gone":
            raise OSError(errno.ECONNRESET, "gone")
        self._network.sent(self, bytes(data))
        return len(data)

    def recv_into(self, buffer: bytearray) -> int:
        n = min(len(buffer), len(self.inbox))
        if not n and self.state != "gone":
            raise OSError(errno.EAGAIN, "nothing yet")
        buffer[:n] = self.inbox[:n]
        del self.inbox[:n]
        return n

    def close(self) -> None:
        self.state = "gone"


class _Poll:
    def __init__(self) -> None:
        self._sockets: list[Socket] = []

    def register(self, sock: Socket, _events: int) -> None:
        self._sockets.append(sock)

    def unregister(self, sock: Socket) -> None:
        if sock in self._sockets:  # MicroPython lets go of what it does not hold
            self._sockets.remove(sock)

    def poll(self, _timeout_ms: int) -> list[tuple[Socket, int]]:
        events = {"open": _WRITABLE, "refused": _BROKEN, "gone": _BROKEN}
        return [(s, events[s.state]) for s in self._sockets if s.state in events]


class Network:
    """Stands for the modules ``socket`` and ``select``, and is the broker: an actor on a bench.

    host: who hears what the station publishes. faults: what is wrong just now.
    """

    def __init__(self, bench: Bench, host: Receiver, seed: str) -> None:
        self.faults: set[str] = set()
        self._arrivals = 0
        self._bench = bench
        self._host = host
        self._rng = Random(f"{seed}/network")
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._pid = 0
        self._socket: Socket | None = None

    # -- what the firmware sees ---------------------------------------------------------------

    def socket(self) -> Socket:
        return Socket(self)

    def poll(self) -> _Poll:
        return _Poll()

    # -- what the simulation does -------------------------------------------------------------

    def news(self) -> object:
        """Changes when something has come, and is never the same while something is to be read."""
        unread = self._socket is not None and self._socket.inbox
        return object() if unread else self._arrivals

    def next_event(self) -> float:
        return self._due[0][0] if self._due else inf

    def step(self) -> None:
        while self._due and self._due[0][0] <= self._bench.now_ms:
            heapq.heappop(self._due)[2]()

    def lose_connection(self) -> None:
        """The station is gone, or a router has forgotten the connection: it hears a reset."""
        if self._socket is not None:
            self._socket.state = "gone"
            self._socket = None
            self._arrivals += 1

    def publish(self, topic: str, payload: bytes, retained: bool = False) -> None:
        """A message for the station, if it is connected by then."""
        times = 2 if DUPLICATE in self.faults else 1
        for _ in range(times):
            late = self._rng.uniform(0, _REORDER_MS) if REORDER in self.faults else 0.0
            self._pid = self._pid % 65_535 + 1
            packet = _publish(topic.encode(), payload, self._pid, retained)
            self._later(late, lambda data=packet: self._deliver(self._socket, data))  # type: ignore[misc]

    def dial(self, sock: Socket) -> None:
        """The station asks for a connection."""
        if PARTITION not in self.faults:
            self._later(2 * _LATENCY_MS, lambda: self._accept(sock))

    def sent(self, sock: Socket, data: bytes) -> None:
        """Bytes leave the station."""
        if PARTITION not in self.faults:
            self._later(_LATENCY_MS, lambda: self._hear(sock, data))

    # -- the broker ---------------------------------------------------------------------------

    def _later(self, ms: float, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._due, (self._bench.now_ms + ms, self._number, act))

    def _accept(self, sock: Socket) -> None:
        if sock.state == "connecting":
            sock.state = "refused" if REFUSE in self.faults else "open"
            self._socket = sock if sock.state == "open" else None
            self._arrivals += 1

    def _deliver(self, sock: Socket | None, data: bytes) -> None:
        if sock is not None and sock.state == "open" and PARTITION not in self.faults:
            sock.inbox += data
            self._arrivals += 1

    def _hear(self, sock: Socket, data: bytes) -> None:
        sock.unparsed += data
        while (size := _packet_size(sock.unparsed)) and sum(size) <= len(sock.unparsed):
            first, body = sock.unparsed[0], sock.unparsed[size[0] : sum(size)]
            sock.unparsed = sock.unparsed[sum(size) :]
            answer = self._answer(first, body)
            if answer:
                self._later(_LATENCY_MS, lambda data=answer: self._deliver(sock, data))  # type: ignore[misc]

    def _answer(self, first: int, body: bytes) -> bytes:
        kind = first >> 4
        if kind == _CONNECT:
            return b"\x20\x02\x00\x00"
        if kind == _SUBSCRIBE:
            return b"\x90\x03" + body[:2] + b"\x01"
        if kind == _PINGREQ:
            return b"\xd0\x00"
        return self._take(first, body) if kind == _PUBLISH else b""

    def _take(self, first: int, body: bytes) -> bytes:
        end = 2 + int.from_bytes(body[:2], "big")
        has_pid = bool(first >> 1 & 3)
        payload = body[end + 2 * has_pid :]
        for _ in range(2 if DUPLICATE in self.faults else 1):
            self._host.receive(body[2:end].decode(), payload)
        if not has_pid or LOST_PUBACKS in self.faults:
            return b""
        return b"\x40\x02" + body[end : end + 2]


def _packet_size(data: bytes) -> tuple[int, int] | None:
    """Bytes of header and body of the packet that data starts with; None: not all there yet."""
    length = 0
    for at, byte in enumerate(data[1:5]):
        length |= (byte & 0x7F) << 7 * at
        if not byte & 0x80:
            return at + 2, length
    return None


def _publish(topic: bytes, payload: bytes, pid: int, retained: bool) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + pid.to_bytes(2, "big") + payload
    length, head = len(body), bytearray((0x32 | retained,))
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + body
