"""Inbound MQTT packets put together from whatever pieces come, in a fixed amount of memory."""

from micropython import const

# Bytes before the body in Frame.raw: the first byte and a two-byte remaining length.
HEAD = const(3)

# 512 bytes of payload, 122 of topic (umqtt subscribes to no longer one), topic length and packet
# id, rounded up.
_KEEP = const(640)
# A longer packet can only be a mistake or an attack: nobody sends a station more than a command.
_LONGEST = const(4096)

_START = const(0)
_LENGTH = const(1)
_BODY = const(2)
_DONE = const(3)
_BAD = const(4)


class Frame:
    """One packet at a time. Feed it until ``done`` or ``bad``, use it, then clear().

    The body beyond _KEEP bytes is counted but not stored; ``oversized`` tells.
    """

    def __init__(self) -> None:
        self.raw = bytearray(HEAD + _KEEP)
        self.first = 0
        self.length = 0
        self._got = 0
        self._stage = _START

    @property
    def done(self) -> bool:
        return self._stage == _DONE

    @property
    def bad(self) -> bool:
        """The length field is broken or absurd: the stream cannot be followed any further."""
        return self._stage == _BAD

    @property
    def oversized(self) -> bool:
        return self.length > _KEEP

    @property
    def kind(self) -> int:
        """The packet type, 0..15."""
        return self.first >> 4

    @property
    def qos(self) -> int:
        """Of a PUBLISH; 3 is illegal."""
        return (self.first >> 1) & 3

    def clear(self) -> None:
        """Be ready for the next packet."""
        self.length = 0
        self._got = 0
        self._stage = _START

    def feed(self, chunk: memoryview, at: int, end: int) -> int:
        """Take bytes chunk[at:end] up to the end of this packet; returns the index of the first
        byte not taken.
        """
        while at < end and self._stage < _BODY:
            self._header(chunk[at])
            at += 1
        if self._stage == _BODY:
            at = self._body(chunk, at, end)
        return at

    def u16(self, at: int) -> int:
        """Two body bytes as a number, most significant first."""
        at += HEAD
        return self.raw[at] << 8 | self.raw[at + 1]

    def body(self, at: int) -> int:
        """One body byte."""
        return self.raw[HEAD + at]

    def cut(self, length: int) -> None:
        """Shorten the packet to its first ``length`` body bytes (at most what is kept)."""
        self.length = length
        self._seal()

    def _header(self, byte: int) -> None:
        if self._stage == _START:
            self.first = byte
            self._stage = _LENGTH
            return
        self.length |= (byte & 0x7F) << (7 * self._got)
        self._got += 1
        if byte & 0x80:
            # Two length bytes reach 16383; a third is padding or a size that is refused anyway.
            self._stage = _BAD if self._got == 2 else _LENGTH
        elif self.length > _LONGEST:
            self._stage = _BAD
        else:
            self._got = 0
            self._stage = _BODY if self.length else _DONE
            self._seal()

    def _body(self, chunk: memoryview, at: int, end: int) -> int:
        taken = min(end - at, self.length - self._got)
        kept = min(taken, _KEEP - self._got)
        if kept > 0:
            start = HEAD + self._got
            self.raw[start : start + kept] = chunk[at : at + kept]
        self._got += taken
        if self._got == self.length:
            self._stage = _DONE
        return at + taken

    def _seal(self) -> None:
        """Write the packet's header in front of its body, in a form that any decoder accepts."""
        self.raw[0] = self.first
        self.raw[1] = self.length & 0x7F | 0x80
        self.raw[2] = self.length >> 7


def sound_publish(frame: Frame) -> bool:
    """True when topic and packet id of a PUBLISH lie inside it and its QoS is one that we
    subscribe with (0 or 1).
    """
    if frame.length < 2 or frame.qos > 1:
        return False
    end = publish_header(frame)
    if end <= 2 + 2 * frame.qos or end > min(frame.length, _KEEP):
        return False
    return frame.qos == 0 or frame.u16(end - 2) != 0


def publish_header(frame: Frame) -> int:
    """Body bytes of a PUBLISH before its payload."""
    return 2 + frame.u16(0) + 2 * frame.qos
