"""A board on a serial port: run code on it, nothing else. mpremote's transport behind our own
interface, because it says itself that it will change.
"""

import contextlib
import io
import struct
import time
from collections.abc import Iterator
from typing import Any, Protocol

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial import SerialException

from lockerctl.errors import Exit, ToolError

_SILENCE_S = 5.0  # between two characters while a script is sent
_REPL_S = 10
_BAUD = 115_200
_CTRL_C = b"\r\x03"
_CTRL_D = b"\x04"

_CLOSED = (
    "On a running station the console is closed: set the service jumper (help to keypad row 4), "
    "switch the board off and on, and try again."
)


class Device(Protocol):
    """What deploy and flash need of a board. Every call raises ToolError."""

    def run(self, code: str, limit_s: float) -> str:
        """Run code in the raw REPL; what it printed. limit_s: for all of it."""
        ...

    def soft_reset(self) -> None:
        """Into the raw REPL again: boot.py runs, main.py does not."""
        ...

    def start(self) -> None:
        """Soft reset into main.py. Nothing else works afterwards."""
        ...


class SerialDevice:
    """Device on a port, device path or pySerial URL. connect() makes one."""

    def __init__(self, port: str) -> None:
        with _failures(port):
            self._transport: Any = SerialTransport(port, _BAUD, timeout=_SILENCE_S)
            self._transport.serial.write_timeout = _SILENCE_S
        self._port = port

    def close(self) -> None:
        """Let the port go. A port that is already gone is no error."""
        with contextlib.suppress(OSError, SerialException):
            self._transport.close()

    def interrupt(self) -> None:
        """Stop what runs and open the raw REPL, without a reset."""
        with _failures(self._port, _CLOSED):
            self._transport.serial.write(_CTRL_C)
            self._transport.enter_raw_repl(soft_reset=False, timeout_overall=_REPL_S)

    def run(self, code: str, limit_s: float) -> str:
        """Device.run()."""
        said = bytearray()
        ends = time.monotonic() + limit_s

        def take(data: bytes) -> None:
            said.extend(data)
            if time.monotonic() > ends:
                raise TransportError("still talking")

        with _failures(self._port, "Unplug the board, plug it in again and repeat: it resumes."):
            _, errors = self._transport.exec_raw(code, timeout=limit_s, data_consumer=take)
            if errors:
                raise TransportExecError(said, errors.decode(errors="replace"))
        return bytes(said).replace(_CTRL_D, b"").decode(errors="replace")

    def soft_reset(self) -> None:
        """Device.soft_reset()."""
        with _failures(self._port):
            self._transport.enter_raw_repl(soft_reset=True, timeout_overall=_REPL_S)

    def start(self) -> None:
        """Device.start()."""
        with _failures(self._port):
            self._transport.exit_raw_repl()
            self._transport.serial.write(_CTRL_D)
            self._transport.read_until(1, b"soft reboot\r\n", timeout_overall=_REPL_S)


@contextlib.contextmanager
def connect(port: str, kind: type[SerialDevice] = SerialDevice) -> Iterator[SerialDevice]:
    """The board on a port with its raw REPL open and what it ran stopped. Raises ToolError."""
    device = kind(port)
    try:
        device.interrupt()
        yield device
    finally:
        device.close()


@contextlib.contextmanager
def _failures(port: str, hint: str = "") -> Iterator[None]:
    """The transport's errors as ToolErrors; what it prints on the way is dropped."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except TransportExecError as error:
        last = error.error_output.strip().splitlines()[-1:]
        raise ToolError(Exit.REJECTED, f"The board says: {''.join(last)}") from error
    except (TransportError, SerialException, OSError, struct.error) as error:
        raise ToolError(
            Exit.NO_ANSWER,
            f"No answer from the board on {port}: {error}.",
            hint or "Is the port right (lockerctl ports), and free of other programs?",
        ) from error
