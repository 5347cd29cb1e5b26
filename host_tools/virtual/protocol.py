"""The wire between the virtual board's hal.py and the bench.

A request is op u8, length u8, payload; an answer is length u8, payload.

| op | payload | answer |
|---|---|---|
| C contacts | | reeds u32le, latches u32le, coil busy u8, help key u8 |
| K keypad | row u8 | columns u8 |
| F fire | mask u32le, on_ms u16le | none: the bench ends the pulse by its own clock |
| A abort | | none |
| W I2C write | address u8, bytes | ack u8 |
| R I2C read | address u8, register u8, n u8 | bytes; empty = nobody answered |
| M I2C memory write | address u8, register u8, bytes | ack u8 |
| S signals | red u8, green u8, beep u8 | none |
| D watchdog fed, X restart asked | | none |
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from .bench import Bench

HEADER = 2
_CONTACTS = struct.Struct("<IIBB")
_FIRE = struct.Struct("<IH")


class BadRequest(Exception):
    """Bytes that are no request: the peer is not our hal.py, or is broken."""


@dataclass(slots=True)
class Supervision:
    """What the firmware said about itself.

    fed_at_ms is None until the first feed has armed the watchdog.
    """

    fed_at_ms: float | None = None
    feeds: int = 0
    restart_asked: bool = False


class Protocol:
    """Carries requests out on a bench at its present time. No sockets here."""

    def __init__(self, bench: Bench, supervision: Supervision) -> None:
        self._bench = bench
        self._supervision = supervision
        self._ops: dict[str, Callable[[bytes], bytes | None]] = {
            "C": self._contacts,
            "K": self._keypad,
            "F": self._fire,
            "A": self._abort,
            "W": self._write,
            "R": self._read,
            "M": self._write,
            "S": self._signals,
            "D": self._feed,
            "X": self._restart,
        }

    def take(self, buffer: bytearray) -> bytes:
        """Carry out every whole request in the buffer, remove it, return the answers.

        BadRequest for nonsense.
        """
        answers = bytearray()
        while len(buffer) >= HEADER and len(buffer) >= HEADER + buffer[1]:
            end = HEADER + buffer[1]
            answer = self.request(chr(buffer[0]), bytes(buffer[HEADER:end]))
            del buffer[:end]
            if answer is not None:
                answers.append(len(answer))
                answers += answer
        return bytes(answers)

    def request(self, op: str, payload: bytes) -> bytes | None:
        """One request; None when it has no answer."""
        if op not in self._ops:
            raise BadRequest(f"unknown op {op!r}")
        try:
            return self._ops[op](payload)
        except (struct.error, IndexError, ValueError) as error:
            raise BadRequest(f"op {op!r} with payload {payload!r}") from error

    def _contacts(self, payload: bytes) -> bytes:
        bench, now = self._bench, self._bench.now_ms
        reeds, latches = bench.cabinet.reeds(now), bench.cabinet.latches(now)
        return _CONTACTS.pack(reeds, latches, bench.pulses.busy(now), bench.keypad.help_down(now))

    def _keypad(self, payload: bytes) -> bytes:
        return bytes((self._bench.keypad.columns(self._bench.now_ms, payload[0] & 3),))

    def _fire(self, payload: bytes) -> None:
        mask, on_ms = _FIRE.unpack(payload)
        self._bench.pulses.fire(self._bench.now_ms, mask, on_ms)

    def _abort(self, payload: bytes) -> None:
        self._bench.pulses.abort(self._bench.now_ms)

    def _write(self, payload: bytes) -> bytes:
        # A memory write is a plain write whose first byte is the register number.
        return bytes((self._bench.bus.write(self._bench.now_ms, payload[0], payload[1:]),))

    def _read(self, payload: bytes) -> bytes:
        address, register, n = payload
        return self._bench.bus.read(self._bench.now_ms, address, register, n) or b""

    def _signals(self, payload: bytes) -> None:
        red, green, beep = payload
        self._bench.signals.set(self._bench.now_ms, bool(red), bool(green), bool(beep))

    def _feed(self, payload: bytes) -> None:
        self._supervision.fed_at_ms = self._bench.now_ms
        self._supervision.feeds += 1

    def _restart(self, payload: bytes) -> None:
        self._supervision.restart_asked = True
