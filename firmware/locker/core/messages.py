"""What the display says, by number. The texts are in one module a language (``text_en``, ...),
made from the table in ``phrases``; a station holds those of one language at a time.
"""

from micropython import const

IDLE, TYPING, CHECKING, SIZE, OPENING, PULL, TAKE, PUT, PUSH, CONFIRM, RECEIPT = range(11)
THANKS, NO_CHANGE, AGAIN, RETRYING, STUCK, REFUSED, REFUSED_DOOR, WAIT, TYPO, FULL = range(11, 21)
SUPPORT_CODE, STILL_THERE, OUT_OF_ORDER, CLOSE_SOON, STARTING = range(21, 26)
NOT_READY, STICKS, FAILED, ALL_FULL = range(26, 30)
HELP, HELP_CODE, HELP_DOOR, HELP_STATION, HELP_NETWORK, HELP_CLOCK = range(30, 36)
CHALLENGE, CLOCK_SET = range(36, 38)
TWO_CODES, SERVICE, SERVICE_DOOR, SERVICE_WHY, SERVICE_DONE, SERVICE_NO, REVOKED = range(38, 45)

END = "\x1e"  # after each text
_WIDTH = const(16)


def lines(  # noqa: PLR0913 - a text and what may be filled in
    texts: bytes, message: int, d: int = 0, e: int = 0, s: int = 0, t: str = ""
) -> list[str]:
    """The filled-in lines of a message, each at most 16 characters. texts: TEXTS of a language.

    Codes 0 to 7 are the language's own letters.
    """
    start = 0
    for _ in range(message):
        start = texts.find(b"\x1e", start) + 1
    text = str(texts[start : texts.find(b"\x1e", start)], "ascii")
    return [line[:_WIDTH] for line in text.format(d=d, e=e, s=s, t=t).split("\n")]


def page(text: list[str], rows: int, turn: int) -> list[str]:
    """The lines that a display with so many rows shows at this turn (a counter): all of them, or
    one page after the other.
    """
    if len(text) <= rows:
        return text
    pages = (len(text) + rows - 1) // rows
    start = turn % pages * rows
    return text[start : start + rows]
