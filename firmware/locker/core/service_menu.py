"""The talk with staff at the keypad: which door, what to do with it, and why. Loaded when a staff
code was right.

A wish to the desk is one number: door << 8 | action << 4 | reason, with action 0: tell me of it.
"""

from locker.core import messages
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.session import Screen

# As wire.COMMANDS names them, in the order of the keys 1..6.
ACTIONS = ("release", "empty", "block", "unblock", "clear", "revoke")
REASONS = const(6)  # keys 1..6, as in wire.REASONS

_RELEASE = const(1)


class Menu:
    """place: whose menu; doors: how many there are; ended: the person has left it."""

    def __init__(self, place: int, doors: int) -> None:
        self.place = place
        self.ended = False
        self._doors = doors
        self._ask_door("")

    def key(self, key: str) -> int:
        """One key; the wish that it makes, or 0. The screen may have changed."""
        if key == "*":
            self.ended = not (self._digits or self._door)
            self._ask_door("")
        elif not self._door:
            return self._door_key(key)
        elif key.isdigit():
            return self._choice(int(key))
        return 0

    def show_door(self, door: int, text: str) -> None:
        """What there is to do with a door. text: of at most 8 characters."""
        self._door = door
        self.screen: Screen = (messages.SERVICE_DOOR, {"d": door, "t": text})

    def show_result(self, door: int, fault: int, text: str) -> None:
        """What came of a wish."""
        self._ask_door("")
        message = messages.SERVICE_NO if fault else messages.SERVICE_DONE
        self.screen = (message, {"d": door, "e": fault, "t": text})

    def _ask_door(self, digits: str) -> None:
        self._digits = digits
        self._door = self._action = 0
        self.screen = (messages.SERVICE, {"t": digits})

    def _door_key(self, key: str) -> int:
        if key.isdigit():
            self._ask_door((self._digits + key)[-2:])
        elif key == "#":
            door = int(self._digits or "0")
            self._ask_door("")
            if 0 < door <= self._doors:
                return door << 8
        return 0

    def _choice(self, choice: int) -> int:
        if self._action:
            why = choice if choice <= REASONS else 0
            return self._door << 8 | self._action << 4 | why if why else 0
        if choice == _RELEASE:
            self._action = choice
            self.screen = (messages.SERVICE_WHY, {})
        elif 0 < choice <= len(ACTIONS):
            return self._door << 8 | choice << 4
        return 0
