"""An end that waits for what is being done: Ctrl-C or SIGTERM only sets a mark."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A process and its group may be sent the same: `timeout` does, and a terminal below a shell.
_SAME_S = 1.0


@contextmanager
def asked_to_end() -> Iterator[threading.Event]:
    """Set at the first signal of the block; one that comes later than a second after it does what
    it would have done without.

    Raises ValueError outside the main thread.
    """
    asked = threading.Event()
    # A shell has its background jobs ignore Ctrl-C.
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heard = [number for number in _SIGNALS if before[number] not in (signal.SIG_IGN, None)]
    asked_at_s = inf

    def restore() -> None:
        for number in heard:
            signal.signal(number, before[number])

    def on_signal(number: int, _frame: FrameType | None) -> None:
        nonlocal asked_at_s
        asked.set()
        now_s = time.monotonic()
        asked_at_s = min(asked_at_s, now_s)
        if now_s - asked_at_s > _SAME_S:
            restore()
            signal.raise_signal(number)

    for number in heard:
        signal.signal(number, on_signal)
    try:
        yield asked
    finally:
        restore()
