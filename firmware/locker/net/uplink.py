"""The link and the MQTT session of a station, made from its settings."""

import select
import socket

from locker.net.links import LinkKeeper
from locker.net.mqtt import Mqtt
from locker.net.profile import Profile
from locker.net.tcp import Tcp
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.net.profile import Listener
    from locker.ports import Hal


def make(  # noqa: PLR0913 - the parts of two
    hal: "Hal",
    config: "dict[str, Any]",
    topics: "tuple[bytes, ...]",
    will: "tuple[bytes, bytes]",
    listener: "Listener",
    joins_since: "int | None" = None,
) -> "tuple[LinkKeeper, Mqtt]":
    """config: station.json; topics: to subscribe to; will: topic and payload; joins_since: as of
    LinkKeeper. Raises ValueError for what the broker could not be told.
    """
    broker, random = config["broker"], hal.system.random
    login = (broker["user"], broker["password"])
    profile = Profile(config["station"].encode(), topics, will, broker["keepalive_s"], login)
    tcp = Tcp(socket, select, broker["host"], broker["port"])
    link = LinkKeeper(hal.link, random, joins_since)
    return link, Mqtt(profile, tcp, listener, random)
