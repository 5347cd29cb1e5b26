"""A byte stream in memory with a scripted other side; runs on CPython and MicroPython. Nothing
moves unless told to.
"""


class FakeWire:
    """What tcp.Tcp does, without a network.

    ``sent`` is what the firmware wrote, ``inbox`` what it will read.
    """

    def __init__(self) -> None:
        self.sent = bytearray()
        self.inbox = bytearray()
        self.opens = 0
        self.connected = 1
        self.open_works = True
        self.room = 1 << 20
        self.ended = False
        self.is_open = False

    def open(self) -> bool:
        self.opens += 1
        self.is_open = self.open_works
        self.ended = False
        return self.open_works

    def ready(self) -> int:
        return self.connected

    def send(self, data: memoryview) -> int:
        if self.ended:
            return -1
        taken = min(len(data), self.room)
        self.room -= taken
        self.sent += bytes(data[:taken])
        return taken

    def recv_into(self, buf: bytearray) -> int:
        if not self.inbox:
            return -1 if self.ended else 0
        taken = min(len(buf), len(self.inbox))
        buf[:taken] = self.inbox[:taken]
        self.inbox = self.inbox[taken:]
        return taken

    def close(self) -> None:
        self.is_open = False
        self.inbox = bytearray()

    def take(self) -> list[tuple[int, bytes]]:
        """The packets written since the last take(), as (first byte, body) pairs."""
        found = split(self.sent)
        self.sent = bytearray()
        return found


def split(data: bytes | bytearray) -> list[tuple[int, bytes]]:
    """Whole MQTT packets as (first byte, body) pairs; raises ValueError when the data ends inside
    a packet.
    """
    packets = []
    at = 0
    while at < len(data):
        first, at = data[at], at + 1
        length, shift, more = 0, 0, 0x80
        while more:
            length |= (data[at] & 0x7F) << shift
            more = data[at] & 0x80
            at, shift = at + 1, shift + 7
        if at + length > len(data):
            raise ValueError("half a packet")
        packets.append((first, bytes(data[at : at + length])))
        at += length
    return packets


def packet(first: int, body: bytes = b"") -> bytes:
    """One packet with a minimal remaining length."""
    head = bytearray((first,))
    length = len(body)
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + body


def publish(topic: bytes, payload: bytes, pid: int = 0, flags: int = 0) -> bytes:
    """A PUBLISH to the firmware: QoS 1 with a pid, else QoS 0; flags: 1 retained, 8 duplicate."""
    body = bytes((len(topic) >> 8, len(topic) & 0xFF)) + topic
    if pid:
        return packet(0x32 | flags, body + bytes((pid >> 8, pid & 0xFF)) + payload)
    return packet(0x30 | flags, body + payload)


CONNACK = b"\x20\x02\x00\x00"


def puback(pid: int) -> bytes:
    return bytes((0x40, 2, pid >> 8, pid & 0xFF))


def suback(pid: int, code: int = 1) -> bytes:
    return bytes((0x90, 3, pid >> 8, pid & 0xFF, code))


PINGRESP = b"\xd0\x00"
