"""The MQTT session: connected, subscribed and kept alive in steps that never block.

Each poll() moves at most 256 bytes out and one packet (or 256 bytes of one) in. Nothing raises out
of poll() and publish() but what the listener itself raises; poll() calls it last, when the packet
is acknowledged and the session consistent, so the next poll() goes on with the next packet.
"""

from locker.core import ticks
from locker.net.backoff import Backoff
from locker.net.codec import Codec
from locker.net.flight import Flight
from locker.net.frames import publish_header, sound_publish
from locker.net.stream import CLOSED, IDLE, MALFORMED, PACKET, Stream
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable

    from locker.net.frames import Frame
    from locker.net.profile import Listener, Profile
    from locker.net.stream import Wire

# What publish() answers for a queued QoS 0 message, which has no packet id (those are 1..65535).
QUEUED = const(65536)

_WAITING = const(0)
_DIALLING = const(1)
_GREETING = const(2)
_SUBSCRIBING = const(3)
_UP = const(4)

_CONNACK = const(0x20)
_PUBLISH = const(0x30)
_PUBACK = const(0x40)
_SUBACK = const(0x90)
_PINGRESP = const(0xD0)

# First byte of a packet (a PUBLISH without its flags): the states that may get it, and its exact
# length or -1.
_RULES = {
    _CONNACK: (1 << _GREETING, 2),
    _PUBLISH: (1 << _SUBSCRIBING | 1 << _UP, -1),
    _PUBACK: (1 << _SUBSCRIBING | 1 << _UP, 2),
    _SUBACK: (1 << _SUBSCRIBING, 3),
    _PINGRESP: (1 << _UP, 0),
}

_FAILURES = {CLOSED: "closed", MALFORMED: "malformed"}

_ANSWER_MS = const(10_000)
_STABLE_MS = const(30_000)

# Room that publishes leave for a PINGREQ and PUBACKs.
_RESERVE = const(16)


class Mqtt:
    """One session with one broker.

    ``counters``: connects, drops (sessions lost); failures by reason: unreachable, refused
    (CONNACK), timeouts, closed, malformed; and oversized, unexpected (an id that nobody waits
    for), unsubscribed (SUBACK says no), full (publish refused). ``last_failure`` is the reason of
    the latest one or "", ``refusal`` the latest CONNACK code above 0.
    """

    def __init__(
        self,
        profile: "Profile",
        wire: "Wire",
        listener: "Listener",
        random: "Callable[[int], bytes]",
    ) -> None:
        self._profile = profile
        self._wire = wire
        self._stream = Stream(wire)
        self._listener = listener
        self._backoff = Backoff(random)
        self._codec = Codec(profile, self._stream.outbox)
        self._codec.set_will(*profile.will)
        self._flight = Flight()
        self._handlers = {
            _CONNACK: self._on_connack,
            _PUBLISH: self._on_publish,
            _PUBACK: self._on_puback,
            _SUBACK: self._on_suback,
            _PINGRESP: self._on_pingresp,
        }
        reasons = ("unreachable", "refused", "timeouts", "closed", "malformed")
        notes = ("connects", "drops", "oversized", "unexpected", "unsubscribed", "full")
        self.counters = {name: 0 for name in notes + reasons}
        self.last_failure = ""
        self.refusal = 0
        self._now = 0
        self._stable = False
        self._forget()

    @property
    def up(self) -> bool:
        """True from the last SUBACK to the end of the connection."""
        return self._state == _UP

    def poll(self, now: int) -> bool:
        """One small step at ``now`` (ticks).

        True when something moved: more may follow at once.
        """
        self._now = now
        if self._state == _WAITING:
            return self._backoff.ready(now) and self._dial()
        if self._overdue():
            return self._fail("timeouts")
        if self._state == _DIALLING:
            return self._greet()
        if self._state == _UP:
            self._keep_up()
        sent = self._send()
        return self._receive() or sent

    def publish(self, topic: bytes, payload: bytes, qos: int, retain: bool) -> int:
        """Queue a message (qos 0 or 1). Returns its id 1..65535, QUEUED for QoS 0, or 0: not now.

        0 means no CONNACK yet, eight messages unacknowledged, or no room (2032 bytes is the
        longest packet that ever fits). What a lost connection took with it is not sent again: a
        caller that cares publishes after the next connect what on_acked() never named.
        """
        if self._state < _SUBSCRIBING or (qos and self._flight.full):
            return 0
        if not self._codec.publish(topic, payload, qos, retain, _RESERVE):
            self._count("full")
            return 0
        if not qos:
            return QUEUED
        self._flight.add(self._codec.pid, self._now)
        return self._codec.pid

    def hang_up(self) -> None:
        """The link is down: let go of the connection. The next poll() may dial again at once."""
        if self._state == _UP:
            self._count("drops")
        self._forget()
        self._backoff.reset()

    # --- connecting ---

    def _dial(self) -> bool:
        if not self._wire.open():
            return self._fail("unreachable")
        self._state = _DIALLING
        # One deadline from here to the CONNACK: rp2 calls a socket ready before it is.
        self._deadline = ticks.add(self._now, _ANSWER_MS)
        return True

    def _greet(self) -> bool:
        ready = self._wire.ready()
        if ready < 0:
            return self._fail("unreachable")
        if ready == 0:
            return False
        self._codec.connect()
        self._state = _GREETING
        return True

    def _subscribe(self) -> None:
        """Ask for all topics at once: Profile has seen to it that they fit."""
        self._state = _SUBSCRIBING
        self._deadline = ticks.add(self._now, _ANSWER_MS)
        for topic in self._profile.topics:
            self._codec.subscribe(topic)
            self._unanswered.append(self._codec.pid)
        self._up_when_subscribed()

    def _up_when_subscribed(self) -> None:
        if self._unanswered:
            return
        self._state = _UP
        self._stable_at = ticks.add(self._now, _STABLE_MS)
        self._plan_ping()

    # --- while connected ---

    def _overdue(self) -> bool:
        if self._state != _UP:
            return ticks.due(self._now, self._deadline)
        if self._pinged and ticks.due(self._now, self._deadline):
            return True
        return self._flight.late(self._now, _ANSWER_MS)

    def _plan_ping(self) -> None:
        self._pinged = False
        # Three quarters of the keepalive, whatever else is sent: it also finds a connection that
        # is only half there.
        self._ping_at = ticks.add(self._now, self._profile.keepalive_s * 750)

    def _keep_up(self) -> None:
        if not self._stable and ticks.due(self._now, self._stable_at):
            self._stable = True
            self._backoff.succeeded()
        if self._pinged:
            return
        wanted = self._profile.keepalive_s and ticks.due(self._now, self._ping_at)
        if (wanted or self._stream.doubtful) and self._codec.ping():
            self._pinged = True
            self._deadline = ticks.add(self._now, _ANSWER_MS)

    def _send(self) -> bool:
        sent = self._stream.send()
        if sent in _FAILURES:
            return self._fail(_FAILURES[sent])
        return sent != IDLE

    def _receive(self) -> bool:
        if self._state == _WAITING:
            return False
        got = self._stream.receive()
        if got in _FAILURES:
            return self._fail(_FAILURES[got])
        if got == PACKET:
            self._handle(self._stream.frame)
        return got != IDLE

    # --- packets ---

    def _handle(self, frame: "Frame") -> None:
        key = _PUBLISH if frame.kind == _PUBLISH >> 4 else frame.first
        states, length = _RULES.get(key, (0, 0))
        if not states >> self._state & 1 or length not in (-1, frame.length):
            self._fail("malformed")
            return
        self._handlers[key](frame)

    def _on_connack(self, frame: "Frame") -> None:
        code = frame.body(1)
        if code:
            self.refusal = code
            self._fail("refused")
        elif frame.body(0):
            # We ask for a clean session: there is none that could be present.
            self._fail("malformed")
        else:
            self._count("connects")
            self._subscribe()

    def _on_suback(self, frame: "Frame") -> None:
        pid = frame.u16(0)
        granted = frame.body(2)
        if pid not in self._unanswered:
            self._count("unexpected")
        elif granted > 1 and granted != 0x80:
            self._fail("malformed")
        else:
            if granted == 0x80:
                self._count("unsubscribed")
            self._unanswered.remove(pid)
            self._up_when_subscribed()

    def _on_puback(self, frame: "Frame") -> None:
        pid = frame.u16(0)
        if self._flight.take(pid):
            self._listener.on_acked(pid)
        else:
            self._count("unexpected")

    def _on_pingresp(self, _frame: "Frame") -> None:
        if self._pinged:
            self._plan_ping()
        else:
            self._count("unexpected")

    def _on_publish(self, frame: "Frame") -> None:
        if not sound_publish(frame):
            self._fail("malformed")
            return
        oversized = frame.oversized
        if oversized:
            self._count("oversized")
            # Without its payload it can still be acknowledged, or it would hold a place in the
            # broker's window.
            frame.cut(publish_header(frame))
        topic, payload = self._codec.decode(frame)
        if not oversized:
            self._listener.on_message(topic, payload, bool(frame.first & 1))

    # --- the end of a connection ---

    def _count(self, name: str) -> None:
        self.counters[name] += 1

    def _fail(self, reason: str) -> bool:
        """Give the connection up for a counted reason and wait. Always True: something moved."""
        if self._state == _UP:
            self._count("drops")
        self._count(reason)
        self.last_failure = reason
        self._forget()
        self._backoff.failed(self._now)
        return True

    def _forget(self) -> None:
        self._stream.close()
        self._flight.clear()
        self._state = _WAITING
        self._deadline = self._ping_at = self._stable_at = self._now
        self._unanswered: list[int] = []
        self._pinged = False
        self._stable = False
