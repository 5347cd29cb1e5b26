"""A TCP connection that never blocks and never raises.

Numeric IPv4 addresses only: looking up a name stops the door step for seconds. The socket and
select modules are given from outside, so that tests can put others in. How the ports differ:
- unix, rp2 and esp32 raise EINPROGRESS from connect() (with different numbers: it is taken from
  ``errno``);
- rp2 says "writable" while it still connects. Sending then is harmless (lwIP queues it) and the
  caller's deadline holds;
- rp2 blocks in send() for up to 10 s when lwIP runs out of memory: the caller bounds what is on
  its way (stream.py);
- MicroPython's readinto() answers None for "nothing yet", CPython's recv_into() raises EAGAIN.
"""

import errno

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

# The answer of every call once the connection has failed or the peer has closed it.
GONE = const(-1)

# POLLOUT and POLLERR | POLLHUP, the same numbers on every port and on Linux.
_WRITABLE = const(4)
_BROKEN = const(0x18)


def parse_ipv4(text: str) -> bytes:
    """Four bytes of a dotted address. Raises ValueError for anything else, names included."""
    parts = text.split(".")
    if len(parts) != 4:
        raise ValueError("not a numeric IPv4 address: " + text)
    for part in parts:
        if not part.isdigit() or len(part) > 3 or int(part) > 255:
            raise ValueError("not a numeric IPv4 address: " + text)
    return bytes(int(part) for part in parts)


def socket_address(sockets: "Any", host: str, port: int) -> "Any":
    """What connect() wants: a pair, but on the unix port the bytes of a C ``struct sockaddr_in``.
    Raises ValueError.
    """
    ip = parse_ipv4(host)
    if not 0 < port < 65536:
        raise ValueError("port out of range: " + str(port))
    # Only the unix port has this function.
    if not hasattr(sockets, "sockaddr"):
        return (host, port)
    family = int(sockets.AF_INET)
    return bytes((family & 0xFF, family >> 8, port >> 8, port & 0xFF)) + ip + bytes(8)


class Tcp:
    """One connection to one server, opened again as often as needed.

    open(), then ready() until it is not 0.
    """

    def __init__(self, sockets: "Any", selects: "Any", host: str, port: int) -> None:
        """Raises ValueError for an address that is not numeric or a port outside 1..65535."""
        self._sockets = sockets
        self._poller = selects.poll()
        self._address = socket_address(sockets, host, port)
        self._sock: Any = None
        self._read: Any = None

    def open(self) -> bool:
        """Start to connect. False when that failed at once."""
        self.close()
        try:
            sock = self._sockets.socket()
        except OSError:
            return False
        self._sock = sock
        self._read = sock.readinto if hasattr(sock, "readinto") else sock.recv_into
        self._poller.register(sock, _WRITABLE)
        try:
            sock.setblocking(False)
            sock.connect(self._address)
        except OSError as refused:
            if refused.errno != errno.EINPROGRESS:
                self.close()
                return False
        return True

    def ready(self) -> int:
        """1 connected, 0 not yet, GONE failed."""
        if self._sock is None:
            return GONE
        for _, event in self._poller.poll(0):
            return GONE if event & _BROKEN else 1
        return 0

    def send(self, data: memoryview) -> int:
        """Bytes taken, 0 when the socket is full, or GONE."""
        if self._sock is None:
            return GONE
        try:
            return int(self._sock.send(data))
        except OSError as refused:
            return 0 if refused.errno == errno.EAGAIN else GONE

    def recv_into(self, buf: bytearray) -> int:
        """Bytes put at the start of buf, 0 when nothing has come, or GONE."""
        if self._sock is None:
            return GONE
        try:
            got = self._read(buf)
        except OSError as refused:
            return 0 if refused.errno == errno.EAGAIN else GONE
        if got is None:
            return 0
        # A stream that ends answers "0 bytes".
        return int(got) or GONE

    def close(self) -> None:
        """Let go of the socket; does nothing when there is none."""
        sock, self._sock, self._read = self._sock, None, None
        if sock is None:
            return
        self._poller.unregister(sock)
        try:
            sock.close()
        except OSError:
            pass  # the descriptor is freed even so
