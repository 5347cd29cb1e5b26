"""What the display says. At most four lines of 16 characters, so that one table serves 20x4 and
16x2 displays (in two pages there).

Placeholders: {d} door, {e} error number, {s} seconds, {t} text. Every message says what happened
and what to do next.
"""

from micropython import const

IDLE, TYPING, CHECKING, SIZE, OPENING, PULL, TAKE, PUT, PUSH, CONFIRM, RECEIPT = range(11)
THANKS, NO_CHANGE, AGAIN, RETRYING, STUCK, REFUSED, REFUSED_DOOR, WAIT, TYPO, FULL = range(11, 21)
SUPPORT_CODE, HELP, STILL_THERE, OUT_OF_ORDER, CLOSE_SOON, STARTING = range(21, 27)
TWO_CODES, SERVICE, SERVICE_DOOR, SERVICE_WHY, SERVICE_DONE, SERVICE_NO, REVOKED = range(27, 34)

_TEXTS = (
    "Type your code\nthen press #\n* clears\n{t}",  # IDLE
    "Code:\n{t}\n# when done\n* clears",  # TYPING
    "Checking ...",  # CHECKING
    "Parcel size?\n1 small 2 medium\n3 large\n* cancels",  # SIZE
    "Door {d}\nopens now",  # OPENING
    "Door {d} is free\npull it open",  # PULL
    "Take your parcel\nthen shut door\n{d}\n# for more time",  # TAKE
    "Put parcel into\ndoor {d}, then\nshut the door\n# for more time",  # PUT
    "Push door {d}\nuntil it clicks",  # PUSH
    "Parcel inside?\n1 yes   3 cancel\n2 wrong size\nthen # {t}",  # CONFIRM
    "Parcel stored\nReceipt\n{t}\n# when noted",  # RECEIPT
    "Thank you\nDoor {d} is shut\n# opens it again\n* or a code ends",  # THANKS
    "Nothing stored\nGoodbye",  # NO_CHANGE
    "Door {d} locked\nagain. Press #\nto release it",  # AGAIN
    "Press door {d}\ngently. It tries\nagain now",  # RETRYING
    "Door {d} is stuck\nE{e} Press it and\n# to try again\n? for help",  # STUCK
    "Not accepted E{e}\nCheck the code\nor ask support",  # REFUSED
    "Door {d} is out\nof service E{e}\nPlease contact\nsupport",  # REFUSED_DOOR
    "Please wait\n{s} s, then try\nagain       E{e}",  # WAIT
    "Mistyped?    E{e}\nPlease type the\ncode once more",  # TYPO
    "No free door\nof that size E{e}\nTry another size",  # FULL
    "Ask support for\na recovery code\n            E{e}",  # SUPPORT_CODE
    "Help: support\ntells you more.\nStation name:\n{t}",  # HELP
    "Still there?\nPress a key to\ngo on",  # STILL_THERE
    "Out of order E{e}\nPlease contact\nsupport\n{t}",  # OUT_OF_ORDER
    "Please shut\ndoor {d} now\n# for more time",  # CLOSE_SOON
    "Starting ...",  # STARTING
    "Two codes in a\nrow, please: this\none and the next\n            E{e}",  # TWO_CODES
    "Service\nDoor number: {t}\n# when done\n* ends",  # SERVICE
    "Door {d} {t}\n1 open  2 empty\n3 block 4 allow\n5 clear 6 codes",  # SERVICE_DOOR
    "1 sensor 2 jam\n3 overdue\n4 damage 6 other\n5 emergency",  # SERVICE_WHY
    "Door {d}: done\n{t}\n# next door\n* ends",  # SERVICE_DONE
    "Door {d}: not now\nE{e}\n# next door\n* ends",  # SERVICE_NO
    "Old codes ended\n{t}\nGoodbye",  # REVOKED
)
MESSAGES = const(34)
_WIDTH = const(16)


def lines(message: int, d: int = 0, e: int = 0, s: int = 0, t: str = "") -> list[str]:
    """The filled-in lines of a message, each at most 16 characters."""
    return [line[:_WIDTH] for line in _TEXTS[message].format(d=d, e=e, s=s, t=t).split("\n")]


def page(text: list[str], rows: int, turn: int) -> list[str]:
    """The lines that a display with so many rows shows at this turn (a counter): all of them, or
    one page after the other.
    """
    if len(text) <= rows:
        return text
    pages = (len(text) + rows - 1) // rows
    start = turn % pages * rows
    return text[start : start + rows]
