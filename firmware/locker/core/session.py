"""The talk with the person at the keypad: one key, one door event or one second at a time; what to
do comes back as requests.

The session decides nothing about codes or doors. It turns keys into requests for the desk
(``take_request``) and answers into what the display shows (``screen``). Slow hands get 120 s,
warned 30 s before the end.
"""

from locker.core import codes, doors, faults, messages, ticks
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.service_menu import Menu

    Screen = tuple[int, dict[str, int | str]]

IDLE, TYPING, CHECKING, SIZE, DOOR, CONFIRM, RECEIPT, NOTICE, CLOSED, SERVICE = range(10)

# Requests to the desk: (kind, value, ticks of the first key).
ENTRY, DEPOSIT, AGAIN, STORED, WRONG_SIZE, CANCELLED, REOPEN, MORE_TIME, SERVE = range(9)

PICKUP, STORING = range(2)

_PATIENCE_MS = const(120_000)
_WARN_MS = const(30_000)
_NOTICE_MS = const(8_000)
_HELP_MS = const(30_000)
_RETURN_MS = const(60_000)  # idle for so long, the display speaks the station's language again
_REOPEN_MS = const(60_000)  # a door shut by mistake, or with something left inside
_ANSWER_MS = const(10_000)  # the desk answers within one; beyond that something broke
_LANGUAGES = const(4)
_WIDTH = const(16)

# What the display says for a door in this state, with nothing wrong.
_DOOR_SCREENS = {
    doors.RELEASING: messages.OPENING,
    doors.COOLING: messages.RETRYING,
    doors.RELEASED: messages.PULL,
    doors.RELOCKING: messages.PUSH,
    doors.LOOSE: messages.PUSH,
    doors.LOOSE_ALARM: messages.PUSH,
    doors.OPEN_LATE: messages.CLOSE_SOON,
    doors.OPEN_ALARM: messages.CLOSE_SOON,
}
_OPEN_STATES = (doors.OPEN, doors.OPEN_LATE, doors.OPEN_ALARM)
_PULSING = (doors.RELEASING, doors.COOLING)
_QUIET = (IDLE, NOTICE)
_WARNED = (TYPING, SIZE, CONFIRM, RECEIPT, SERVICE)  # states that end with a question before


class Session:
    """One keypad and one display. idle_text: the last line of the idle screen (the station's
    name); open_ms: how long a door may be open before its alarm.

    home: the station's language, 0..3; language: the present person's, put back by whoever loads
    the texts when it cannot; support: whom to call, 16 characters at most.
    """

    def __init__(self, idle_text: str, open_ms: int = _PATIENCE_MS) -> None:
        self.state = IDLE
        self.door = 0
        self.beeps: list[str] = []
        self.home = self.language = 0
        self.support = ""
        self.menu: Menu | None = None  # of staff, while one is open
        self._idle_text = idle_text
        self._idle_fault = faults.NONE
        self._under: Screen | None = None  # what help covers
        self._wait_until = 0
        self._digits = ""
        self._first_key = 0
        self._purpose = PICKUP
        self._deadline = 0
        self._warned = False
        self._open_ms = open_ms
        self._offers = 0  # what a key may ask for beside codes: a request, or 0
        self._denied = 0  # a courier says that nothing is in: the request, once that is sure
        self._was_open = False
        self._may_leave = False
        self._requests: list[tuple[int, int | str, int]] = []
        self.screen: Screen = (messages.IDLE, {"t": idle_text})

    @property
    def has_request(self) -> bool:
        """True while the person waits for the desk."""
        return bool(self._requests)

    def take_request(self) -> "tuple[int, int | str, int]":
        """The oldest thing the person asked for: (kind, value, ticks of the first key)."""
        return self._requests.pop(0)

    def key(self, key: str, now: int) -> None:
        """One key: '0'..'9', '*' clears or cancels, '#' goes on, '?' asks for help. Any key at any
        time is fine.
        """
        if self.state == CLOSED:
            return
        self.beeps.append("key")
        if self._warned and self.state in _WARNED:
            self._reshow(now)  # the key that answers "still there?" answers nothing else
            return
        if self.screen[0] == messages.HELP:
            self.screen = self._under  # type: ignore[assignment]
            if key == "?" or self.state not in (TYPING, NOTICE):
                return
        if key == "?":
            self._help(now)
        else:
            self._plain_key(key, now)

    def tick(self, now: int) -> int:
        """Let patience run out: warn first, then end as is safe. Returns the ms until there is
        something to do again, if nobody does anything.
        """
        if self.state == CLOSED or (self.state == IDLE and self.language == self.home):
            return _PATIENCE_MS
        left = ticks.diff(self._deadline, now)
        warns = not self._warned and self.state in _WARNED
        if self.screen[0] == messages.WAIT and left > 0:
            return min(left, self._count_down(now))
        if left <= 0:
            self._run_out(now)
        elif warns and left <= _WARN_MS:
            self._warned = True
            self.beeps.append("alarm")
            self.screen = (messages.STILL_THERE, {})
        elif warns:
            return left - _WARN_MS
        return max(0, left)

    def close(self) -> None:
        """The station starts: what makes keys wait for most of a second is still to come."""
        self.state = CLOSED
        self.screen = (messages.STARTING, {})

    def open(self) -> None:
        """The station is ready for people."""
        if self.state == CLOSED:
            self.state = IDLE
            self.screen = self._idle_screen()

    @property
    def is_quiet(self) -> bool:
        """Nobody types or is asked anything."""
        return self.state in _QUIET

    def set_idle_text(self, text: str, fault: int = faults.NONE) -> None:
        """The last line of the idle screen: the station's name, and the number of what is wrong
        with it.
        """
        self._idle_text = text
        self._idle_fault = fault
        if self.state == IDLE:
            self.screen = self._idle_screen()

    def show_refusal(self, fault: int, now: int, door: int = 0, wait_ms: int = 0) -> None:
        """An entry or a wish was refused. door: named only to somebody whose code was right."""
        self.beeps.append("refused")
        message = messages.REFUSED_DOOR if door else messages.REFUSED
        if fault == faults.NO_FREE_DOOR:
            self.ask_size(now)
            message = messages.FULL
        else:
            self._notice(now, max(wait_ms, _NOTICE_MS))
        if fault == faults.WAIT:
            self._wait_until = ticks.add(now, wait_ms)
            message = messages.WAIT
        self._show_fault(message, fault, door, wait_ms)

    def show_full(self, now: int) -> None:
        """A courier's code was right, and there is no free door of any size."""
        self.beeps.append("refused")
        self._notice(now)
        self._show_fault(messages.ALL_FULL, faults.NO_FREE_DOOR)

    def ask_size(self, now: int) -> None:
        """A courier's code was right."""
        self.state = SIZE
        self._arm(_PATIENCE_MS, now)
        self.screen = (messages.SIZE, {})

    def serve(self, menu: "Menu", now: int) -> None:
        """A staff code was right, or the menu has an answer to show."""
        self.beeps.append("accepted")
        self.state = SERVICE
        self.menu = menu
        self._arm(_PATIENCE_MS, now)
        self.screen = menu.screen

    def attend(self, door: int, storing: bool, now: int) -> None:
        """A release of this door was authorised: follow the door from here on."""
        self.beeps.append("accepted")
        self.state = DOOR
        self.door = door
        self._purpose = STORING if storing else PICKUP
        self._offers = 0
        self._was_open = False
        self._may_leave = False
        self._arm(_PATIENCE_MS, now)
        self.screen = (messages.OPENING, {"d": door})

    def attend_free(self, door: int, now: int) -> None:
        """A right code for a door that its own grant has left unlocked: it only wants a pull."""
        self.attend(door, False, now)
        self._may_leave = True
        self.screen = (messages.PULL, {"d": door})

    def ask_inside(self, door: int, now: int) -> None:
        """Somebody has begun to fill this door, and it cannot be opened again for them."""
        self.door = door
        self._ask_inside(now)

    def show_receipt(self, text: str, now: int, returned: bool = False) -> None:
        """A parcel is stored. returned: by somebody who gives it back."""
        self.state = RECEIPT
        self._arm(_PATIENCE_MS, now)
        self.screen = (messages.RETURNED if returned else messages.RECEIPT, {"t": text})

    def show_challenge(self, text: str, now: int) -> None:
        """Six digits that a time token is to be made for."""
        self.state = RECEIPT
        self._arm(_PATIENCE_MS, now)
        self.screen = (messages.CHALLENGE, {"t": text})

    def show_clock_set(self, text: str, within_s: int, now: int) -> None:
        """A time token was taken. text: the time of day."""
        self.beeps.append("accepted")
        self._notice(now)
        self.screen = (messages.CLOCK_SET, {"t": text, "s": within_s})

    def end(self, message: int, now: int, text: str = "") -> None:
        """A closing message, then idle. message: THANKS, NO_CHANGE, CODE_STAYS or REVOKED (with a
        text).
        """
        self._notice(now)
        self.screen = (message, {"d": self.door, "t": text})

    def door_changed(self, door: int, state: int, verdict: int, was_open: bool, now: int) -> None:
        """A door took a step. was_open: it was open under the present grant, so securing it ends
        the errand.
        """
        if self.state != DOOR or door != self.door:
            return
        is_open = state in _OPEN_STATES
        self._was_open = was_open or is_open or self._was_open
        self._offers = MORE_TIME if is_open else 0
        if not is_open:
            self._arm(_PATIENCE_MS, now)
        elif state == doors.OPEN:
            self._arm(self._open_ms, now)  # until the alarm; then the next person has the keypad
        self._may_leave = self._purpose == PICKUP and state not in _PULSING
        if state in (doors.INHIBITED, doors.FAIL_CLOSED):
            self.show_refusal(verdict, now, door)
        elif state == doors.SECURED:
            self._secured(verdict, now)
        elif state == doors.OPEN:
            self.beeps.append("door")
            self.screen = (
                messages.PUT if self._purpose == STORING else messages.TAKE,
                {"d": door},
            )
        elif verdict == faults.NOT_OPENED:
            self.screen = (messages.PULL, {"d": door})
        elif state in _DOOR_SCREENS:
            self.screen = (_DOOR_SCREENS[state], {"d": door})

    def _show_fault(self, message: int, fault: int, door: int = 0, wait_ms: int = 0) -> None:
        seconds = (wait_ms + 999) // 1000
        self.screen = (message, {"e": fault, "d": door, "s": seconds, "t": self.support})

    def _count_down(self, now: int) -> int:
        """Show the seconds that are left; returns the ms until that is one less."""
        left = max(0, ticks.diff(self._wait_until, now))
        if (left + 999) // 1000 != self.screen[1]["s"]:
            self._show_fault(messages.WAIT, faults.WAIT, 0, left)
        return left % 1000 or 1000

    def _secured(self, verdict: int, now: int) -> None:
        self.beeps.append("door")
        if not self._was_open:
            self._offers = AGAIN
            message = messages.STUCK if verdict == faults.JAMMED else messages.AGAIN
            self.screen = (message, {"d": self.door, "e": verdict})
        elif self._purpose == STORING:
            self._ask_inside(now)
        else:
            self._offers = REOPEN
            self._arm(_REOPEN_MS, now)
            self.screen = (messages.THANKS, {"d": self.door})

    def _plain_key(self, key: str, now: int) -> None:
        if self.state in (IDLE, TYPING, NOTICE):
            self._entry_key(key, now)
        elif self.state == SIZE:
            self._size_key(key, now)
        elif self.state == CONFIRM:
            self._confirm_key(key, now)
        elif self.state == RECEIPT:
            self._receipt_key(key, now)
        elif self.state == DOOR:
            self._door_key(key, now)
        elif self.state == SERVICE and self.menu is not None:
            self._menu_key(self.menu, key, now)

    def _entry_key(self, key: str, now: int) -> None:
        if key == "*" and self.state == IDLE:
            self.language = (self.language + 1) % _LANGUAGES
        if self.state != TYPING:
            if self.state != DOOR:
                self._offers = 0  # the one who had the offer has gone
            self.state = TYPING
            self._digits = ""
        self._arm(_PATIENCE_MS, now)
        if key == "*":
            self._digits = ""
        elif key == "#":
            self._submit(now)
            return
        elif len(self._digits) <= codes.PAIR_ENTRY:
            if not self._digits:
                self._first_key = now
            self._digits += key
        self.screen = (messages.TYPING, {"t": self._digits[-_WIDTH:]})
        if not self._digits:
            self._go_idle(now)

    def _submit(self, now: int) -> None:
        if not self._digits:
            self._go_idle(now)
        elif self._offers == REOPEN and self._is_door_number():
            self._ask(REOPEN, self.door, now)
        else:
            self._ask(ENTRY, self._digits, now, self._first_key)
        self._digits = ""

    def _is_door_number(self) -> bool:
        """What a stuck or a chance key must not do takes the two digits of the door."""
        return self._digits == "%02d" % self.door

    def _size_key(self, key: str, now: int) -> None:
        if key in ("1", "2", "3"):
            self._ask(DEPOSIT, int(key) - 1, now)
        elif key == "*":
            self.end(messages.NO_CHANGE, now)

    def _menu_key(self, menu: "Menu", key: str, now: int) -> None:
        self._arm(_PATIENCE_MS, now)
        wish = menu.key(key)
        if wish:
            self._ask(SERVE, wish, now)
        elif menu.ended:
            self._go_idle(now)
        else:
            self.screen = menu.screen

    def _door_key(self, key: str, now: int) -> None:
        """What is offered, give up, or an entry: the next person's code while a recipient's door
        stands open, or the number of the door to be opened once more. Keys that mean nothing here
        do not prolong the wait.
        """
        if self._offers == MORE_TIME and key == "#":
            self._requests.append((MORE_TIME, self.door, 0))
        elif self._offers == AGAIN and key == "#":
            self._ask(AGAIN, self.door, now)
        elif self._offers in (AGAIN, REOPEN) and key == "*":
            self._go_idle(now)
        elif (self._offers == AGAIN or self._may_leave) and key.isdigit():
            self._entry_key(key, now)

    def _receipt_key(self, key: str, now: int) -> None:
        self._go_idle(now)
        if key.isdigit():
            self._entry_key(key, now)

    def _ask_inside(self, now: int) -> None:
        self.state = CONFIRM
        self._denied = 0
        self._digits = ""
        self._arm(_PATIENCE_MS, now)
        self.screen = (messages.CONFIRM, {})

    def _ask_empty(self, request: int, now: int) -> None:
        """Whoever answers wrongly that nothing is in leaves a parcel to the next: ask twice."""
        self._denied = request
        self._digits = ""
        self._arm(_PATIENCE_MS, now)
        self.screen = (messages.EMPTY, {"d": self.door})

    def _confirm_key(self, key: str, now: int) -> None:
        """An answer is one digit and #, then the door's number and #. What is longer is the next
        person's code: the courier has gone, and the parcel counts as in.
        """
        if key == "#":
            self._answer(now)
        elif key == "*":
            self._ask_inside(now)
        elif len(self._digits) <= codes.PAIR_ENTRY:
            if not self._digits:
                self._first_key = now
            self._digits += key
            message = messages.EMPTY if self._denied else messages.CONFIRM
            self.screen = (message, {"d": self.door, "t": self._digits})

    def _answer(self, now: int) -> None:
        typed = self._digits
        if self._denied and self._is_door_number():
            self._ask(self._denied, self.door, now)
        elif len(typed) > 2:
            self._ask(STORED, self.door, now)
            self._requests.append((ENTRY, typed, self._first_key))
        elif self._denied or typed not in ("1", "2", "3"):
            self._ask_inside(now)
        elif typed == "1":
            self._ask(STORED, self.door, now)
        else:
            self._ask_empty(WRONG_SIZE if typed == "2" else CANCELLED, now)

    def _ask(self, kind: int, value: "int | str", now: int, first_key: int = 0) -> None:
        """Hand a wish to the desk; until it answers, no key asks for anything else."""
        self.state = CHECKING
        self._arm(_ANSWER_MS, now)
        self.screen = (messages.CHECKING, {})
        self._requests.append((kind, value, first_key))

    def _help(self, now: int) -> None:
        """What the number on the display means, and whom to call. In the middle of something the
        next key brings that back.
        """
        if self.state == CHECKING:
            return
        shown = self.screen[1].get("e", faults.NONE)
        if self.state == IDLE:
            shown = self._idle_fault
        self._under = self.screen
        if self.state in (IDLE, NOTICE):
            self._notice(now, _HELP_MS)
        self._show_fault(messages.HELP, int(shown))

    def _reshow(self, now: int) -> None:
        self._arm(_PATIENCE_MS, now)
        if self.state == SIZE:
            self.screen = (messages.SIZE, {})
        elif self.state == SERVICE and self.menu is not None:
            self.screen = self.menu.screen
        elif self.state == CONFIRM:
            self._ask_inside(now)
        elif self.state == TYPING:
            self.screen = (messages.TYPING, {"t": self._digits[-_WIDTH:]})
        else:
            self._go_idle(now)

    def _run_out(self, now: int) -> None:
        if self.state == CHECKING:
            self._requests.clear()
            self.show_refusal(faults.TASK_FAILED, now)
        elif self.state == CONFIRM:
            self._ask(STORED, self.door, now)  # nobody answered: a parcel may be inside
        elif self.state == IDLE:
            self.language = self.home
            self._go_idle(now)
        else:
            self._go_idle(now)  # a door left open keeps its own alarms; the next may be served

    def _notice(self, now: int, limit_ms: int = _NOTICE_MS) -> None:
        self.state = NOTICE
        self.menu = None
        self._arm(limit_ms, now)

    def _arm(self, limit_ms: int, now: int) -> None:
        self._deadline = ticks.add(now, limit_ms)
        self._warned = False

    def _go_idle(self, now: int) -> None:
        self.state = IDLE
        self.menu = None
        self._digits = ""
        self._arm(_RETURN_MS, now)
        self.screen = self._idle_screen()

    def _idle_screen(self) -> "Screen":
        return (messages.IDLE, {"t": self._idle_text})
