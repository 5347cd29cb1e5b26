"""The live bench.

The models in wall time, served to one firmware process over TCP on the loopback.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

from .bench import Bench
from .people import Part, Person, Stage, Story, StoryFailed, T
from .protocol import BadRequest, Protocol, Supervision

_LOOK_S = 0.02  # the longest the bench sleeps: people and doors act in between
_CHUNK = 4096


class BenchServer:
    """Owns the bench's time. Everybody else looks inside ``with server.bench() as bench``."""

    def __init__(self, bench: Bench) -> None:
        self.supervision = Supervision()
        self._bench = bench
        # On a busy computer two requests come closer together than the firmware meant them.
        bench.display.strict = False
        self._stage = Stage(bench)
        self._protocol = Protocol(bench, self.supervision)
        self._lock = threading.RLock()
        self._start = time.monotonic() - bench.now_ms / 1000
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._peer: socket.socket | None = None
        self._inbox = bytearray()
        self._thread = threading.Thread(target=self._serve, name="bench", daemon=True)

    @property
    def port(self) -> int:
        """The port that LATCHWORK_BENCH must name."""
        return int(self._listener.getsockname()[1])

    @property
    def connected(self) -> bool:
        return self._peer is not None

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop serving; every coil is switched off. Safe to call twice."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        self._listener.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def bench(self) -> Iterator[Bench]:
        """The bench, brought to now, for this thread alone."""
        with self._lock:
            self._bench.advance(self.now_ms())
            yield self._bench

    def now_ms(self) -> float:
        return (time.monotonic() - self._start) * 1000

    def person(self, name: str, seed: int = 0, pace: float = 1.0) -> Person:
        """Somebody to tell stories about; see people.Person."""
        return Person(self._bench, name, seed, pace)

    def add(self, story: Story[object]) -> Part:
        """Start a story and go on; look at ``part.done`` and ``part.result()``."""
        with self.bench():
            return self._stage.add(story)

    def play(self, story: Story[T], timeout_s: float = 60.0) -> T:
        """Play a story to its end and return its value.

        StoryFailed as the story raises it, or after timeout_s.
        """
        part = self.add(story)
        if not self.wait_for(lambda: part.done, timeout_s):
            raise StoryFailed(f"the story did not end within {timeout_s:g} s")
        return part.result()  # type: ignore[return-value]

    def wait_for(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until done() or the time is over; returns what done() says then."""
        deadline = time.monotonic() + timeout_s
        while not done() and not self._closing.is_set() and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        return done()

    # -- the serving thread -------------------------------------------------------------------

    def _serve(self) -> None:
        try:
            while not self._closing.is_set():
                self._turn()
        finally:
            with self.bench() as bench:
                bench.pulses.abort(bench.now_ms)
                self._stage.end_all()
            self._hang_up()

    def _turn(self) -> None:
        peer = self._peer
        waiting = [self._listener] if peer is None else [self._listener, peer]
        ready, _, _ = select.select(waiting, [], [], self._pause_s())
        if self._listener in ready:
            self._welcome()
        elif peer is not None and ready:
            self._answer(peer)
        with self.bench():
            self._stage.step()

    def _pause_s(self) -> float:
        until = self._stage.next_event() - self.now_ms()
        return min(max(until / 1000, 0.0), _LOOK_S)

    def _welcome(self) -> None:
        # A restarted firmware may be here before the death of the old one was noticed.
        self._hang_up()
        self._peer, _ = self._listener.accept()
        self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _answer(self, peer: socket.socket) -> None:
        try:
            data = peer.recv(_CHUNK)
            if not data:
                self._hang_up()
                return
            self._inbox += data
            with self.bench():
                answers = self._protocol.take(self._inbox)
            if answers:
                peer.sendall(answers)
        except (OSError, BadRequest) as error:
            with self.bench() as bench:
                bench.note("bench", f"board hung up: {error}")
            self._hang_up()

    def _hang_up(self) -> None:
        if self._peer is not None:
            self._peer.close()
        self._peer = None
        self._inbox.clear()
