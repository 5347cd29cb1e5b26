"""Time tokens for the keypad: the station shows a challenge, this computer answers with the
time.
"""

from locker.core import clock, time_token
from locker.core.mac import Mac
from lockerctl.errors import Exit, ToolError
from lockerctl.station import Station

_CHALLENGE_DIGITS = 6


def make(station: Station, challenge: str, at_s: float) -> str:
    """The digits to type. challenge: as shown; at_s: Unix time now. Raises ToolError."""
    if len(challenge) != _CHALLENGE_DIGITS or not (challenge.isascii() and challenge.isdigit()):
        raise ToolError(
            Exit.USAGE,
            f"{challenge!r} is no challenge.",
            f"Type {question()}# at the keypad: the display shows six digits.",
        )
    minutes = (int(at_s) - clock.EPOCH) // 60
    if not 0 <= minutes < 10**7:
        raise ToolError(Exit.USAGE, "This computer's clock is not set: a token would be wrong.")
    mac = Mac(time_token.time_key(station.keys.command))
    return time_token.entry(mac, station.name, int(challenge), minutes)


def question() -> str:
    """What is typed to see a challenge."""
    return time_token.question()


def spoken(digits: str) -> str:
    """In groups, as people read it out: 91-3628-806-1234-567-8."""
    groups = (digits[:2], digits[2:6], digits[6:9], digits[9:13], digits[13:16], digits[16:])
    return "-".join(groups)
