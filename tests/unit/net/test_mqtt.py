"""The MQTT session against a scripted wire, in virtual time.

Plain functions: CPython and MicroPython run them alike.
"""

from locker.net.mqtt import QUEUED, Mqtt
from locker.net.profile import Profile
from wire import CONNACK, PINGRESP, FakeWire, packet, puback, publish, suback

CMD = b"lk/v1/demo/cmd"
ACK = b"lk/v1/demo/ack"
STATE = b"lk/v1/demo/state"


class Rig:
    """A session, its wire, its clock, and a listener that notes what it hears."""

    def __init__(self, topics=(CMD,), keepalive_s=60, noise=b"\x00\x00"):
        self.now = 1000
        self.wire = FakeWire()
        self.heard = []
        self.acked = []
        self.anger = None
        profile = Profile(b"demo", topics, (STATE, b'{"up":false}'), keepalive_s)
        self.mqtt = Mqtt(profile, self.wire, self, lambda n: noise)

    def on_message(self, topic, payload, retained):
        self.heard.append((topic, payload, retained))
        if self.anger:
            raise self.anger

    def on_acked(self, pid):
        self.acked.append(pid)

    def run(self, ms, step=10):
        for _ in range(0, ms, step):
            self.now = (self.now + step) & ((1 << 30) - 1)
            self.mqtt.poll(self.now)

    def give(self, data, ms=100):
        self.wire.inbox += data
        self.run(ms)

    def connect(self):
        self.run(50)
        assert [first for first, _ in self.wire.take()] == [0x10]
        self.give(CONNACK)
        for first, body in self.wire.take():
            assert first == 0x82 and not self.mqtt.up
            self.give(suback(body[0] << 8 | body[1]))
        assert self.mqtt.up
        return self

    def count(self, name):
        return self.mqtt.counters[name]


def connected(**kwargs):
    return Rig(**kwargs).connect()


# --- connecting ---


def test_connect_says_clean_session_will_and_keepalive():
    rig = Rig()
    rig.run(50)
    ((first, body),) = rig.wire.take()
    assert first == 0x10
    assert body[:7] == b"\x00\x04MQTT\x04"
    assert body[7] == 0x02 | 0x04 | 0x08 | 0x20  # clean session, will, will QoS 1, will retained
    assert body[8:10] == b"\x00\x3c"
    assert body[10:] == b"\x00\x04demo" + bytes((0, len(STATE))) + STATE + b'\x00\x0c{"up":false}'


def test_up_only_after_every_suback():
    rig = Rig(topics=(CMD, ACK))
    rig.run(50)
    rig.wire.take()
    rig.give(CONNACK)
    (first, one), (second, two) = rig.wire.take()
    assert first == second == 0x82
    assert one[2:] == bytes((0, len(CMD))) + CMD + b"\x01" and two[4:-1] == ACK
    rig.give(suback(two[0] << 8 | two[1]))
    assert not rig.mqtt.up
    rig.give(suback(two[0] << 8 | two[1]))
    assert not rig.mqtt.up and rig.count("unexpected") == 1
    rig.give(suback(one[0] << 8 | one[1]))
    assert rig.mqtt.up and rig.count("connects") == 1


def test_a_message_between_the_subacks_can_be_answered():
    rig = Rig(topics=(CMD, ACK))
    rig.mqtt._listener = Answering(rig.mqtt)
    rig.run(50)
    rig.give(CONNACK)
    rig.wire.take()
    rig.give(suback(1) + publish(CMD, b"early", 9, 1))
    ack, (first, body) = rig.wire.take()
    assert ack == (0x40, b"\x00\x09") and first == 0x32 and not rig.mqtt.up
    rig.give(puback(body[5] << 8 | body[6]) + suback(2))
    assert rig.mqtt.up and rig.count("unexpected") == 0


def test_no_topics_is_up_at_connack():
    assert connected(topics=()).mqtt.up


def test_unreachable_broker_is_tried_again_with_growing_waits():
    rig = Rig()
    rig.wire.open_works = False
    rig.run(10_000)
    assert rig.wire.opens == 10  # no noise: each wait is the floor of one second
    assert rig.count("unreachable") == 10 and rig.mqtt.last_failure == "unreachable"


def test_connect_that_fails_later_is_unreachable():
    rig = Rig()
    rig.wire.connected = 0
    rig.run(500)
    assert rig.count("unreachable") == 0 and rig.wire.sent == b""
    rig.wire.connected = -1
    rig.run(50)
    assert rig.count("unreachable") == 1 and not rig.wire.is_open


def test_one_deadline_covers_tcp_and_connack():
    rig = Rig()
    rig.wire.connected = 0
    rig.run(6_000)
    rig.wire.connected = 1
    rig.run(3_900)
    assert rig.count("timeouts") == 0
    rig.run(200)
    assert rig.count("timeouts") == 1 and not rig.wire.is_open


def test_connack_refusal_codes_are_told():
    rig = Rig()
    for code in (1, 2, 3, 4, 5):
        rig.give(bytes((0x20, 2, 0, code)), 50)
        assert rig.mqtt.refusal == code and rig.count("refused") == code
        rig.run(1_100)
    assert rig.mqtt.last_failure == "refused" and rig.count("drops") == 0


def test_session_present_after_clean_session_is_malformed():
    rig = Rig()
    rig.run(50)
    rig.give(b"\x20\x02\x01\x00")
    assert rig.count("malformed") == 1


def test_end_of_stream_instead_of_connack():
    rig = Rig()
    rig.run(50)
    rig.wire.ended = True
    rig.run(50)
    assert rig.count("closed") == 1 and rig.count("drops") == 0


def test_missing_suback_drops_the_link():
    rig = Rig()
    rig.run(50)
    rig.give(CONNACK)
    rig.run(10_100)
    assert rig.count("timeouts") == 1 and not rig.mqtt.up


def test_suback_that_refuses_is_counted_and_the_session_goes_on():
    rig = Rig()
    rig.run(50)
    rig.wire.take()
    rig.give(CONNACK)
    ((_, body),) = rig.wire.take()
    rig.give(suback(body[0] << 8 | body[1], 0x80))
    assert rig.mqtt.up and rig.count("unsubscribed") == 1


def test_suback_with_a_wrong_id_or_an_unknown_grant():
    rig = Rig()
    rig.run(50)
    rig.wire.take()
    rig.give(CONNACK)
    rig.give(suback(999))
    assert rig.count("unexpected") == 1 and not rig.mqtt.up
    ((_, body),) = rig.wire.take()
    rig.give(suback(body[0] << 8 | body[1], 2))
    assert rig.count("malformed") == 1


def test_subscribes_again_after_each_reconnect():
    rig = connected()
    for _ in range(3):
        rig.wire.ended = True
        rig.run(50)
        assert not rig.mqtt.up
        rig.run(1_000)
        rig.connect()
    assert rig.count("connects") == 4 and rig.count("drops") == 3


def waited(rig):
    """Milliseconds until the next dial, to a tenth of a second."""
    opens, start = rig.wire.opens, rig.now
    while rig.wire.opens == opens:
        rig.run(100)
    return rig.now - start


def test_only_a_session_that_lasts_makes_the_waits_short_again():
    rig = Rig(noise=b"\xff\xff")
    rig.wire.open_works = False
    assert [waited(rig) // 1000 for _ in range(5)] == [0, 4, 8, 16, 32]
    rig.wire.open_works = True
    rig.run(60_000)
    rig.connect()
    rig.run(10_000)
    rig.wire.ended = True
    assert waited(rig) // 1000 == 60
    rig.connect()
    rig.run(31_000)
    rig.wire.ended = True
    assert waited(rig) // 1000 == 4


def test_hang_up_lets_go_and_dials_at_once_when_polled():
    rig = connected()
    rig.mqtt.hang_up()
    assert not rig.mqtt.up and not rig.wire.is_open
    opens = rig.wire.opens
    rig.run(10)
    assert rig.wire.opens == opens + 1 and rig.count("drops") == 1


# --- publishing ---


def test_publish_qos1_is_one_packet_and_is_acked():
    rig = connected()
    pid = rig.mqtt.publish(b"t", b"hello", 1, False)
    rig.run(20)
    assert rig.wire.take() == [(0x32, b"\x00\x01t" + bytes((pid >> 8, pid & 255)) + b"hello")]
    rig.give(puback(pid))
    assert rig.acked == [pid]
    rig.give(puback(pid))
    assert rig.acked == [pid] and rig.count("unexpected") == 1


def test_publish_qos0_and_retain():
    rig = connected()
    assert rig.mqtt.publish(b"t", b"x", 0, True) == QUEUED
    rig.run(20)
    assert rig.wire.take() == [(0x31, b"\x00\x01tx")]


def test_publish_is_refused_while_not_up():
    rig = Rig()
    assert rig.mqtt.publish(b"t", b"x", 1, False) == 0
    rig.run(50)
    assert rig.mqtt.publish(b"t", b"x", 0, False) == 0


def test_only_eight_messages_are_on_their_way():
    rig = connected()
    pids = [rig.mqtt.publish(b"t", b"x", 1, False) for _ in range(10)]
    assert pids[8:] == [0, 0] and 0 not in pids[:8] and len(set(pids[:8])) == 8
    rig.run(50)
    rig.give(puback(pids[3]))
    assert rig.mqtt.publish(b"t", b"x", 1, False) > 0


def test_full_buffer_refuses_whole_packets_only():
    rig = connected()
    rig.wire.room = 0
    done = 0
    while rig.mqtt.publish(b"t", bytes(300), 0, False):
        done += 1
    assert done == 6 and rig.count("full") == 1
    assert rig.mqtt.publish(b"t", bytes(3000), 1, False) == 0
    rig.wire.room = 1 << 20
    rig.run(200)
    assert len(rig.wire.take()) == done


def test_missing_puback_drops_the_link_after_ten_seconds():
    rig = connected()
    rig.mqtt.publish(b"t", b"x", 1, False)
    rig.run(9_900)
    assert rig.mqtt.up
    rig.run(200)
    assert not rig.mqtt.up and rig.count("timeouts") == 1 and rig.count("drops") == 1
    rig.wire.take()
    rig.run(1_000)
    rig.connect()
    assert rig.acked == []


def test_wrong_puback_id_is_counted_and_the_true_one_still_counts():
    rig = connected()
    pid = rig.mqtt.publish(b"t", b"x", 1, False)
    rig.give(puback(pid + 7) + puback(0))
    assert rig.count("unexpected") == 2 and rig.acked == []
    rig.give(puback(pid))
    assert rig.acked == [pid]


def test_packet_ids_wrap_and_are_never_zero():
    rig = connected(keepalive_s=0, topics=())
    for n in range(65_540):
        pid = rig.mqtt.publish(b"t", b"", 1, False)
        assert pid == n % 65_535 + 1
        rig.wire.inbox += puback(pid)
        rig.wire.sent = bytearray()
        rig.mqtt.poll(rig.now)
        assert rig.acked.pop() == pid
    assert rig.count("unexpected") == 0 and rig.mqtt.up


def test_slow_reader_gets_partial_packets_in_order():
    rig = connected()
    rig.wire.room = 0
    first = rig.mqtt.publish(b"t", b"A" * 200, 1, False)
    second = rig.mqtt.publish(b"t", b"B" * 200, 1, False)
    for _ in range(500):
        rig.wire.room = 1
        rig.run(10)
    found = rig.wire.take()
    assert [body[-1:] for _, body in found] == [b"A", b"B"]
    rig.give(puback(first) + puback(second))
    assert rig.acked == [first, second]


def test_silent_broker_gets_a_bounded_number_of_bytes():
    rig = connected(keepalive_s=0)
    for _ in range(100):
        rig.mqtt.publish(b"t", bytes(200), 0, False)
        rig.run(10)
    assert len(rig.wire.sent) <= 5120 + 256
    pings = [first for first, _ in rig.wire.take() if first == 0xC0]
    assert len(pings) == 1
    rig.give(PINGRESP)
    assert rig.mqtt.up and rig.wire.sent


# --- keepalive ---


def test_pings_before_the_keepalive_ends_and_expects_answers():
    rig = connected(keepalive_s=60)
    for _ in range(5):
        rig.run(45_100)
        assert rig.wire.take() == [(0xC0, b"")]
        rig.give(PINGRESP)
    assert rig.mqtt.up
    rig.run(45_000)
    rig.run(10_200)
    assert not rig.mqtt.up and rig.count("timeouts") == 1


def test_traffic_does_not_hide_a_missing_pingresp():
    rig = connected(keepalive_s=20)
    for _ in range(26):
        rig.give(publish(CMD, b"x"), 1_000)
    assert rig.count("timeouts") == 1 and rig.count("drops") == 1


def test_no_keepalive_no_ping():
    rig = connected(keepalive_s=0)
    rig.run(600_000, 1_000)
    assert rig.wire.take() == [] and rig.mqtt.up


def test_pingresp_nobody_asked_for():
    rig = connected()
    rig.give(PINGRESP)
    assert rig.count("unexpected") == 1 and rig.mqtt.up


def test_the_clock_may_wrap():
    rig = Rig()
    rig.now = (1 << 30) - 2_000
    rig.connect()
    pid = rig.mqtt.publish(b"t", b"x", 1, False)
    rig.run(5_000)
    rig.give(puback(pid))
    assert rig.mqtt.up and rig.acked == [pid]


# --- inbound messages ---


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


class Answering:
    def __init__(self, mqtt):
        self.mqtt = mqtt

    def on_message(self, topic, payload, retained):
        if payload == b"bye":
            self.mqtt.hang_up()
        else:
            assert self.mqtt.publish(b"rsp", b"ok", 1, False)

    def on_acked(self, pid):
        pass


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
