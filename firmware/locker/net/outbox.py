"""Bytes waiting for the socket. Bounded, and a packet goes in whole or not at all."""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Protocol

    class Sink(Protocol):
        """Takes bytes; answers how many, or negative when it is gone."""

        def send(self, data: memoryview) -> int: ...


class Full(Exception):
    """The packet being written does not fit; what was written of it never leaves."""


class Outbox:
    """A byte queue with one open packet at its end: begin(), write() in pieces, then commit()."""

    def __init__(self, size: int) -> None:
        self._buf = bytearray(size)
        self._view = memoryview(self._buf)
        self._head = 0
        self._ready = 0
        self._tail = 0
        self._limit = size

    @property
    def pending(self) -> int:
        """Bytes of whole packets that wait to be sent."""
        return self._ready - self._head

    @property
    def free(self) -> int:
        """Bytes that a new packet may take."""
        return len(self._buf) - self.pending

    def clear(self) -> None:
        """Forget everything: the connection is gone."""
        self._head = self._ready = self._tail = 0

    def begin(self, reserve: int = 0) -> None:
        """Open a packet that must leave ``reserve`` bytes free.

        An earlier packet that was not committed is dropped.
        """
        if self._head:
            self._view[: self.pending] = self._view[self._head : self._ready]
            self._ready -= self._head
            self._head = 0
        self._tail = self._ready
        self._limit = len(self._buf) - reserve

    def write(self, data: bytes | bytearray) -> None:
        """Add to the open packet. Raises Full when the packet passes its limit."""
        end = self._tail + len(data)
        if end > self._limit:
            raise Full
        self._buf[self._tail : end] = data
        self._tail = end

    def commit(self) -> int:
        """Close the packet, make it ready to send and return its size in bytes."""
        size = self._tail - self._ready
        self._ready = self._tail
        return size

    def send(self, sink: "Sink", most: int) -> int:
        """Offer at most ``most`` bytes to the sink; returns what the sink answered (bytes taken,
        or negative).
        """
        end = min(self._ready, self._head + most)
        sent = sink.send(self._view[self._head : end])
        if sent > 0:
            self._head += sent
        return sent
