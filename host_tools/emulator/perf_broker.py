"""A broker inside the emulation: it answers in the same turn, so that nothing waits for wall time.

Just what a station's session needs; the real one is used everywhere else.
"""

import asyncio
from collections import Counter

from .radio import Gate

_CONNECT, _PUBLISH, _SUBSCRIBE, _PINGREQ = 0x10, 0x30, 0x80, 0xC0
_QOS = 0x06


class InnerBroker(Gate):
    """Every connection that the gate lets through ends here. packets: how many of each kind."""

    def __init__(self, guest_port: int) -> None:
        super().__init__(guest_port, 0)
        self.packets: Counter[int] = Counter()

    async def connect(
        self, address: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """As the gate; ConnectionRefusedError for any other place."""
        if port != self.guest_port:
            self.refused.append((address, port))
            raise ConnectionRefusedError(f"{address}:{port} is outside")
        self.connected += 1
        reader = asyncio.StreamReader()
        return reader, _Peer(self, reader)  # type: ignore[return-value]

    def answer(self, packet: bytes, start: int) -> bytes:
        """What a broker says to one packet; start: where its fields begin."""
        kind = packet[0] & 0xF0
        self.packets[kind] += 1
        if kind == _CONNECT:
            return b"\x20\x02\x00\x00"
        if kind == _SUBSCRIBE:
            return b"\x90\x03" + packet[start : start + 2] + b"\x01"
        if kind == _PINGREQ:
            return b"\xd0\x00"
        if kind == _PUBLISH and packet[0] & _QOS:
            at = start + 2 + int.from_bytes(packet[start : start + 2], "big")
            return b"\x40\x02" + packet[at : at + 2]
        return b""


class _Peer:
    """The part of a StreamWriter that the emulator's NAT uses."""

    def __init__(self, broker: InnerBroker, reader: asyncio.StreamReader) -> None:
        self._broker = broker
        self._reader = reader
        self._data = b""

    def write(self, data: bytes) -> None:
        self._data += data
        while (end := _packet_end(self._data)) is not None:
            start, length = end
            packet, self._data = self._data[: start + length], self._data[start + length :]
            self._reader.feed_data(self._broker.answer(packet, start))

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        self._reader.feed_eof()


def _packet_end(data: bytes) -> tuple[int, int] | None:
    """(where the fields begin, their length) of the first packet, None while it is not whole."""
    length = 0
    for index in range(1, min(len(data), 5)):
        length |= (data[index] & 0x7F) << 7 * (index - 1)
        if data[index] < 0x80:
            whole = len(data) >= index + 1 + length
            return (index + 1, length) if whole else None
    return None
