"""Keys and codes: how a code follows from a key, a purpose and a time slot. The same module on the
station and on the host.

Every entry begins with a selector of two digits, which says what follows:

| selector | what follows | digits in all |
|---|---|---|
| 01..24 a door | code(8) check | 11 |
| 01..24 | recovery code(12) check | 15 |
| 00 courier | code of the day(8) check | 11 |
| 00 | long code of the day(12) check | 15 |
| 90 a person | place(1) rotating code(8) | 11 |
| 90 | place(1) rotating code(8) and the one after it(8) | 19 |
| 90 | place(1) fixed code(12) check | 16 |
| 91 the time token | check: asks for the challenge | 3 |
| 91 | minutes(7) token(7) check | 17 |
| 92 revocation | target(2) token(12) check | 17 |
| 93 a return | serial(2) code(8) check | 13 |
| 93 | serial(2) long code(12) check | 17 |

The check digit (damm) is over all before it; an authenticator app shows none, so a rotating code
has none. Eight digits are bound to a time window, twelve (the recovery code) only to the tenancy;
a courier's twelve are for the day that guessing has closed the eight.
Truncation is RFC 4226 section 5.3 with HMAC-SHA256; the window classes start on a quarter of their
length, so at most five slots are good at any moment. Times are seconds since 2020-01-01 UTC.
"""

import struct
from hashlib import sha256

from locker.core import damm, otp
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = const(1)
KEY_BYTES = const(32)
COURIER_SELECTOR = const(0)
PERSON = const(90)  # also the target of a revocation: 91..99 for the places 1..9
REVOCATION = const(92)
RETURN = const(93)
RETURNS = const(30)  # the target of a revocation: 30..39, and the first digit of the serial
NEXT_TENANCIES = const(2)  # the host may issue ahead for two tenancies it has not heard of yet

CODE_DIGITS = const(8)
RECOVERY_DIGITS = const(12)
CODE_ENTRY = const(2 + 8 + 1)
RECOVERY_ENTRY = const(2 + 12 + 1)
ROTATING_ENTRY = const(2 + 1 + 8)
PAIR_ENTRY = const(2 + 1 + 8 + 8)  # the longest of all
FIXED_ENTRY = const(2 + 1 + 12 + 1)
REVOCATION_ENTRY = const(2 + 2 + 12 + 1)
RETURN_ENTRY = const(2 + 2 + 8 + 1)
RETURN_LONG_ENTRY = const(2 + 2 + 12 + 1)

# Purposes: one label each, so that no code of one purpose is ever good for another.
_RECIPIENT = b"recip"
_COURIER = b"couri"
_COURIER_LONG = b"coulo"
_COURIER_SILENT = b"cousi"
_COURIER_LONG_SILENT = b"cousl"
_RETURN = b"retpa"
_RETURN_LONG = b"retpl"
_RECOVERY = b"recov"
_RECEIPT = b"recpt"
_REVOKE = b"revok"

CLASSES = {"4h": 14_400, "24h": 86_400, "3d": 259_200, "7d": 604_800}
COURIER_CLASS = "24h"
RETURN_CLASS = "7d"

# A demo key begins with this mark; a real board refuses every key that does (research: one
# published key opened every locker).
DEMO_MARK = b"LATCHWORK-DEMO-"


def is_demo_key(key: bytes) -> bool:
    """True for a key made for demonstrations only."""
    return key[: len(DEMO_MARK)] == DEMO_MARK


def first_door_key(root: bytes, door: int) -> bytes:
    """K(door, 1), the key of a door's first tenancy, from a station's door root (kept on the host
    only).
    """
    return Mac(root).digest(b"latchwork door" + bytes((VERSION, door)))


def next_key(key: bytes) -> bytes:
    """K(d, n+1) = H(K(d, n)): from a key its successors follow, never its predecessors."""
    following: bytes = sha256(b"latchwork ratchet" + key).digest()
    return following


def key_of_tenancy(root: bytes, door: int, tenancy: int) -> bytes:
    """K(door, tenancy) for tenancy >= 1, by ratcheting on from the first key. Host side."""
    key = first_door_key(root, door)
    for _ in range(tenancy - 1):
        key = next_key(key)
    return key


def slot_seconds(name: str) -> int:
    """Distance of two window starts of a class, in seconds."""
    return CLASSES[name] // 4


def slots(name: str, now_s: int, uncertainty_s: int = 0) -> range:
    """The slots whose window may hold the present moment: five at most, the latest."""
    quarter = slot_seconds(name)
    last = (now_s + uncertainty_s) // quarter
    first = (now_s - uncertainty_s) // quarter - 3
    return range(max(first, last - 4, 0), last + 1)


def window(name: str, slot: int) -> tuple[int, int]:
    """(start, end) of a slot's window."""
    quarter = slot_seconds(name)
    return slot * quarter, slot * quarter + CLASSES[name]


def recipient_code(mac: Mac, name: str, slot: int) -> int:
    """The eight-digit code of a parcel for one window. mac: of the tenancy's key; name: a key of
    CLASSES.
    """
    return _code(mac, _RECIPIENT, CLASSES[name], slot, CODE_DIGITS)


def courier_code(mac: Mac, slot: int, long: bool = False, silent: bool = False) -> int:
    """The code of a courier for one 24-hour window, eight digits or (long) twelve. mac: of the
    courier key; silent: the code that raises the alarm.
    """
    digits = RECOVERY_DIGITS if long else CODE_DIGITS
    if silent:
        label = _COURIER_LONG_SILENT if long else _COURIER_SILENT
    else:
        label = _COURIER_LONG if long else _COURIER
    return _code(mac, label, CLASSES[COURIER_CLASS], slot, digits)


def return_code(mac: Mac, number: int, long: bool = False) -> int:
    """The code that gives a parcel back, eight digits or (long) twelve. mac: of the courier's root
    key; number: see core.tickets.
    """
    label, digits = (_RETURN_LONG, RECOVERY_DIGITS) if long else (_RETURN, CODE_DIGITS)
    return _code(mac, label, CLASSES[RETURN_CLASS], number, digits)


def recovery_code(mac: Mac) -> int:
    """The twelve-digit code of a tenancy that needs no clock."""
    return _code(mac, _RECOVERY, 0, 0, RECOVERY_DIGITS)


def receipt(mac: Mac, door: int) -> str:
    """What the courier's display shows: door and a four-digit proof of the tenancy, such as
    07-4821.
    """
    return f"{door:02d}-{_code(mac, _RECEIPT, 0, 0, 4):04d}"


def recipient_candidates(
    mac: Mac, names: tuple[str, ...], now_s: int, uncertainty_s: int
) -> "Iterator[int]":
    """Every recipient code that is good now: all classes in use, all slots."""
    for name in names:
        for slot in slots(name, now_s, uncertainty_s):
            yield recipient_code(mac, name, slot)


def entry(selector: int, code: int, recovery: bool = False) -> str:
    """The digits a person types, check digit included. recovery: twelve digits."""
    width = RECOVERY_DIGITS if recovery else CODE_DIGITS
    body = f"{selector:02d}" + ("0" * width + str(code))[-width:]
    return body + str(damm.check_digit(body))


def spoken(digits: str) -> str:
    """An entry in groups for people, its check digit last: 07-4821-9356-2."""
    body = digits[2:-1]
    groups = [body[i : i + 4] for i in range(0, len(body), 4)]
    return "-".join([digits[:2]] + groups + [digits[-1]])


def is_entry(digits: str) -> bool:
    """True when these digits can be a whole entry: the selector's length, and its check digit."""
    count, selector = len(digits), digits[:2]
    if selector == "90":
        rotates = count in (ROTATING_ENTRY, PAIR_ENTRY)
        return rotates or (count == FIXED_ENTRY and damm.is_valid(digits))
    if selector == "92":
        return count == REVOCATION_ENTRY and damm.is_valid(digits)
    if selector == "93":
        return count in (RETURN_ENTRY, RETURN_LONG_ENTRY) and damm.is_valid(digits)
    return count in (CODE_ENTRY, RECOVERY_ENTRY) and damm.is_valid(digits)


def revocation(mac: Mac, station: str, target: int, number: int) -> int:
    """The token of twelve digits that ends a credential: whoever guesses one at the keypad would
    take a recipient's code away. mac: of the command key; target: door, 0 for the courier's day
    codes, PERSON + place, RETURNS + serial // 10; number: the tenancy, generation or return code
    to end, so that a token is good once.
    """
    text = struct.pack(">B5sBI", VERSION, _REVOKE, target, number) + station.encode()
    return otp.truncate(mac.digest(text), RECOVERY_DIGITS)


def _code(mac: Mac, label: bytes, span_s: int, slot: int, digits: int) -> int:
    digest = mac.digest(struct.pack(">B5sII", VERSION, label, span_s, slot))
    return otp.truncate(digest, digits)
