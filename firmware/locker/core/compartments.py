"""What is behind each door: occupancy, tenancy, claim. Plain state changes; the caller makes them
durable before their effect.

A *tenancy* is one occupancy of one compartment. The number and the key held here are of the
present tenancy, or of the next one while the compartment is free: collecting a parcel ratchets the
key on, and with the old key gone no code of that parcel can be computed again. A *claim* is a code
at work: at most three releases, ended by the door seen open and then secured.
"""

import struct

from locker.core import codes, faults
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterable

FREE, RESERVED, OCCUPIED, COLLECTED_UNCONFIRMED = range(4)
OVERDUE = const(4)  # occupied for too long; told, never stored
OCCUPANCY_NAMES = ("free", "reserved", "occupied", "collected_unconfirmed", "overdue")
SIZES = "SML"

RELEASES_PER_CLAIM = const(3)
_SCHEMA = const(1)

_CELL_KIND = const(16)

_LAYOUT = ">BBBBBBIII32s"
KEY_OFFSET = const(18)  # in the durable form


class Compartment:
    """One door's record. key: K(door, tenancy), 32 bytes. fault: what it is latched shut for;
    blocked, locked_down: by the operator; the second refuses even a service release. returned:
    what is inside, or is being put in, somebody gives back (core.tickets).
    """

    def __init__(self, door: int, size: str, key: bytes) -> None:
        self.door = door
        self.size = size
        self.occupancy = FREE
        self.tenancy = 1
        self.key = key
        self.claim = 0
        self.releases = 0
        self.opened = False
        self.wear = 0
        self.fault = faults.NONE
        self.blocked = False
        self.locked_down = False
        self.returned = False

    def pack(self) -> bytes:
        """The durable form."""
        return struct.pack(
            _LAYOUT,
            self.door,
            self.occupancy,
            self.releases,
            self.opened,
            self.fault,
            self.blocked | self.locked_down << 1 | self.returned << 2,
            self.tenancy,
            self.claim,
            self.wear,
            self.key,
        )

    def unpack(self, payload: bytes) -> None:
        """Take over a stored record. Raises ValueError when it is of another door or shape."""
        if len(payload) != struct.calcsize(_LAYOUT):
            raise ValueError("not a compartment record")
        row = struct.unpack(_LAYOUT, payload)
        if row[0] != self.door or row[1] > COLLECTED_UNCONFIRMED:
            raise ValueError("compartment record of another door")
        self.occupancy, self.releases = row[1], row[2]
        self.opened, self.fault = bool(row[3]), row[4]
        self.blocked, self.locked_down = bool(row[5] & 1), bool(row[5] & 2)
        self.returned = bool(row[5] & 4)
        self.tenancy, self.claim, self.wear, self.key = row[6], row[7], row[8], row[9]

    @property
    def granted(self) -> bool:
        """True while a stored grant explains an open door."""
        return self.occupancy == RESERVED or self.claim != 0

    @property
    def usable(self) -> bool:
        """False while latched shut by a fault or kept shut by the operator."""
        return not (self.fault or self.blocked or self.locked_down)

    @property
    def may_release(self) -> bool:
        """True while its grant has a release left, and nothing keeps it shut."""
        return self.usable and self.releases < RELEASES_PER_CLAIM

    @property
    def is_reopened(self) -> bool:
        """True while free and let open once more for the one who has just emptied it."""
        return self.occupancy == FREE and self.releases > 0

    def reserve(self, returned: bool = False) -> None:
        """A courier is about to fill it, or (returned) somebody who gives a parcel back."""
        self.occupancy = RESERVED
        self.returned = returned
        self.opened = False
        self.releases = 0

    def after_dark(self) -> None:
        """Nobody watched while the power was off: what a courier may have put in counts as in."""
        if self.occupancy == RESERVED:
            self.opened = True

    def unreserve(self) -> None:
        """Nothing was put in."""
        self.occupancy = FREE
        self.returned = False
        self.opened = False
        self.releases = 0

    def occupy(self) -> None:
        """A parcel is in: the tenancy begins."""
        self.occupancy = OCCUPIED
        self.opened = False
        self.releases = 0

    def start_claim(self, tenancy: int) -> None:
        """A right code of ``tenancy`` (>= the present one) starts, or goes on with, its claim.
        Earlier codes are dead from here.
        """
        if self.claim != tenancy:
            self.releases = 0
        self.claim = tenancy

    def use_release(self) -> bool:
        """Count one release of the grant; False when it has none left."""
        if self.releases >= RELEASES_PER_CLAIM:
            return False
        self.releases += 1
        self.wear += 1
        return True

    def give_back_release(self) -> None:
        """The release just counted never fired."""
        self.releases = max(self.releases - 1, 0)
        self.wear = max(self.wear - 1, 0)

    def mark_opened(self) -> None:
        """The door was seen open under the grant."""
        self.opened = True
        if self.claim:
            self.occupancy = COLLECTED_UNCONFIRMED

    def recode(self) -> None:
        """End every code of what is or comes next behind the door, those issued ahead too: the
        same parcel, in a later tenancy.
        """
        for _ in range(codes.NEXT_TENANCIES + 1):
            self.key = codes.next_key(self.key)
        self.tenancy += codes.NEXT_TENANCIES + 1
        self.claim = 0
        self.releases = 0

    def collect(self) -> None:
        """The claim is fulfilled and the door secured: ratchet past the claimed tenancy and
        destroy its key.
        """
        for _ in range(self.claim + 1 - self.tenancy):
            self.key = codes.next_key(self.key)
        self.tenancy = self.claim + 1
        self.claim = 0
        self.releases = 0
        self.opened = False
        self.returned = False
        self.occupancy = FREE


def cell(door: int) -> tuple[str, int, int]:
    """(name, kind, schema) of a door's cell."""
    return f"door{door:02d}", _CELL_KIND + door, _SCHEMA


def choose_free(compartments: "Iterable[Compartment]", size: str, unusable: int = 0) -> int:
    """The least-worn free door of exactly this size, 0 when there is none. unusable: mask of doors
    the bank would not release.
    """
    best = None
    for compartment in compartments:
        if compartment.size != size or compartment.occupancy != FREE or not compartment.usable:
            continue
        if unusable >> (compartment.door - 1) & 1:
            continue
        if best is None or compartment.wear < best.wear:
            best = compartment
    return best.door if best else 0
