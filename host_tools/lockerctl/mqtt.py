"""One MQTT session of the host: subscribed before it is handed out, closed when the block ends."""

import json
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from lockerctl.errors import Exit, ToolError

_CONNECT_S = 5.0
_KEEPALIVE_S = 30


@dataclass(frozen=True)
class Message:
    """What arrived. id: for Session.done() of a durable session."""

    topic: str
    payload: bytes
    retained: bool
    id: tuple[int, int] = (0, 0)

    def fields(self) -> dict[str, Any]:
        """The payload's JSON object; empty when it is none: anybody may publish anything."""
        try:
            fields = json.loads(self.payload)
        except (ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}


class Session:
    """Messages in the order they came. Made by connect().

    name: makes the session durable: the broker keeps what comes while we are away, and sends again
    what was not done(). One session of a name at a time: a second one would push the first out.
    """

    def __init__(self, topics: Sequence[str], name: str = "") -> None:
        self._durable = bool(name)
        self._topics = [(topic, 1) for topic in topics]
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._refusal = ""
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=not name,
            manual_ack=bool(name),
        )
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._received

    def open(self, host: str, port: int) -> None:
        """Connect and subscribe, or raise ToolError NO_ANSWER."""
        where = f"No MQTT broker answers at {host}:{port}"
        hint = "Is it running? `lockerctl doctor --station NAME` checks the way."
        try:
            self._client.connect(host, port, _KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise ToolError(Exit.NO_ANSWER, f"{where} ({error}).", hint) from error
        self._client.loop_start()
        if not self._ready.wait(_CONNECT_S) or self._refusal:
            self.close()
            raise ToolError(Exit.NO_ANSWER, f"{where} ({self._refusal or 'time-out'}).", hint)

    def close(self) -> None:
        """Leave properly: no will, no reconnecting."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def up(self) -> bool:
        """Connected and subscribed at this moment."""
        return self._ready.is_set() and not self._refusal

    def get(self, timeout_s: float) -> Message | None:
        """The next message, or None when none came in time."""
        try:
            return self._inbox.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None

    def done(self, message: Message) -> None:
        """The message has had its effect: the broker need not send it again."""
        if self._durable:
            self._client.ack(*message.id)

    def publish(self, topic: str, payload: bytes, timeout_s: float = _CONNECT_S) -> None:
        """QoS 1, never retained. Returns when the broker has it, or raises ToolError NO_ANSWER."""
        sent = self._client.publish(topic, payload, qos=1)
        if sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            sent.wait_for_publish(timeout_s)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS or not sent.is_published():
            raise ToolError(
                Exit.NO_ANSWER,
                "The broker did not take the message.",
                "Check the broker, then try again.",
            )

    def _connected(
        self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            self._ready.set()
        elif self._topics:
            client.subscribe(self._topics)
        else:
            self._ready.set()

    def _subscribed(
        self, _client: paho.Client, _data: Any, _mid: int, reasons: Any, _properties: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refusal = "subscription refused"
        self._ready.set()

    def _disconnected(
        self, _client: paho.Client, _data: Any, _flags: Any, _reason: Any, _properties: Any
    ) -> None:
        self._ready.clear()

    def _received(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        place = (message.mid, message.qos)
        self._inbox.put(Message(message.topic, bytes(message.payload), message.retain, place))


@contextmanager
def connect(host: str, port: int, topics: Sequence[str] = (), name: str = "") -> Iterator[Session]:
    """A session subscribed to topics (QoS 1). Raises ToolError NO_ANSWER without a broker."""
    session = Session(topics, name)
    session.open(host, port)
    try:
        yield session
    finally:
        session.close()
