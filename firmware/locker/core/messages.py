"""What the display says, by number. The texts are in the table ``phrases``; a station reads them
from one file a language (``storage.texts``).
"""

from micropython import const

REFUSED, REFUSED_DOOR, HELP = range(3)  # each stands for others too, by its fault
VARIED = const(3)
IDLE, TYPING, CHECKING, SIZE, OPENING, PULL, TAKE, PUT, PUSH, CONFIRM, RECEIPT = range(3, 14)
THANKS, NO_CHANGE, AGAIN, RETRYING, STUCK, WAIT, FULL, ALL_FULL = range(14, 22)
STILL_THERE, OUT_OF_ORDER, CLOSE_SOON, STARTING = range(22, 26)
# What those of the first row stand for; only the table of the texts asks for them.
TYPO, SUPPORT_CODE, STICKS, FAILED, NOT_READY, TWO_CODES = range(26, 32)
HELP_CODE, HELP_DOOR, HELP_STATION, HELP_NETWORK, HELP_CLOCK = range(32, 37)
CHALLENGE, CLOCK_SET = range(37, 39)
SERVICE, SERVICE_DOOR, SERVICE_WHY, SERVICE_DONE, SERVICE_NO, REVOKED, EMPTY = range(39, 46)
RETURNED, CODE_STAYS = range(46, 48)

LANGUAGES = ("en", "de", "fr", "es")  # numbered from 0
_WIDTH = const(16)

# A language's file, as storage.texts reads it.
SHAPES_BYTES = const(64)
FAULTS = const(128)  # numbers below this
TEXT_BYTES = const(72)


def lines(text: bytes, d: int = 0, e: int = 0, s: int = 0, t: str = "") -> list[str]:
    """The filled-in lines of a text, each at most 16 characters. Codes 0 to 7 are letters of its
    language.
    """
    filled = str(text, "ascii").format(d=d, e=e, s=s, t=t)
    return [line[:_WIDTH] for line in filled.split("\n")]


def page(text: list[str], rows: int, turn: int) -> list[str]:
    """The lines that a display with so many rows shows at this turn (a counter): all of them, or
    one page after the other.
    """
    if len(text) <= rows:
        return text
    pages = (len(text) + rows - 1) // rows
    start = turn % pages * rows
    return text[start : start + rows]
