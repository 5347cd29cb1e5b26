"""umqtt.simple, unmodified, as the encoder and decoder of MQTT packets.

umqtt believes that it talks to a blocking socket. It gets this object instead, both as its
``socket`` module and as the socket: what it writes goes to the Outbox, what it reads comes from
one complete and checked Frame. When it wants to wait for an answer, its call ends there
(_Pending); the session in mqtt.py takes the answer when it comes. Works with umqtt.simple 1.3.4
(PyPI) to 1.8.
"""

from locker.net.frames import HEAD
from locker.net.outbox import Full
from micropython import const
from umqtt import simple

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable

    from locker.net.frames import Frame
    from locker.net.outbox import Outbox
    from locker.net.profile import Profile

_LAST_PID = const(65535)


class _Pending(Exception):
    """umqtt has written its packet and waits for the answer."""


class _Socket:
    """The part of a socket module and of a socket that umqtt.simple uses."""

    def __init__(self, outbox: "Outbox") -> None:
        self._outbox = outbox
        self._raw = bytearray()
        self._at = 0
        self._end = 0

    def load(self, raw: bytearray, length: int) -> None:
        """Make one whole packet readable."""
        self._raw = raw
        self._at = 0
        self._end = length

    def socket(self) -> "_Socket":
        return self

    def getaddrinfo(self, _host: str, _port: int) -> list[tuple[None]]:
        return [(None,)]

    def connect(self, _address: None) -> None:
        """The TCP connection is made elsewhere; so are the blocking mode and the end of it."""

    def settimeout(self, _seconds: None) -> None: ...

    def setblocking(self, _on: bool) -> None: ...

    def close(self) -> None: ...

    def write(self, data: bytes | bytearray, size: int = -1) -> None:
        self._outbox.write(data if size < 0 else data[:size])

    def read(self, size: int) -> bytes:
        end = self._at + size
        if end > self._end:
            raise _Pending
        data = bytes(self._raw[self._at : end])
        self._at = end
        return data


class Codec:
    """Writes MQTT packets to the outbox, each whole or not at all."""

    def __init__(self, profile: "Profile", outbox: "Outbox") -> None:
        user, password = profile.login
        self._outbox = outbox
        self._socket = _Socket(outbox)
        self._client = simple.MQTTClient(
            profile.client_id,
            "",
            port=1,
            user=user or None,
            password=password,
            keepalive=profile.keepalive_s,
        )
        self._client.set_callback(self._keep)
        self._message = (b"", b"")

    @property
    def pid(self) -> int:
        """The packet id given last, 1..65535."""
        return int(self._client.pid)

    def set_will(self, topic: bytes, payload: bytes) -> None:
        """What the broker says for us when we are gone: retained, QoS 1."""
        self._client.set_last_will(topic, payload, True, 1)

    def connect(self) -> bool:
        """CONNECT with a clean session. False when it does not fit; so do all the others."""
        simple.socket = self._socket
        return self._packet(0, self._client.connect) > 0

    def subscribe(self, topic: bytes) -> bool:
        """SUBSCRIBE at QoS 1, with the next pid."""
        self._step_pid()
        return self._packet(0, self._client.subscribe, topic, 1) > 0

    def publish(self, topic: bytes, payload: bytes, qos: int, retain: bool, reserve: int) -> bool:
        """PUBLISH, at QoS 1 with the next pid.

        It fits only if ``reserve`` bytes of the outbox stay free.
        """
        if qos:
            self._step_pid()
        return self._packet(reserve, self._client.publish, topic, payload, retain, qos) > 0

    def ping(self) -> bool:
        """PINGREQ."""
        return self._packet(0, self._client.ping) > 0

    def decode(self, frame: "Frame") -> tuple[bytes, bytes]:
        """Topic and payload of a sound PUBLISH frame.

        At QoS 1 its PUBACK is written: four bytes must be free.
        """
        self._socket.load(frame.raw, HEAD + frame.length)
        try:
            self._packet(0, self._client.wait_msg)
        finally:
            # Even after a MemoryError: the next publish must not take this packet for its answer.
            self._socket.load(frame.raw, 0)
        return self._message

    def _packet(self, reserve: int, write: "Callable[..., object]", *args: object) -> int:
        """Let umqtt write one packet; returns its size in bytes, 0 when it does not fit."""
        self._outbox.begin(reserve)
        try:
            write(*args)
        except _Pending:
            pass  # written whole; the answer comes to poll()
        except Full:
            return 0
        return self._outbox.commit()

    def _step_pid(self) -> None:
        if self._client.pid >= _LAST_PID:
            self._client.pid = 0

    def _keep(self, topic: bytes, payload: bytes) -> None:
        self._message = (topic, payload)
