"""Plain SNTP over fake sockets: what is believed, what ends the wait, and what is as if it had not
come.
"""

import errno
import struct

from locker.net import sntp
from locker.net.sntp import Sntp

NONCE = b"\x01\x02\x03\x04\x05\x06\x07\x08"
SINCE_1900 = 3_786_825_600  # of 2020-01-01
NOW = 217_000_000


def stamp(ms):
    """A 64-bit timestamp of so many ms since 2020."""
    seconds, ms = divmod(ms, 1000)
    return struct.pack(">II", (seconds + SINCE_1900) & 0xFFFFFFFF, (ms << 32) // 1000)


def reply(ms=NOW * 1000, held_ms=0, **fields):
    """An honest server's answer, sent at ms; fields: first, stratum, delay, dispersion, nonce."""
    head = bytes((fields.get("first", 0x24), fields.get("stratum", 2), 6, 0xEC))
    root = struct.pack(">II", fields.get("delay", 0), fields.get("dispersion", 0))
    reference = fields.get("reference", b"\x0a\0\0\1")
    times = stamp(ms - 9000) + fields.get("nonce", NONCE) + stamp(ms - held_ms) + stamp(ms)
    return head + root + reference + times


class DeviceSocket:
    """readinto as MicroPython has it: None for nothing yet."""

    def __init__(self, sockets):
        self.sockets = sockets
        self.blocking = True
        self.closed = False

    def setblocking(self, on):
        self.blocking = on

    def connect(self, address):
        assert not self.blocking
        self.sockets.address = address

    def send(self, data):
        if self.sockets.unreachable:
            raise OSError(errno.EHOSTUNREACH)
        self.sockets.sent.append(bytes(data))
        return len(data)

    def readinto(self, buf):
        if not self.sockets.inbox:
            return None
        data = self.sockets.inbox.pop(0)
        if data is None:
            raise OSError(errno.ECONNREFUSED)
        data = data[: len(buf)]
        buf[: len(data)] = data
        return len(data)

    def close(self):
        self.closed = True


class Sockets:
    AF_INET, SOCK_DGRAM = 2, 2

    def __init__(self):
        self.inbox, self.sent, self.made = [], [], []
        self.address = None
        self.unreachable = False

    def socket(self, family, kind):
        assert (family, kind) == (2, 2)
        self.made.append(DeviceSocket(self))
        return self.made[-1]


def asked(now=1000):
    sockets = Sockets()
    client = Sntp(sockets, "10.0.0.1", lambda n: NONCE[:n])
    assert client.ask(now)
    return client, sockets


def test_the_question_tells_nothing_and_is_bound_to_its_answer():
    _client, sockets = asked()
    assert sockets.address == ("10.0.0.1", 123)
    assert sockets.sent == [b"\x23" + bytes(39) + NONCE]


def test_an_honest_answer():
    client, sockets = asked()
    assert client.poll(1010) == sntp.WAITING
    sockets.inbox.append(reply(NOW * 1000 + 250, held_ms=20, delay=0x800, dispersion=0x400))
    assert client.poll(1120) == sntp.TOLD
    # 120 ms on the way and back, 20 of them held: 50 each way; root delay 31 ms, dispersion 15
    assert client.at == (NOW, 299) or client.at == (NOW, 300)
    assert 50 + 15 + 15 <= client.error_ms <= 85
    assert sockets.made[0].closed and client.poll(1121) == sntp.NO_ANSWER


def test_the_time_after_the_era_ends_in_2036():
    for seconds in (508_208_895, 508_208_896, 508_208_897, 1_000_000_000):
        found, at, _ = sntp.read(reply(seconds * 1000 + 500), NONCE, 10)
        assert found == sntp.TOLD and at[0] == seconds and 504 <= at[1] <= 506


def test_what_does_not_answer_is_as_if_it_had_not_come():
    good = reply()
    strange = (
        b"",
        good[:47],
        reply(nonce=bytes(8)),
        reply(nonce=NONCE[1:] + NONCE[:1]),
        reply(first=0x23),  # a client's
        reply(first=0x25),  # a broadcast
        reply(first=0xE4),  # a server that is not synchronised itself
        reply(stratum=16),
        reply(stratum=0, nonce=bytes(8)),  # a kiss for somebody else
        reply(held_ms=200),  # held longer than it was away
        reply(held_ms=-5),
        reply(dispersion=0x20000),
        reply(delay=0xFFFFFFFF),
        reply(ms=1_200_000_000_000),  # 2058
        good[:40] + bytes(8),
    )
    client, sockets = asked()
    for data in strange:
        assert sntp.read(data, NONCE, 100)[0] == sntp.WAITING, data
        sockets.inbox.append(data)
        assert client.poll(1100) == sntp.WAITING
    sockets.inbox += [None, good + bytes(200)]
    assert client.poll(1100) == sntp.WAITING
    assert client.poll(1100) == sntp.TOLD


def test_a_kiss_of_death_to_this_question():
    for code, found in ((b"RATE", sntp.KISS_RATE), (b"DENY", sntp.KISS_DENY)):
        client, sockets = asked()
        sockets.inbox.append(reply(stratum=0, reference=code))
        assert client.poll(1100) == found and sockets.made[0].closed


def test_an_answer_too_late_and_a_network_that_is_not_there():
    client, sockets = asked()
    sockets.inbox.append(reply())
    assert client.poll(1000 + sntp.TRIP_LIMIT_MS + 1) == sntp.NO_ANSWER
    assert sockets.made[0].closed
    sockets.unreachable = True
    assert not client.ask(9000) and sockets.made[1].closed
    assert client.poll(9001) == sntp.NO_ANSWER


def test_names_are_no_addresses():
    for host in ("pool.ntp.org", "", "1.2.3"):
        try:
            Sntp(Sockets(), host, bytes)
        except ValueError:
            continue
        raise AssertionError(host)


def test_noise_never_raises():
    for length in range(60):
        for fill in (0, 1, 0x24, 0x80, 0xFF):
            data = bytearray([fill] * length)
            if length >= 48:
                data[0], data[24:32] = 0x24, NONCE
            sntp.read(data, NONCE, 100)
