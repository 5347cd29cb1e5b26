"""Plain SNTP (RFC 4330, RFC 5905 section 14): one question over UDP, without ever blocking.

Nobody signs these answers. What can be done against strangers: the socket takes datagrams of one
address only, and the question carries 64 random bits as its transmit time, which the answer must
repeat. Whoever sits on the way can still say what he likes: Clock.hint() is made for that.
"""

import struct

from locker.core import ticks
from locker.net.tcp import socket_address
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PORT = const(123)
TRIP_LIMIT_MS = const(2_000)

# What poll() and read() say.
WAITING, TOLD, KISS_RATE, KISS_DENY, NO_ANSWER = range(5)

_BYTES = const(48)
_ROOM = const(128)  # what is longer (extensions, MACs) is cut
_CLIENT = const(0x23)  # version 4, mode 3
_SERVER_MODE = const(4)
_UNSYNCHRONISED = const(3)  # leap indicator
_STRATUM_LAST = const(15)
_ERROR_LIMIT_MS = const(1_000)
_BEGIN_S = 3_786_825_600  # 2020-01-01 since 1900; differences modulo 2**32 outlive 2036
_END_S = const(1_073_001_600)  # 2054-01-01


class Sntp:
    """One server. at: (seconds since 2020, ms) at the moment of poll(), error_ms: its bound; both
    after TOLD.
    """

    def __init__(self, sockets: "Any", host: str, random: "Callable[[int], bytes]") -> None:
        """Raises ValueError for an address that is not numeric."""
        self._sockets = sockets
        self._address = socket_address(sockets, host, PORT)
        self._random = random
        self._sock: Any = None
        self._nonce = b""
        self._sent_at = 0
        self._answer = bytearray(_ROOM)
        self.at = (0, 0)
        self.error_ms = 0

    def ask(self, now: int) -> bool:
        """Send a question. False when that failed at once."""
        self.close()
        self._nonce = self._random(8)
        self._sent_at = now
        try:
            sock = self._sockets.socket(self._sockets.AF_INET, self._sockets.SOCK_DGRAM)
            self._sock = sock
            sock.setblocking(False)
            sock.connect(self._address)
            sock.send(bytes((_CLIENT,)) + bytes(39) + self._nonce)
        except OSError:
            self.close()
            return False
        return True

    def poll(self, now: int) -> int:
        """Look at one datagram at most. What is no answer to the question is as if it had not
        come: a stranger cannot end the wait.
        """
        trip_ms = ticks.diff(now, self._sent_at)
        if self._sock is None or not 0 <= trip_ms <= TRIP_LIMIT_MS:
            self.close()
            return NO_ANSWER
        found, at, error_ms = read(self._answer[: self._receive()], self._nonce, trip_ms)
        if found == WAITING:
            return WAITING
        self.at, self.error_ms = at, error_ms
        self.close()
        return found

    def close(self) -> None:
        """Let go of the socket; does nothing when there is none."""
        sock, self._sock = self._sock, None
        if sock is not None:
            try:
                sock.close()
            except OSError:
                pass  # the descriptor is freed even so

    def _receive(self) -> int:
        sock = self._sock
        read_into = sock.readinto if hasattr(sock, "readinto") else sock.recv_into
        try:
            return int(read_into(self._answer) or 0)
        except OSError:  # nothing yet, or nobody listens there
            return 0


def read(
    data: "bytes | bytearray", nonce: bytes, trip_ms: int
) -> "tuple[int, tuple[int, int], int]":
    """(found, (seconds since 2020, ms) now, error in ms) of a datagram that came trip_ms after the
    question: WAITING for what does not answer it, or answers with what no client may use.
    """
    nothing = (WAITING, (0, 0), 0)
    if len(data) < _BYTES or data[24:32] != nonce or data[0] & 7 != _SERVER_MODE:
        return nothing
    if not data[1]:
        return (KISS_RATE if data[12:16] == b"RATE" else KISS_DENY), (0, 0), 0
    if data[0] >> 6 == _UNSYNCHRONISED or data[1] > _STRATUM_LAST:
        return nothing
    received, sent = _moment(data, 32), _moment(data, 40)
    held_ms = (sent[0] - received[0]) * 1000 + sent[1] - received[1]
    if not 0 <= held_ms <= trip_ms or not 0 < sent[0] < _END_S:
        return nothing
    half_ms = (trip_ms - held_ms + 1) // 2
    error_ms = half_ms + 1 + _fixed_ms(data, 4) // 2 + _fixed_ms(data, 8)
    if error_ms > _ERROR_LIMIT_MS:
        return nothing
    ms = sent[1] + half_ms
    return TOLD, (sent[0] + ms // 1000, ms % 1000), error_ms


def _moment(data: "bytes | bytearray", at: int) -> "tuple[int, int]":
    """A 64-bit timestamp as (seconds since 2020, ms)."""
    seconds, fraction = struct.unpack_from(">IH", data, at)
    return (seconds - _BEGIN_S) & 0xFFFFFFFF, fraction * 1000 >> 16


def _fixed_ms(data: "bytes | bytearray", at: int) -> int:
    """A 16.16 figure of seconds in ms, 65 s at most."""
    seconds: int = data[at] << 8 | data[at + 1]
    fraction: int = data[at + 2] << 8 | data[at + 3]
    return min(seconds, 64) * 1000 + (fraction * 1000 >> 16)
