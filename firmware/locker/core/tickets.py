"""Return codes: the digits, which of them are used, and for which compartment each is at work.

A customer who gives a parcel back types selector 93, the code's *serial*, and eight digits that
follow from the courier key, a seven-day window and that serial: so a hundred codes may begin in
each window, and a guess is compared with five at most. A code's *number* is window slot * 100 +
serial. It is no secret, and all that the journal and a revocation name.

A code is used up by the parcel that goes in, not by the typing: it may start three compartments,
one after the other, each only when nothing was put into the one before. Before the coil fires, the
start and its door are in this cell; the code is *at work* for as long as that door's own record
says that it is reserved for a return. So a door that is free again gives the code back without a
write, and a power cut between the two writes leaves a start too many, never a compartment. While
it is at work it opens that door and no other: for who was cut off, or did not pull in time.

In memory only while it is needed.
"""

import struct

from locker.core import codes
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.access import Entry, Moment
    from locker.core.mac import Mac

CELL = ("returns", 6, 1)
SERIALS = const(100)

SLOTS = const(6)  # five may be good at once, and one for a clock that is set back
_ENDED = const(3)  # the last of the two bits' values; below it: starts so far
_STATES_BYTES = const(6 * 25)
_HEAD_BYTES = const(4 + 6 * 25)
_ROW_BYTES = const(3)  # a door that a code was started for
_SPENT = const(0x80)  # with it: the parcel is in
_UNKNOWN = const(0xFFFFFFFF)  # as the first slot: nothing is known of any code

LOST = b"\xff\xff\xff\xff" + bytes(_STATES_BYTES)


class Tickets:
    """payload: of the cell, empty when no code was ever used. Raises ValueError for another shape.

    first: the first slot that is kept; the codes of all before it count as ended.
    """

    def __init__(self, payload: bytes) -> None:
        payload = payload or bytes(_HEAD_BYTES)
        rows = len(payload) - _HEAD_BYTES
        if rows < 0 or rows % _ROW_BYTES:
            raise ValueError("not a cell of return codes")
        self.first: int = struct.unpack_from(">I", payload)[0]
        self._states = bytearray(payload[4:_HEAD_BYTES])
        self._rows: dict[int, int] = {}  # door, with or without _SPENT -> number
        for at in range(_HEAD_BYTES, len(payload), _ROW_BYTES):
            door, place = struct.unpack_from(">BH", payload, at)
            self._rows[door] = self.first * SERIALS + place

    @property
    def is_lost(self) -> bool:
        """True until reset(): the cell could not be read, and no code may be taken."""
        return self.first == _UNKNOWN

    def reset(self, first: int) -> None:
        """After a loss: codes of slots before ``first`` stay ended."""
        self.first = first

    def pack(self) -> bytes:
        """The cell's payload."""
        packed = struct.pack(">I", self.first) + self._states
        for door, number in self._rows.items():
            packed += struct.pack(">BH", door, number - self.first * SERIALS)
        return packed

    def has_ended(self, number: int) -> bool:
        """True when the code starts nothing more: its parcel is in, it has had all its starts, or
        it was revoked. (It may still be at work.)
        """
        slot = number // SERIALS
        return slot < self.first or (slot < self.first + SLOTS and self._state(number) == _ENDED)

    def door_of(self, number: int) -> int:
        """The door it was started for last, if nothing has ended it since; else 0. Whether it is
        at work there is for the door's record to say.
        """
        for door, found in self._rows.items():
            if found == number and door < _SPENT:
                return door
        return 0

    def number_of(self, door: int) -> int:
        """The code that was started for this door last, ended or not; 0 when there is none."""
        return self._rows.get(door) or self._rows.get(door | _SPENT, 0)

    def start(self, number: int, door: int) -> None:
        """One start more, for this door; whatever it was started for before is over. Only for a
        code that has not ended.
        """
        self._reach(number // SERIALS)
        self._put(number, self._state(number) + 1)
        self._rows = {d: n for d, n in self._rows.items() if n != number and d & ~_SPENT != door}
        self._rows[door] = number

    def end(self, number: int) -> None:
        """Its parcel is in, or it was revoked."""
        self._reach(number // SERIALS)
        if number >= self.first * SERIALS:
            self._put(number, _ENDED)
        self._rows = {d | _SPENT * (n == number): n for d, n in self._rows.items()}

    def _state(self, number: int) -> int:
        place = number - self.first * SERIALS
        return self._states[place >> 2] >> (place & 3) * 2 & 3

    def _put(self, number: int, state: int) -> None:
        place = number - self.first * SERIALS
        shift = (place & 3) * 2
        kept = self._states[place >> 2] & ~(3 << shift)
        self._states[place >> 2] = kept | min(state, _ENDED) << shift

    def _reach(self, slot: int) -> None:
        """Forget slots whose codes have expired until there is room for this one."""
        ahead = min(slot - self.first - SLOTS + 1, SLOTS)
        if ahead <= 0:
            return
        row = SERIALS // 4
        self._states = self._states[ahead * row :] + bytes(ahead * row)
        self.first = slot - SLOTS + 1
        oldest = self.first * SERIALS
        self._rows = {d: n for d, n in self._rows.items() if n >= oldest}


def matching(entry: "Entry", mac: "Mac", moment: "Moment") -> int:
    """The number of the code that was typed, if it is good at this moment; else 0. mac: of the
    courier's root key. Always compares with the whole window.
    """
    found = 0
    for slot in codes.slots(codes.RETURN_CLASS, moment.now_s, moment.uncertainty_s):
        if fits(entry, mac, slot):
            found = slot * SERIALS + entry.place
    return found


def fits(entry: "Entry", mac: "Mac", slot: int) -> bool:
    """Is it the code of this slot?"""
    return codes.return_code(mac, slot * SERIALS + entry.place, entry.recovery) == entry.code
