"""All contacts of all doors: what is steady, what moves, and what can be believed.

A door may have a second reed, which must say what the first one says. A sample or two that are
missing are no fault; with the third the door is dark: unknown until it can be read again.
"""

from locker.core.contacts import Contacts


class Sensors:
    """Of doors 1..count; bit d-1 of every mask is door d. reed_ms, latch_ms: how long a level must
    hold; paired: mask of doors with a second reed.
    """

    def __init__(self, count: int, reed_ms: int, latch_ms: int, paired: int) -> None:
        self.dark = 0  # mask of doors whose contacts cannot be read
        self._every = self._unread = self._unread_before = (1 << count) - 1
        self._reeds = Contacts(count, reed_ms)
        self._latches = Contacts(count, latch_ms)
        self._paired = paired
        self._twins = Contacts(count, reed_ms) if paired else None
        self._twin_changed = 0

    def take_twins(self, reeds: int, now: int) -> None:
        """One sample of the second reeds; the next update() tells of it."""
        self._twin_changed |= self._twins.update(reeds, now) & self._paired  # type: ignore[union-attr]

    def update(self, reeds: int, latches: int, now: int, unread: int) -> int:
        """One sample of all contacts; unread: doors that it lacks. Returns the doors of which
        anything steady has changed.
        """
        # Short on purpose: with more than eleven names and operands MicroPython looks for room in
        # the heap at every call, and in a full heap that alone takes longer than the idle step.
        changed = self._reeds.update(reeds, now) | self._latches.update(latches, now)
        if unread | self._unread:
            changed |= self._blind(unread, now)
        if self._twin_changed:
            changed |= self._twin_changed
            self._twin_changed = 0
        return changed

    def idle_ms(self, now: int) -> int:
        """For how long samples like the last one change nothing; 0: the next one may."""
        if self._unread or self._twin_changed:
            return 0
        return min(contacts.idle_ms(now) for contacts in self._all(self._paired))

    def read(self, bit: int) -> tuple[int, int, bool]:
        """(known, level, flapping) of one door, as Door.sense takes them. Two reeds are known when
        both are.
        """
        known = bool(self._latches.known & bit) | bool(self._reeds.known & bit) << 1
        level = bool(self._latches.steady & bit) | bool(self._reeds.steady & bit) << 1
        if self._twins is not None and self._paired & bit:
            known &= 1 | bool(self._twins.known & bit) << 1
            level |= bool((self._reeds.steady ^ self._twins.steady) & bit) << 2
        return known, level, any(contacts.is_flapping(bit) for contacts in self._all(bit))

    def is_quiet(self, bit: int, needs: int) -> bool:
        """All contacts that a door needs (1 latch, 2 reed) are known, read at this moment, and not
        moving.
        """
        if self._unread & bit:
            return False
        if self._twins is not None and self._paired & bit and not self._twins.is_quiet(bit):
            return False
        return (not needs & 1 or self._latches.is_quiet(bit)) and (
            not needs & 2 or self._reeds.is_quiet(bit)
        )

    def is_still(self, bit: int, needs: int) -> bool:
        """No contact that a door needs is moving; one that cannot be read is not."""
        return bool(self.dark & bit) or self.is_quiet(bit, needs)

    def none_moves(self, bit: int) -> bool:
        """No contact of a door that can be told is moving. What flaps or is dark cannot."""
        if self._unread & bit:
            return bool(self.dark & bit)
        return not any(
            contacts.known & bit and not contacts.is_quiet(bit) for contacts in self._all(bit)
        )

    def _all(self, bit: int) -> "tuple[Contacts, ...]":
        """All contacts that a door may have."""
        if self._twins is not None and self._paired & bit:
            return self._reeds, self._latches, self._twins
        return self._reeds, self._latches

    def _blind(self, unread: int, now: int) -> int:
        self.dark = unread & self._unread & self._unread_before
        self._unread_before = self._unread
        self._unread = unread & self._every
        lost = self._reeds.blind(self.dark, now) | self._latches.blind(self.dark, now)
        if self._twins is not None:
            lost |= self._twins.blind(self.dark, now) & self._paired
        return lost
