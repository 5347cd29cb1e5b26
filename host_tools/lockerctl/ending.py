"""An end that waits for what is being done: Ctrl-C or SIGTERM only sets a mark."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def asked_to_end() -> Iterator[threading.Event]:
    """Set at the first signal of the block; a second one does what it would have done without.

    Raises ValueError outside the main thread.
    """
    asked = threading.Event()
    # A shell has its background jobs ignore Ctrl-C.
    heard = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.getsignal(number) for number in heard}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        restore()

    for number in heard:
        signal.signal(number, on_signal)
    try:
        yield asked
    finally:
        restore()
