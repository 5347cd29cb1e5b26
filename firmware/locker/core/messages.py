"""What the display says. At most four lines of 16 characters, so that one table serves 20x4 and
16x2 displays (in two pages there).

Placeholders: {d} door, {e} error number, {s} seconds, {t} text. Every message says what happened
and what to do next.
"""

from micropython import const

IDLE, TYPING, CHECKING, SIZE, OPENING, PULL, TAKE, PUT, PUSH, CONFIRM, RECEIPT = range(11)
THANKS, NO_CHANGE, AGAIN, RETRYING, STUCK, REFUSED, REFUSED_DOOR, WAIT, TYPO, FULL = range(11, 21)
SUPPORT_CODE, HELP, STILL_THERE, OUT_OF_ORDER, CLOSE_SOON, STARTING = range(21, 27)

_TEXTS = {
    IDLE: ("Type your code", "then press #", "* clears", "{t}"),
    TYPING: ("Code:", "{t}", "# when done", "* clears"),
    CHECKING: ("Checking ...",),
    SIZE: ("Parcel size?", "1 small 2 medium", "3 large", "* cancels"),
    OPENING: ("Door {d}", "opens now"),
    PULL: ("Door {d} is free", "pull it open"),
    TAKE: ("Take your parcel", "then shut door", "{d}"),
    PUT: ("Put parcel into", "door {d}, then", "shut the door"),
    PUSH: ("Push door {d}", "until it clicks"),
    CONFIRM: ("Parcel inside?", "1 yes, it is in", "2 wrong size", "3 cancel"),
    RECEIPT: ("Parcel stored", "Receipt", "{t}", "# when noted"),
    THANKS: ("Thank you", "Door {d} is shut"),
    NO_CHANGE: ("Nothing stored", "Goodbye"),
    AGAIN: ("Door {d} locked", "again. Press #", "to release it"),
    RETRYING: ("Press door {d}", "gently. It tries", "again now"),
    STUCK: ("Door {d} is stuck", "E{e} Press it and", "# to try again", "? for help"),
    REFUSED: ("Not accepted E{e}", "Check the code", "or ask support"),
    REFUSED_DOOR: ("Door {d} is out", "of service E{e}", "Please contact", "support"),
    WAIT: ("Please wait", "{s} s, then try", "again       E{e}"),
    TYPO: ("Mistyped?    E{e}", "Please type the", "code once more"),
    FULL: ("No free door", "of that size E{e}", "Try another size"),
    SUPPORT_CODE: ("Ask support for", "a recovery code", "            E{e}"),
    HELP: ("Help: support", "tells you more.", "Station name:", "{t}"),
    STILL_THERE: ("Still there?", "Press a key to", "go on"),
    OUT_OF_ORDER: ("Out of order E{e}", "Please contact", "support", "{t}"),
    CLOSE_SOON: ("Please shut", "door {d} now"),
    STARTING: ("Starting ...",),
}
MESSAGES = const(27)
_WIDTH = const(16)


def lines(message: int, d: int = 0, e: int = 0, s: int = 0, t: str = "") -> list[str]:
    """The filled-in lines of a message, each at most 16 characters."""
    return [line.format(d=d, e=e, s=s, t=t)[:_WIDTH] for line in _TEXTS[message]]


def page(text: list[str], rows: int, turn: int) -> list[str]:
    """The lines that a display with so many rows shows at this turn (a counter): all of them, or
    one page after the other.
    """
    if len(text) <= rows:
        return text
    pages = (len(text) + rows - 1) // rows
    start = turn % pages * rows
    return text[start : start + rows]
