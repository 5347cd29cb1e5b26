"""An independent witness: counts what a station really published, knowing nothing but the topic
and the event format.
"""

import threading
import time
from collections.abc import Callable

from locker.core import wire
from lockerctl import events
from lockerctl.events import Event
from lockerctl.mqtt import Session


class Subscriber:
    """Subscribes to one station's events; distinct by (boot, seq). Use as a context manager; it
    listens in its own thread.
    """

    def __init__(self, host: str, port: int, station: str) -> None:
        self.duplicates = 0
        self.malformed = 0
        self._where = host, port
        self._session = Session([wire.topic(station, "evt")])
        self._events: dict[tuple[int, int], Event] = {}
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="subscriber", daemon=True)

    def __enter__(self) -> "Subscriber":
        self._session.open(*self._where)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._session.close()

    @property
    def events(self) -> list[Event]:
        """The distinct events so far, ordered by (boot, seq)."""
        with self._changed:
            return [self._events[key] for key in sorted(self._events)]

    def wait_for(self, test: Callable[[list[Event]], bool], timeout_s: float) -> bool:
        """Wait until test(events) holds; False when it does not in time."""
        end = time.monotonic() + timeout_s
        while not test(self.events):
            left = end - time.monotonic()
            if left <= 0:
                return False
            with self._changed:
                self._changed.wait(min(left, 0.2))
        return True

    def _listen(self) -> None:
        while not self._ending.is_set():
            message = self._session.get(0.1)
            if message is not None:
                self._take(message.payload)

    def _take(self, payload: bytes) -> None:
        event = events.parse(payload)
        with self._changed:
            if event is None:
                self.malformed += 1
            elif event.id in self._events:
                self.duplicates += 1
            else:
                self._events[event.id] = event
            self._changed.notify_all()
