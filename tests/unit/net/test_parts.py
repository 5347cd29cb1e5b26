"""The small parts of net: outbox, frames, flight, back-off."""

from locker.core import ticks
from locker.net.backoff import Backoff
from locker.net.flight import Flight
from locker.net.frames import Frame, publish_header, sound_publish
from locker.net.outbox import Full, Outbox
from wire import FakeWire, packet, publish


def flushed(box, most=1000):
    wire = FakeWire()
    while box.pending:
        box.send(wire, most)
    return bytes(wire.sent)


# --- outbox ---


def test_outbox_sends_only_committed_packets():
    box = Outbox(16)
    box.begin()
    box.write(b"abc")
    assert box.pending == 0 and flushed(box) == b""
    assert box.commit() == 3
    box.begin()
    box.write(b"lost")
    box.begin()
    box.write(b"de")
    box.commit()
    assert flushed(box) == b"abcde"


def test_outbox_full_leaves_the_earlier_packets_alone():
    box = Outbox(8)
    box.begin()
    box.write(b"12345")
    box.commit()
    box.begin(2)
    box.write(b"6")
    try:
        box.write(b"7")
    except Full:
        pass
    else:
        raise AssertionError("reserve not kept")
    box.begin()
    box.write(b"678")
    box.commit()
    assert box.free == 0 and flushed(box, 3) == b"12345678"


def test_outbox_moves_up_and_never_grows():
    box = Outbox(10)
    wire = FakeWire()
    wanted = b""
    for n in range(50):
        piece = bytes((n,)) * (n % 4 + 1)
        box.begin()
        box.write(piece)
        box.commit()
        wanted += piece
        box.send(wire, 2 + n % 5)
        while box.free < 5:
            box.send(wire, 3)
    assert len(box._buf) == 10
    assert bytes(wire.sent) + flushed(box) == wanted


def test_outbox_passes_the_answer_of_the_sink_on():
    box = Outbox(8)
    box.begin()
    box.write(b"12")
    box.commit()
    wire = FakeWire()
    wire.room = 0
    assert box.send(wire, 8) == 0 and box.pending == 2
    wire.ended = True
    assert box.send(wire, 8) == -1 and box.pending == 2
    box.clear()
    assert box.pending == 0 and box.free == 8


# --- frames ---


def fed(data, step=1000):
    frame = Frame()
    at = 0
    while at < len(data) and not frame.done and not frame.bad:
        end = min(at + step, len(data))
        at = frame.feed(memoryview(data), at, end)
    return frame, at


def test_frame_is_the_same_in_any_pieces():
    data = publish(b"topic", b"p" * 200, 513)
    for step in (1, 2, 3, 64, 1000):
        frame, at = fed(data + b"\xd0\x00", step)
        assert frame.done and not frame.bad and at == len(data)
        assert frame.kind == 3 and frame.qos == 1 and frame.length == 209
        assert frame.u16(0) == 5 and frame.u16(7) == 513 and frame.body(9) == ord("p")
        assert sound_publish(frame) and publish_header(frame) == 9


def test_frame_without_a_body():
    frame, at = fed(b"\xd0\x00\x20")
    assert frame.done and at == 2 and frame.length == 0


def test_frame_keeps_a_bounded_head_of_a_long_packet():
    frame, at = fed(packet(0x30, b"\x00\x01t" + b"z" * 1500), 100)
    assert frame.done and frame.oversized and frame.length == 1503
    assert len(frame.raw) == 643 and sound_publish(frame)


def test_frame_lengths_that_end_the_connection():
    for length in (b"\x81\x20", b"\xff\xff\x7f", b"\x80\x80\x01", b"\xff\xff\xff\xff\x01"):
        frame, _ = fed(b"\x30" + length)
        assert frame.bad and not frame.done
    frame, _ = fed(b"\x30\x80\x20")
    assert frame.length == 4096 and not frame.bad


def test_frame_used_again():
    frame, _ = fed(publish(b"a", b"x" * 600))
    frame.clear()
    assert not frame.done
    data = b"\x40\x02\x00\x07"
    frame.feed(memoryview(data), 0, 4)
    assert frame.done and frame.length == 2 and frame.u16(0) == 7 and frame.kind == 4


# --- flight ---


def test_flight_finds_late_and_takes_in_any_order():
    flight = Flight()
    for pid in range(1, 9):
        flight.add(pid, 100 * pid)
    assert flight.full and not flight.late(1_099, 1_000) and flight.late(1_100, 1_000)
    assert flight.take(1) and not flight.take(1) and not flight.take(0) and not flight.full
    assert not flight.late(1_199, 1_000) and flight.late(1_200, 1_000)
    flight.clear()
    assert not flight.late(9_999, 1_000) and not flight.take(5)


def test_flight_across_the_wrap_of_the_clock():
    flight = Flight()
    start = ticks.PERIOD - 5
    flight.add(1, start)
    assert not flight.late(ticks.add(start, 999), 1_000) and flight.late(
        ticks.add(start, 1_000), 1_000
    )


# --- back-off ---


def waits(noise, count):
    backoff = Backoff(lambda n: noise)
    now, found = 0, []
    for _ in range(count):
        backoff.failed(now)
        start = now
        while not backoff.ready(now):
            now = ticks.add(now, 100)
        found.append(ticks.diff(now, start))
    return found


def test_backoff_between_one_second_and_a_doubling_ceiling():
    assert waits(b"\x00\x00", 6) == [1_000] * 6
    assert waits(b"\xff\xff", 6) == [4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    assert waits(b"\x20\x00", 2) == [2_500, 4_500]


def test_backoff_reset_and_success():
    backoff = Backoff(lambda n: b"\xff\xff")
    assert backoff.ready(0)
    backoff.failed(0)
    backoff.succeeded()
    assert not backoff.ready(3_900)
    backoff.reset()
    assert backoff.ready(0)
    backoff.failed(0)
    assert not backoff.ready(3_900) and backoff.ready(4_000) and backoff.ready(0)
