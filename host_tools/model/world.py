"""What really happened, kept beside the firmware: the rules compare its claims with this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from locker.core import doors, faults
from locker.core.bank import Bank
from model.adversary import CHOICES, reading_of

PULSES = 2  # one authorisation is good for a pulse and one retry
# Why an authorisation is good for no pulse any more.
MOVED, TOO_OLD, CUT_SHORT = range(-1, -4, -1)
WHY = (
    "without an authorisation",
    "again after it had moved",
    "for a request that was too old",
    "after a pulse that was refused or stopped",
)
FREE, PULSING, RESTING = range(3)
_UNSETTLED = -1
# A grant that outlives a door that stuck or was not pulled: somebody still stands before it.
_LATE_PULL = (faults.JAMMED, faults.NOT_PULLED)


class World:
    """Contacts as they are, authorised pulses not yet used, and the pulse window."""

    def __init__(self, profiles: Sequence[str], inhibits: int) -> None:
        count = len(profiles)
        self.profiles = tuple(profiles)
        self.inhibits_limit = inhibits
        self.contacts = [_UNSETTLED] * count
        self.moving = [0] * count
        self.pulses_left = [0] * count
        self.grant = [0] * count
        self.inhibits = [0] * count
        self.served = [0] * count  # service releases asked for
        self.window = FREE
        self.firing = 0

    def boot(self, granted: int) -> None:
        """All in memory is gone; an authorisation dies with it."""
        self.grant = [granted >> i & 1 for i in range(len(self.grant))]

    def authorise(self, number: int) -> None:
        """The authorisation of one release is on flash."""
        self.pulses_left[number - 1] = PULSES

    def setting(self, number: int) -> str:
        """How the contacts of a door are."""
        at = self.contacts[number - 1]
        return CHOICES[at] if at >= 0 else "unsettled"

    def reading(self, number: int) -> int:
        """What they mean."""
        return reading_of(self.profiles[number - 1], self.setting(number))

    def put(self, number: int, setting: int) -> None:
        """The contacts of a door settle. One that has moved is never fired again for the same
        authorisation.
        """
        at = number - 1
        self.contacts[at] = setting
        self.moving[at] = 0
        moved = self.reading(number) not in (doors.SHUT, doors.UNTOLD)
        if moved and self.pulses_left[at] == PULSES - 1:
            self.pulses_left[at] = MOVED

    def is_shut(self, number: int) -> bool:
        """Closed, locked, known and still."""
        return self.reading(number) == doors.SHUT and not self.moving[number - 1]

    def serve(self, number: int) -> None:
        """Current in a coil for a service release, whatever the contacts say."""
        self.served[number - 1] = 0
        self.window, self.firing = PULSING, number

    def fire(self, number: int) -> None:
        """Current in a coil."""
        self.pulses_left[number - 1] -= 1
        self.grant[number - 1] = 1
        self.window, self.firing = PULSING, number

    def refuse(self, number: int) -> None:
        """The driver did not take the pulse."""
        self.pulses_left[number - 1] = CUT_SHORT
        self.window, self.firing = RESTING, 0

    def stop(self) -> None:
        """The pulse was broken off."""
        self.window, self.firing = RESTING, 0
        self.pulses_left = [CUT_SHORT if left else 0 for left in self.pulses_left]

    def end_window(self) -> None:
        """The pulse and its window are over."""
        self.window, self.firing = RESTING, 0

    def end_rest(self) -> None:
        """The pause is over."""
        self.window = FREE

    def run_out(self, number: int) -> None:
        """The time in which a request may still fire is over."""
        self.pulses_left[number - 1] = TOO_OLD
        self.served[number - 1] = 0

    def expire(self, number: int) -> None:
        """The bank says that a request will never fire."""
        self.pulses_left[number - 1] = 0

    def follow(self, bank: Bank, before: Sequence[int]) -> None:
        """Grants end as the door table says; a pulse that stopped the bank has no window. before:
        states of the doors before the event.
        """
        for door in bank.doors:
            at = door.number - 1
            if not self._is_granted_in(door, before[at] != door.state):
                self.grant[at] = 0
                self.pulses_left[at] = self._still_wanted(bank, door)
            by_service = (door.number, True) in [(q[0], q[2]) for q in bank._queue]
            if not by_service and door.state != doors.SERVING:
                self.served[at] = 0
        if self.window == PULSING and not bank._window.firing:
            self.stop()

    def _is_granted_in(self, door: Any, entered: bool) -> bool:
        if door.state == doors.SECURED:
            return door.verdict in _LATE_PULL if entered else door.timed
        return door.state not in (doors.INHIBITED, doors.FAIL_CLOSED)

    def _still_wanted(self, bank: Bank, door: Any) -> int:
        waits = any(request[0] == door.number for request in bank._queue)
        return self.pulses_left[door.number - 1] if waits else 0
