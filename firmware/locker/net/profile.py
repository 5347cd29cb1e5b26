"""Who the station is to the broker, and who in the station hears of it."""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Protocol

    class Listener(Protocol):
        """Who hears of the session. See Mqtt for what happens when a method raises."""

        def on_message(self, topic: bytes, payload: bytes, retained: bool) -> None:
            """A message of a subscribed topic, already acknowledged to the broker."""
            ...

        def on_acked(self, pid: int) -> None:
            """The broker has taken the QoS 1 publish with this id."""
            ...


_MAX_TOPIC = const(122)
_MAX_TOPICS = const(8)
_MAX_INTRODUCTION = const(1024)


class Profile:
    """What CONNECT and SUBSCRIBE say, checked once so that they can always be sent."""

    def __init__(
        self,
        client_id: bytes,
        topics: tuple[bytes, ...],
        will: tuple[bytes, bytes],
        keepalive_s: int,
        login: tuple[str, str] = ("", ""),
    ) -> None:
        """topics: subscribed at QoS 1 after each connect, 1..122 bytes each. will: topic and
        payload, retained, QoS 1.

        keepalive_s: 0 (no pings) or 4..65535. login: user and password, empty for none. Raises
        ValueError for what umqtt or the broker could not carry.
        """
        for topic in topics:
            if not 0 < len(topic) <= _MAX_TOPIC:
                raise ValueError("a topic must have 1..122 bytes")
        if len(topics) > _MAX_TOPICS:
            raise ValueError("at most 8 topics")
        if not will[0] or len(client_id) + len(will[0]) + len(will[1]) > _MAX_INTRODUCTION:
            raise ValueError("client id and will must fit 1024 bytes")
        if keepalive_s and not 4 <= keepalive_s <= 65535:
            raise ValueError("keepalive_s must be 0 or 4..65535")
        self.client_id = client_id
        self.topics = topics
        self.will = will
        self.keepalive_s = keepalive_s
        self.login = login
