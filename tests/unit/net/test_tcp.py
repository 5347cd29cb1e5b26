"""The non-blocking connection over fake socket and select modules, one set for each port's
manners.
"""

import errno

from locker.net.tcp import GONE, Tcp, parse_ipv4, socket_address

OUT, ERR, HUP = 4, 8, 16


class FakeSocket:
    """A socket whose answers are scripted; readinto as MicroPython has it, unless a subclass hides
    it.
    """

    def __init__(self):
        self.connect_errno = errno.EINPROGRESS
        self.address = None
        self.blocking = True
        self.closed = False
        self.read = None
        self.sent = b""
        self.send_errno = 0

    def setblocking(self, on):
        self.blocking = on

    def connect(self, address):
        assert not self.blocking
        self.address = address
        if self.connect_errno:
            raise OSError(self.connect_errno, "scripted")

    def send(self, data):
        if self.send_errno:
            raise OSError(self.send_errno, "scripted")
        self.sent += bytes(data)
        return len(data)

    def _take(self, buf):
        if isinstance(self.read, int):
            raise OSError(self.read, "scripted")
        if self.read is None:
            return None
        buf[: len(self.read)] = self.read
        return len(self.read)

    def close(self):
        self.closed = True


class DeviceSocket(FakeSocket):
    def readinto(self, buf):
        return self._take(buf)


class HostSocket(FakeSocket):
    def recv_into(self, buf):
        if self.read is None:
            raise OSError(errno.EAGAIN, "scripted")
        return self._take(buf)


class Sockets:
    AF_INET = 2

    def __init__(self, kind):
        self.kind = kind
        self.made = []
        self.error = None

    def socket(self):
        if self.error:
            raise self.error
        self.made.append(self.kind())
        return self.made[-1]


class Poll:
    def __init__(self):
        self.event = 0
        self.watched = []

    def register(self, sock, flags):
        assert flags == OUT
        self.watched.append(sock)

    def unregister(self, sock):
        self.watched.remove(sock)

    def poll(self, timeout):
        assert timeout == 0
        return [(self.watched[0], self.event)] if self.event else []


class Selects:
    def __init__(self):
        self.made = Poll()

    def poll(self):
        return self.made


def rig(kind=DeviceSocket):
    sockets, selects = Sockets(kind), Selects()
    return Tcp(sockets, selects, "10.0.0.9", 1883), sockets, selects.made


def refused(call, *args):
    try:
        call(*args)
    except ValueError:
        return True
    return False


def test_only_numeric_addresses():
    assert parse_ipv4("192.168.0.255") == b"\xc0\xa8\x00\xff"
    for text in (
        "broker.local",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.-4",
        "1..2.3",
        "",
        "::1",
        "1.2.3.0004",
    ):
        assert refused(parse_ipv4, text), text


def test_socket_address_of_boards_and_of_the_unix_port():
    class Unix:
        AF_INET = 2

        def sockaddr(self):
            pass

    assert socket_address(Sockets(None), "10.0.0.9", 1883) == ("10.0.0.9", 1883)
    assert socket_address(Unix, "10.0.0.9", 1883) == b"\x02\x00\x07\x5b\x0a\x00\x00\x09" + bytes(8)
    for port in (0, -1, 65_536):
        assert refused(socket_address, Sockets(None), "10.0.0.9", port)


def test_connect_in_progress_then_writable():
    tcp, sockets, poll = rig()
    assert tcp.ready() == GONE
    assert tcp.open() and tcp.ready() == 0
    assert sockets.made[0].address == ("10.0.0.9", 1883)
    poll.event = OUT
    assert tcp.ready() == 1


def test_connect_done_at_once():
    tcp, sockets, poll = rig()

    class Quick(DeviceSocket):
        def __init__(self):
            super().__init__()
            self.connect_errno = 0

    sockets.kind = Quick
    poll.event = OUT
    assert tcp.open() and tcp.ready() == 1


def test_connect_that_fails_now_or_later():
    tcp, sockets, poll = rig()

    class Refused(DeviceSocket):
        def __init__(self):
            super().__init__()
            self.connect_errno = errno.EHOSTUNREACH

    sockets.kind = Refused
    assert not tcp.open() and sockets.made[0].closed and poll.watched == []
    sockets.kind = DeviceSocket
    for event in (OUT | ERR | HUP, HUP, ERR):
        assert tcp.open()
        poll.event = event
        assert tcp.ready() == GONE
    sockets.error = OSError(errno.ENOMEM, "scripted")
    assert not tcp.open() and tcp.ready() == GONE


def test_reading_in_both_manners():
    for kind in (DeviceSocket, HostSocket):
        tcp, sockets, _ = rig(kind)
        tcp.open()
        buf = bytearray(8)
        assert tcp.recv_into(buf) == 0
        sockets.made[0].read = b"abc"
        assert tcp.recv_into(buf) == 3 and buf[:3] == b"abc"
        sockets.made[0].read = b""
        assert tcp.recv_into(buf) == GONE
        sockets.made[0].read = errno.ECONNRESET
        assert tcp.recv_into(buf) == GONE
        sockets.made[0].read = errno.EAGAIN
        assert tcp.recv_into(buf) == 0


def test_sending():
    tcp, sockets, _ = rig()
    assert tcp.send(memoryview(b"x")) == GONE
    tcp.open()
    assert tcp.send(memoryview(b"abc")) == 3
    sockets.made[0].send_errno = errno.EAGAIN
    assert tcp.send(memoryview(b"abc")) == 0
    sockets.made[0].send_errno = errno.ECONNRESET
    assert tcp.send(memoryview(b"abc")) == GONE


def test_close_and_open_again():
    tcp, sockets, poll = rig()
    tcp.close()
    tcp.open()
    tcp.open()
    assert sockets.made[0].closed and len(poll.watched) == 1
    tcp.close()
    assert (
        poll.watched == []
        and tcp.recv_into(bytearray(1)) == GONE
        and tcp.send(memoryview(b"x")) == GONE
    )
