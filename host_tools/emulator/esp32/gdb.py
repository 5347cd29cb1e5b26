"""GDB's remote protocol, as far as it takes to stop a machine before it touches a register.

Packets are sent in one go and acknowledged by whatever is sent next: the stub takes a lone "+" to
a running machine for a wish to stop it.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Sequence

from ..errors import EmulatorError

WRITE = 2
READ = 3

_PIECE = 4096
_ANSWER_S = 10.0


class Gdb:
    """One connection to a gdbstub, whose machine stands. It runs between go() and stopped()."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._socket.settimeout(_ANSWER_S)
        self._got = b""

    def ask(self, *packets: str) -> list[str]:
        """The answers to some packets. EmulatorError when there is none, or one is an error."""
        self._send(*packets)
        return self._answers(packets)

    def go(self, *before: str) -> None:
        """Let the machine run; first some packets, in the same breath."""
        self._send(*before, "c")
        self._answers(before)

    def _answers(self, packets: Sequence[str]) -> list[str]:
        answers = [self._receive() for _ in packets]
        for packet, answer in zip(packets, answers, strict=True):
            if not answer or answer[0] == "E":
                raise EmulatorError(f"the emulator's debugger says {answer!r} to {packet!r}")
        return answers

    def stopped(self, timeout_s: float) -> bool:
        """Wait for a stop; False when none comes in time. EmulatorError when the machine ended."""
        answer = self._packet()
        while answer is None:
            if not select.select([self._socket], [], [], timeout_s)[0]:
                return False
            self._take()
            answer = self._packet()
        if answer[:1] != "T":
            raise EmulatorError(f"the emulated machine ended: {answer!r}")
        return True

    def _send(self, *packets: str) -> None:
        framed = (f"${text}#{sum(text.encode()) & 0xFF:02x}" for text in packets)
        self._socket.sendall("".join(framed).encode())

    def _receive(self) -> str:
        while (packet := self._packet()) is None:
            self._take()
        return packet

    def _packet(self) -> str | None:
        """The next whole packet that has come; acknowledgements of ours are passed over."""
        end = self._got.find(b"#")
        if end < 0 or len(self._got) < end + 3:
            return None
        packet, self._got = self._got[:end], self._got[end + 3 :]
        return packet.lstrip(b"+$").decode()

    def _take(self) -> None:
        try:
            piece = self._socket.recv(_PIECE)
        except TimeoutError:
            raise EmulatorError("the emulator's debugger does not answer") from None
        if not piece:
            raise EmulatorError("the emulator has ended")
        self._got += piece


def watch(kind: int, first: int, length: int) -> str:
    """The packet for a stop at any access to these bytes. kind: WRITE or READ."""
    return f"Z{kind},{first:x},{length:x}"


def read(address: int, words: int = 1) -> str:
    """The packet that reads memory or registers; see words()."""
    return f"m{address:x},{4 * words:x}"


def write(address: int, value: int) -> str:
    """The packet that writes 32 bits."""
    return f"M{address:x},4:{value.to_bytes(4, 'little').hex()}"


def set_registers(values: Sequence[int]) -> str:
    """The packet that sets the first registers of the CPU that stopped, in the order of "g"."""
    return "G" + "".join(value.to_bytes(4, "little").hex() for value in values)


def words(answer: str) -> list[int]:
    """What an answer to "g" or read() holds, 32 bits each."""
    data = bytes.fromhex(answer)
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
