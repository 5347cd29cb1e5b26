"""The operator's time token: the answer, typed at the keypad, to a challenge on the display.

Typed: ``91`` and its check digit asks for the challenge (six digits); ``91 minutes(7) mac(7)
check`` is the token. The MAC (RFC 4226 truncation of HMAC-SHA256) covers station, challenge and
minutes since 2020, so a token is good for one station and one challenge. Nobody needs to trust
the moment at which it was made: it lies after the challenge was shown and before the first digit
was typed, both by the station's own ticks.
"""

import struct

from locker.core import codes, damm, otp
from locker.core.mac import Mac
from micropython import const

SELECTOR = "91"

_DIGITS = const(7)
_ASK_ENTRY = const(2 + 1)
_TOKEN_ENTRY = const(2 + 7 + 7 + 1)
_MINUTE_MS = const(60_000)
_HOST_ERROR_MS = const(1_000)  # of the computer or phone that makes the token


def time_key(command_key: bytes) -> bytes:
    """The key of tokens: whoever has only this can sign no command."""
    return Mac(command_key).digest(b"latchwork time" + bytes((codes.VERSION,)))


def entry(mac: Mac, station: str, challenge: int, minutes: int) -> str:
    """The digits to type. mac: of the time key; minutes: since 2020, below 10**7."""
    body = SELECTOR + f"{minutes:07d}{_code(mac, station, challenge, minutes):07d}"
    return body + str(damm.check_digit(body))


def question() -> str:
    """What is typed to see a challenge. Host side."""
    return SELECTOR + str(damm.check_digit(SELECTOR))


def is_question(digits: str) -> bool:
    """True when a well-formed entry asks for a challenge."""
    return len(digits) == _ASK_ENTRY


def is_entry(digits: str) -> bool:
    """True when so many digits can be a question or a token, mistyped or not."""
    return len(digits) in (_ASK_ENTRY, _TOKEN_ENTRY)


def minutes_of(digits: str, mac: Mac, station: str, challenge: int) -> int:
    """Minutes since 2020 of a well-formed token, -1 when its MAC is another."""
    minutes, code = int(digits[2 : 2 + _DIGITS]), int(digits[2 + _DIGITS : -1])
    return minutes if code == _code(mac, station, challenge, minutes) else -1


def moment(minutes: int, age_ms: int) -> "tuple[int, int, int]":
    """(seconds, ms, error in ms) of true time when the first digit was typed, age_ms after the
    challenge was shown: the token's minute began before, and is over by its length and the age.
    """
    half_ms = (_MINUTE_MS + age_ms) // 2
    return minutes * 60 + half_ms // 1000, half_ms % 1000, half_ms + _HOST_ERROR_MS


def _code(mac: Mac, station: str, challenge: int, minutes: int) -> int:
    fixed = struct.pack(">B5sII", codes.VERSION, b"token", challenge, minutes)
    return otp.truncate(mac.digest(fixed + station.encode()), _DIGITS)
