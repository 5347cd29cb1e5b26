"""Persons with credentials of their own: staff and couriers in numbered places, what each may do
and when, and the codes of each. Needed when one of them types or is granted something, and
dropped.

A place's keys follow from the staff root, its number and its *generation*, so that no person's key
gives another's; revoking ends a generation for ever. A person has two keys: the codes of the
second one do the same and raise the silent alarm. Most are for authenticator apps (RFC 6238,
SHA-1, 30 s, 8 digits, steps counted from 1970); a *fixed* code of twelve digits is for a visitor
without one. Times are seconds since 2020-01-01 UTC.
"""

import struct
from hashlib import sha1

from locker.core import codes, faults, otp, window
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.access import Entry, Moment

CELL = ("people", 5, 1)
PLACES = const(9)
COURIER = const(1)
STAFF = const(2)
# Without being revoked or granted anew: what is forgotten ends by itself.
LONGEST_S = (0, 86_400, 30 * 86_400)  # by role
KEY_BYTES = const(20)
DIGITS = const(8)
UNLIMITED = const(255)
LOST = const(0xFFFF)  # as the generation of day codes: nobody was ever given one

_ROLE = const(3)
_FIXED = const(4)
_REVOKED = const(8)
_STEP_1970 = const(52_594_560)  # of 2020-01-01
_QUARTER_S = const(900)
_DAY_QUARTERS = const(96)
_EVERY_DAY = const(127)
_GRANT = ">BHIBBBbB"
_GRANT_BYTES = const(12)
_ROW_BYTES = const(16)  # a grant, and the last step that was accepted
_HEAD_BYTES = const(2)  # the generation of the courier's day codes
BYTES = const(2 + 9 * 16)


class Grant:
    """What a person may do. role: COURIER, STAFF, 0 for an empty place; days: bit 0 is Monday;
    hours: (from, to) in quarters of an hour of the local day, which is offset quarters ahead of
    UTC; uses: left, or UNLIMITED.
    """

    def __init__(self, fields: "tuple[int, ...]") -> None:
        bits, self.generation, self.expires_s, self.days, begin, end, self.offset, self.uses = (
            fields
        )
        self.role = bits & _ROLE
        self.fixed = bool(bits & _FIXED)
        self.revoked = bool(bits & _REVOKED)
        self.hours = (begin, end)

    def pack(self) -> bytes:
        """Twelve bytes: in a command, and in the cell."""
        bits = self.role | self.fixed * _FIXED | self.revoked * _REVOKED
        row = (bits, self.generation, self.expires_s, self.days) + self.hours
        return struct.pack(_GRANT, *(row + (self.offset, self.uses)))

    def refusal(self, moment: "Moment") -> int:
        """Why it is of no use now; NONE when it may be used. Whatever the clock cannot tell counts
        as outside.
        """
        early = moment.now_s - moment.uncertainty_s
        late = moment.now_s + moment.uncertainty_s
        if self.revoked:
            return faults.CODE_REVOKED
        if late >= self.expires_s:
            return faults.CODE_EXPIRED
        if not self.uses:
            return faults.SPENT
        return faults.NONE if self._is_within(early, late) else faults.OUTSIDE_HOURS

    def _is_within(self, early: int, late: int) -> bool:
        begin, end = self.hours
        all_day = end - begin == _DAY_QUARTERS
        if all_day and self.days == _EVERY_DAY:
            return True
        first, quarter = divmod(early // _QUARTER_S + self.offset, _DAY_QUARTERS)
        last, quarter_last = divmod(late // _QUARTER_S + self.offset, _DAY_QUARTERS)
        if not (self._has_day(first) and self._has_day(last) and last - first < 2):
            return False
        return all_day or (first == last and begin <= quarter and quarter_last < end)

    def _has_day(self, day: int) -> bool:
        return bool(self.days >> (day + 2) % 7 & 1)  # 2020 began on a Wednesday


def unpack_grant(data: bytes) -> Grant:
    """A grant from its twelve bytes. Raises ValueError for one that cannot be meant."""
    if len(data) != _GRANT_BYTES:
        raise ValueError("not a grant")
    grant = Grant(struct.unpack(_GRANT, data))
    begin, end = grant.hours
    if grant.role not in (COURIER, STAFF) or not 0 < grant.days <= _EVERY_DAY or not grant.uses:
        raise ValueError("role, days or uses of a grant")
    if not 0 <= begin < end <= _DAY_QUARTERS or abs(grant.offset) > _DAY_QUARTERS:
        raise ValueError("hours of a grant")
    return grant


def read(people: bytearray, place: int) -> "tuple[Grant, int]":
    """(grant, last step accepted) of a place 1..9. people: the cell's payload."""
    at = _HEAD_BYTES + (place - 1) * _ROW_BYTES
    row = struct.unpack_from(_GRANT + "I", people, at)
    return Grant(row[:-1]), row[-1]


def write(people: bytearray, place: int, grant: Grant, mark: int) -> None:
    """The reverse of read()."""
    at = _HEAD_BYTES + (place - 1) * _ROW_BYTES
    people[at : at + _ROW_BYTES] = grant.pack() + struct.pack(">I", mark)


def courier_generation(people: bytearray) -> int:
    """Which generation of the courier's day codes is good."""
    return people[0] << 8 | people[1]


def courier_key(root: bytes, generation: int) -> bytes:
    """The key of the day codes of a generation; of the first one the root itself."""
    if not generation:
        return root
    return Mac(root).digest(b"latchwork day codes" + struct.pack(">BH", codes.VERSION, generation))


def key(root: bytes, place: int, generation: int, silent: bool = False) -> bytes:
    """The 20-byte secret of a person's app, from the staff root. silent: the one that raises the
    alarm.
    """
    label = b"latchwork alarm" if silent else b"latchwork person"
    digest = Mac(root).digest(label + struct.pack(">BBH", codes.VERSION, place, generation))
    return digest[:KEY_BYTES]


def rotating_code(mac: Mac, step: int) -> int:
    """RFC 6238 with mac = Mac(key(..), sha1). step: of window.STEP_S since 2020."""
    return otp.code(mac, step + _STEP_1970, DIGITS)


def fixed_code(secret: bytes) -> int:
    """The twelve digits of a person without an app."""
    return otp.truncate(Mac(secret).digest(b"latchwork fixed"), codes.RECOVERY_DIGITS)


def steps(entry: "Entry", moment: "Moment") -> range:
    """The steps at which the (first) code typed may have been shown."""
    widest = window.WIDEST_PAIRS if entry.recovery else window.WIDEST
    return window.steps(moment.now_s, moment.uncertainty_s, widest)


def matching_step(secret: bytes, entry: "Entry", within: range) -> int:
    """The last step within whose code was typed, or of two codes in a row that of the second; 0
    when none fits. Always compares with all of them.
    """
    mac = Mac(secret, sha1)
    found, before = 0, False
    for step in range(within.start, within.stop + entry.recovery):
        code = rotating_code(mac, step)
        if not entry.recovery:
            found = step if code == entry.code else found
            continue
        found = step if before and code == entry.second else found
        before = code == entry.code
    return found


def judge(
    entry: "Entry", root: bytes, grant: Grant, mark: int, moment: "Moment"
) -> "tuple[int, int, bool]":
    """(fault, step, silent): NONE with the step to be marked as used and whether the alarm was
    raised; else why not, which the person does not learn. Both keys are always tried.
    """
    found, silent = 0, False
    for alarm in (False, True):
        secret = key(root, entry.place, grant.generation, alarm)
        if entry.is_fixed:
            step = (mark or 1) if fixed_code(secret) == entry.code else 0
        else:
            step = matching_step(secret, entry, steps(entry, moment))
        if step and grant.fixed == entry.is_fixed:
            found, silent = step, alarm
    if not grant.role or not found:
        return faults.WRONG_CODE, 0, False
    fault = grant.refusal(moment)
    if not fault and not entry.is_fixed and found - entry.recovery <= mark:
        fault = faults.CODE_REPLAYED
    return fault, found, silent
