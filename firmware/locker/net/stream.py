"""Packets over a byte stream: an Outbox on the way out, a Frame on the way in."""

from locker.net.frames import Frame
from locker.net.outbox import Outbox
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Protocol

    class Wire(Protocol):
        """A byte stream that never blocks and never raises; see tcp.Tcp for its answers."""

        def open(self) -> bool: ...
        def ready(self) -> int: ...
        def send(self, data: memoryview) -> int: ...
        def recv_into(self, buf: bytearray) -> int: ...
        def close(self) -> None: ...


# What send() and receive() answer.
IDLE = const(0)
MOVED = const(1)
PACKET = const(2)
CLOSED = const(3)
MALFORMED = const(4)

_CHUNK = const(256)
_OUTBOX = const(2048)
# Nothing is read while there is no room for its PUBACK and a PINGREQ.
_ACK_ROOM = const(6)
# Bytes sent since the broker was last heard. On rp2 send() blocks for seconds when lwIP's memory
# is full: a silent broker gets no more than _WINDOW. After _PROBE it should be pinged; the outbox
# in front of that PINGREQ still fits the window.
_PROBE = const(2560)
_WINDOW = const(5120)


class Stream:
    """The connection's bytes.

    ``frame`` holds a whole packet after receive() has said PACKET, until the next receive().
    """

    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self.outbox = Outbox(_OUTBOX)
        self.frame = Frame()
        self._chunk = bytearray(_CHUNK)
        self._view = memoryview(self._chunk)
        self._at = 0
        self._end = 0
        self._unheard = 0

    def close(self) -> None:
        """End the connection and forget what was on its way."""
        self._wire.close()
        self.outbox.clear()
        self.frame.clear()
        self._at = self._end = 0
        self._unheard = 0

    @property
    def doubtful(self) -> bool:
        """Much was sent and nothing heard since: time to ask whether the broker is there."""
        return self._unheard > _PROBE

    def send(self) -> int:
        """Move at most 256 bytes out: IDLE, MOVED or CLOSED."""
        if not self.outbox.pending or self._unheard > _WINDOW:
            return IDLE
        sent = self.outbox.send(self._wire, _CHUNK)
        if sent < 0:
            return CLOSED
        self._unheard += sent
        return MOVED if sent else IDLE

    def receive(self) -> int:
        """Move at most 256 bytes, never past the end of a packet, into the frame: any of the five
        answers.
        """
        if self.outbox.free < _ACK_ROOM:
            return IDLE
        if self._at == self._end:
            answer = self._fill()
            if answer != MOVED:
                return answer
        if self.frame.done:
            self.frame.clear()
        self._at = self.frame.feed(self._view, self._at, self._end)
        if self.frame.bad:
            return MALFORMED
        return PACKET if self.frame.done else MOVED

    def _fill(self) -> int:
        got = self._wire.recv_into(self._chunk)
        if got < 0:
            return CLOSED
        if got == 0:
            return IDLE
        self._at = 0
        self._end = got
        self._unheard = 0
        return MOVED
