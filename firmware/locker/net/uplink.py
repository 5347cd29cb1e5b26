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


def make(
    hal: "Hal",
    config: "dict[str, Any]",
    topics: "tuple[bytes, ...]",
    will: "tuple[bytes, bytes]",
    listener: "Listener",
) -> "tuple[LinkKeeper, Mqtt]":
    """config: station.json; topics: to subscribe to; will: topic and payload. Raises ValueError
    for what the broker could not be told.
    """
    broker, wifi, random = config["broker"], config["wifi"], hal.system.random
    login = (broker["user"], broker["password"])
    profile = Profile(config["station"].encode(), topics, will, broker["keepalive_s"], login)
    hal.link.configure(wifi["ssid"], wifi["password"], wifi["country"])
    tcp = Tcp(socket, select, broker["host"], broker["port"])
    return LinkKeeper(hal.link, random), Mqtt(profile, tcp, listener, random)
