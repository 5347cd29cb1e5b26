"""The MQTT session: what it sends, and that it finds a connection that is only half there."""

from locker.net.mqtt import QUEUED
from mqtt_rig import CMD, Rig, connected
from wire import PINGRESP, puback, publish


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
