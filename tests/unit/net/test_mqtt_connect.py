"""The MQTT session: connecting, waiting and connecting again."""

from mqtt_rig import ACK, CMD, STATE, Answering, Rig, connected
from wire import CONNACK, puback, publish, suback


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
