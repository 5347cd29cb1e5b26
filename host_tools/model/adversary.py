"""What the world may do to the contacts of a door: anything, at any time.

Stands in for ``locker.core.contacts.Contacts`` behind its interface: the search of the doors
assumes no more of the debounce than that a level is steady, unknown, flapping or on the move, and
the search of ``contacts`` proves that much of the real one.
"""

from __future__ import annotations

from typing import Any

from locker.core.doors import READINGS, UNTOLD

# One door's contacts: name -> (latch known, latch locked, reed known, reed closed, flapping).
SETTINGS: dict[str, tuple[int, int, int, int, int]] = {
    "shut": (1, 1, 1, 1, 0),
    "unlatched": (1, 0, 1, 1, 0),
    "opened": (1, 0, 1, 0, 0),
    "odd": (1, 1, 1, 0, 0),
    "untold": (0, 1, 0, 1, 0),
    "flapping": (0, 1, 1, 1, 1),
    "unsettled": (0, 0, 0, 0, 0),  # after a boot, until the first debounce is over
}
CHOICES = tuple(name for name in SETTINGS if name != "unsettled")


def reading_of(profile: str, setting: str) -> int:
    """What the door core should make of a setting (FLAPPING counts as UNTOLD)."""
    latch_known, latch, reed_known, reed, _ = SETTINGS[setting]
    table, needs = READINGS[profile]
    known = latch_known | reed_known << 1
    return table[latch | reed << 1] if known & needs == needs else UNTOLD


class Inputs:
    """One kind of contact of all doors: what Contacts shows to the bank."""

    def __init__(self) -> None:
        self.steady = 0
        self.known = 0
        self.moving = 0
        self.flapping = 0
        self.changed = 0

    def put(self, bit: int, known: int, level: int, flapping: int) -> None:
        """A new steady state of one input."""
        before = (self.steady, self.known, self.flapping)
        self.steady = self.steady | bit if level else self.steady & ~bit
        self.known = self.known | bit if known else self.known & ~bit
        self.flapping = self.flapping | bit if flapping else self.flapping & ~bit
        self.moving &= ~bit
        if before != (self.steady, self.known, self.flapping):
            self.changed |= bit

    def update(self, *_: Any) -> int:
        """As Contacts.update: inputs whose steady level or known bit changed since the last."""
        changed, self.changed = self.changed, 0
        return changed

    def blind(self, *_: Any) -> int:
        """As Contacts.blind: what cannot be read is put()."""
        return 0

    def is_quiet(self, bit: int) -> bool:
        """As Contacts.is_quiet."""
        return bool(self.known & bit) and not self.moving & bit

    def is_flapping(self, bit: int) -> bool:
        """As Contacts.is_flapping."""
        return bool(self.flapping & bit)
