"""The MQTT session: what it is told, and what it does not follow."""

from locker.net.profile import Profile
from mqtt_rig import CMD, STATE, Answering, Rig, connected
from wire import packet, publish


def test_message_with_its_retained_mark_and_puback():
    rig = connected()
    rig.give(
        publish(CMD, b"one", 7)
        + publish(CMD, b"two", 8, 1)
        + publish(CMD, b"")
        + publish(CMD, b"four", 0, 1)
    )
    assert rig.heard == [
        (CMD, b"one", False),
        (CMD, b"two", True),
        (CMD, b"", False),
        (CMD, b"four", True),
    ]
    assert rig.wire.take() == [(0x40, b"\x00\x07"), (0x40, b"\x00\x08")]


def test_message_in_single_bytes():
    rig = connected()
    for byte in publish(CMD, b"x" * 300, 300):
        rig.give(bytes((byte,)), 10)
    assert rig.heard == [(CMD, b"x" * 300, False)]


def test_one_packet_a_poll():
    rig = connected()
    rig.wire.inbox += publish(CMD, b"a") * 5
    for n in range(1, 6):
        rig.run(10)
        assert len(rig.heard) == n


def test_listener_that_raises_breaks_nothing():
    rig = connected()
    rig.wire.inbox += publish(CMD, b"bad", 5) + publish(CMD, b"good", 6)
    rig.anger = ValueError("no")
    raised = False
    try:
        rig.run(10)
    except ValueError:
        raised = True
    assert raised and rig.mqtt.up
    rig.anger = None
    rig.run(100)
    assert [payload for _, payload, _ in rig.heard] == [b"bad", b"good"]
    assert rig.wire.take() == [(0x40, b"\x00\x05"), (0x40, b"\x00\x06")]


def test_no_memory_for_a_message_leaves_the_session_whole():
    rig = connected()
    client = rig.mqtt._codec._client
    whole = client.wait_msg

    def starved():
        raise MemoryError

    client.wait_msg = starved
    try:
        rig.give(publish(CMD, b"lost", 5))
    except MemoryError:
        pass
    client.wait_msg = whole
    assert rig.mqtt.publish(b"t", b"x", 1, False)
    rig.give(publish(CMD, b"next", 6))
    assert [payload for _, payload, _ in rig.heard] == [b"next"]
    assert [first for first, _ in rig.wire.take()] == [0x32, 0x40]


def test_listener_may_publish_and_hang_up():
    rig = connected()
    rig.mqtt._listener = Answering(rig.mqtt)
    rig.give(publish(CMD, b"x", 3))
    assert [first for first, _ in rig.wire.take()] == [0x40, 0x32]
    rig.give(publish(CMD, b"bye"), 10)
    assert not rig.mqtt.up


def test_limits_of_an_inbound_message():
    rig = connected()
    rig.give(publish(CMD, b"x" * 512, 1))
    assert len(rig.heard) == 1
    rig.give(publish(CMD, b"x" * 4000, 2), 500)
    assert len(rig.heard) == 1 and rig.count("oversized") == 1 and rig.mqtt.up
    assert rig.wire.take() == [(0x40, b"\x00\x01"), (0x40, b"\x00\x02")]
    rig.give(publish(CMD, b"after", 3))
    assert rig.heard[-1][1] == b"after"
    rig.give(publish(CMD, b"x" * 5000, 4), 500)
    assert rig.count("malformed") == 1 and not rig.mqtt.up


def test_oversized_qos0_is_only_counted():
    rig = connected()
    rig.give(publish(CMD, b"x" * 1000), 200)
    assert rig.count("oversized") == 1 and rig.wire.take() == [] and rig.mqtt.up


def test_what_cannot_be_followed_drops_the_connection():
    broken = (
        b"\x30\xff\xff\xff\x7f",  # 256 MB
        b"\x30\x80\x80\x00",  # padded length
        b"\x00\x00",  # type 0
        b"\xf0\x00",  # type 15
        b"\x50\x02\x00\x01",  # PUBREC
        b"\x20\x02\x00\x00",  # a second CONNACK
        b"\x90\x03\x00\x01\x01",  # SUBACK nobody waits for
        b"\x40\x03\x00\x01\x00",  # PUBACK of three bytes
        b"\x41\x02\x00\x01",  # PUBACK with flags
        b"\xd0\x01\x00",  # PINGRESP with a body
        b"\x30\x01\x00",  # PUBLISH without a topic length
        b"\x30\x02\x00\x00",  # empty topic
        b"\x30\x04\x00\x09ab",  # topic longer than the packet
        b"\x32\x05\x00\x01a\x00\x00",  # packet id 0
        b"\x32\x03\x00\x01a",  # no packet id
        b"\x34\x05\x00\x01a\x00\x01",  # QoS 2
        b"\x36\x05\x00\x01a\x00\x01",  # QoS 3
        packet(0x30, b"\x10\x00" + b"a" * 1000),  # topic runs past what is kept
    )
    rig = Rig()
    for n, data in enumerate(broken):
        rig.connect()
        rig.give(data)
        assert not rig.mqtt.up, data
        assert rig.count("malformed") == n + 1
        rig.run(1_100)
        rig.wire.take()
        rig.mqtt.hang_up()
    assert rig.heard == [] and rig.count("drops") == len(broken)


def test_reads_nothing_while_there_is_no_room_to_acknowledge():
    rig = connected()
    rig.wire.room = 0
    while rig.mqtt.publish(b"t", bytes(100), 0, False):
        pass
    for byte in range(64, 0, -1):
        if not rig.mqtt.publish(b"t", bytes(byte), 0, False):
            continue
    rig.wire.inbox += publish(CMD, b"x", 9) * 10
    rig.run(200)
    assert len(rig.heard) < 10 and rig.mqtt.up
    rig.wire.room = 1 << 20
    rig.run(500)
    assert len(rig.heard) == 10
    assert [first for first, _ in rig.wire.take()].count(0x40) == 10


def test_profile_refuses_what_could_not_be_sent():
    will = (STATE, b"x")
    bad = (
        (b"id", (b"t" * 123,), will, 60),
        (b"id", (b"",), will, 60),
        (b"id", (CMD,) * 9, will, 60),
        (b"id", (CMD,), (b"", b"x"), 60),
        (b"id", (CMD,), (STATE, bytes(1020)), 60),
        (b"id", (CMD,), will, 3),
        (b"id", (CMD,), will, 65_536),
    )
    for args in bad:
        try:
            Profile(*args)
        except ValueError:
            continue
        raise AssertionError(args)
