"""A small MQTT 3.1.1 broker double for one client at a time or a few, with bad manners on demand.

    with Broker("mute") as broker:
        ...                      # connect to 127.0.0.1:broker.port, see what happens
        broker.mode = "good"     # from the next packet on it behaves

It records what it was told and never forwards a message by itself; publish() and say() speak to
every open client.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable

from wire import packet, puback, publish, suback

CONNECT, PUBLISH, PUBACK, SUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 4, 8, 12, 14

Twist = Callable[["Broker", "_Client", bytes], "bytes | None"]


class _Client:
    """One accepted connection and the bytes of it that are not yet a packet."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.waiting = b""
        self.ignored = False

    def packets(self, data: bytes) -> list[tuple[int, bytes]]:
        """Whole packets, as (first byte, body), that this data completes."""
        self.waiting += data
        found = []
        while (size := _packet_size(self.waiting)) and size[0] + size[1] <= len(self.waiting):
            head, body = size
            found.append((self.waiting[0], self.waiting[head : head + body]))
            self.waiting = self.waiting[head + body :]
        return found


def _packet_size(data: bytes) -> tuple[int, int] | None:
    """Header and body size of the packet that data starts with, or None while the length field is
    incomplete.
    """
    length = 0
    for at, byte in enumerate(data[1:5]):
        length |= (byte & 0x7F) << (7 * at)
        if not byte & 0x80:
            return at + 2, length
    return None


# --- bad manners: each takes the right answer to a packet and says what is sent instead; None
# closes ---


def _nothing(_broker: Broker, _client: _Client, _answer: bytes) -> bytes | None:
    return b""


def _close(_broker: Broker, _client: _Client, _answer: bytes) -> bytes | None:
    return None


def _half(_broker: Broker, _client: _Client, answer: bytes) -> bytes | None:
    return answer[: len(answer) // 2]


def _wrong_id(_broker: Broker, _client: _Client, answer: bytes) -> bytes | None:
    return answer[:-2] + bytes((answer[-2] ^ 0x40, answer[-1])) if answer else answer


def _huge_length(_broker: Broker, _client: _Client, answer: bytes) -> bytes | None:
    return answer + b"\x30\xff\xff\xff\x7f"


def _garbage(_broker: Broker, _client: _Client, _answer: bytes) -> bytes | None:
    return (
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n"
        + b"<p>You sent a request that we cannot read.</p>\n" * 3
    )


def _refuse(broker: Broker, _client: _Client, _answer: bytes) -> bytes | None:
    return bytes((0x20, 2, 0, broker.refusal))


def _stop_reading(broker: Broker, client: _Client, answer: bytes) -> bytes | None:
    broker.ignore(client)
    return answer


MODES: dict[str, dict[int, Twist]] = {
    "good": {},
    "mute": {CONNECT: _nothing},
    "early_close": {CONNECT: _close},
    "refuse": {CONNECT: _refuse},
    "garbage": {CONNECT: _garbage},
    "half_connack": {CONNECT: _half},
    "no_suback": {SUBSCRIBE: _nothing},
    "slow_reader": {SUBSCRIBE: _stop_reading},
    "huge_length": {SUBSCRIBE: _huge_length},
    "lost_puback": {PUBLISH: _nothing},
    "half_puback": {PUBLISH: _half},
    "wrong_id": {PUBLISH: _wrong_id},
    "close_at_publish": {PUBLISH: _close},
    "no_pingresp": {PINGREQ: _nothing},
}


class Broker:
    """The double, served by one thread on a free port of 127.0.0.1 (or the one given)."""

    def __init__(self, mode: str = "good", refusal: int = 5, port: int = 0) -> None:
        self.mode = mode
        self.refusal = refusal
        self.connects = 0
        self.pings = 0
        self.acks = 0
        self.subscribed: list[bytes] = []
        self.published: list[tuple[bytes, bytes, int, bool]] = []
        self._clients: list[_Client] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        # Small, so that a client of a broker that does not read feels it soon.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = int(self._listener.getsockname()[1])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Broker:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()
        for client in self._clients:
            client.sock.close()
        self._listener.close()
        self._selector.close()

    def say(self, data: bytes) -> None:
        """Send raw bytes to every open client."""
        for client in list(self._clients):
            with contextlib.suppress(OSError):
                client.sock.sendall(data)

    def publish(
        self, topic: bytes, payload: bytes, pid: int = 0, *, retained: bool = False
    ) -> None:
        """Send a message to every open client, QoS 1 when there is a pid."""
        self.say(publish(topic, payload, pid, int(retained)))

    def drop(self) -> None:
        """Break every connection."""
        for client in list(self._clients):
            with contextlib.suppress(OSError):
                client.sock.shutdown(socket.SHUT_RDWR)

    def ignore(self, client: _Client) -> None:
        """Read no more of this client, but keep its connection."""
        if not client.ignored:
            client.ignored = True
            self._selector.unregister(client.sock)

    def _serve(self) -> None:
        while not self._stop.is_set():
            for key, _ in self._selector.select(0.02):
                if key.data is None:
                    self._accept()
                elif not self._read(key.data):
                    self._close(key.data)

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = _Client(sock)
        self._clients.append(client)
        self._selector.register(sock, selectors.EVENT_READ, client)

    def _close(self, client: _Client) -> None:
        self._selector.unregister(client.sock)
        self._clients.remove(client)
        client.sock.close()

    def _read(self, client: _Client) -> bool:
        """False when the connection is over, by the client's wish or the mode's."""
        try:
            data = client.sock.recv(4096)
            answers = (self._answer(client, *one) for one in client.packets(data))
            return bool(data) and all(answers)
        except OSError:
            return False

    def _answer(self, client: _Client, first: int, body: bytes) -> bool:
        kind = first >> 4
        if kind == DISCONNECT:
            return False
        answer: bytes | None = self._right_answer(first, body)
        twist = MODES[self.mode].get(kind)
        if twist is not None:
            answer = twist(self, client, answer or b"")
        if answer is None:
            return False
        client.sock.sendall(answer)
        return True

    def _right_answer(self, first: int, body: bytes) -> bytes:
        kind = first >> 4
        if kind == CONNECT:
            self.connects += 1
            return packet(0x20, b"\x00\x00")
        if kind == SUBSCRIBE:
            self.subscribed.append(body[4:-1])
            return suback(int.from_bytes(body[:2], "big"))
        if kind == PINGREQ:
            self.pings += 1
            return packet(0xD0)
        if kind == PUBACK:
            self.acks += 1
        return self._note(first, body) if kind == PUBLISH else b""

    def _note(self, first: int, body: bytes) -> bytes:
        end = 2 + int.from_bytes(body[:2], "big")
        qos = first >> 1 & 3
        pid = int.from_bytes(body[end : end + 2], "big") if qos else 0
        self.published.append((body[2:end], body[end + 2 * bool(qos) :], qos, bool(first & 1)))
        return puback(pid) if qos else b""
