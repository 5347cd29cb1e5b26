"""Keypad in, display, lamps and beeper out."""

from locker.core import doors, faults, messages, session, ticks
from locker.core.messages import lines, page
from locker.storage import texts
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.core.session import Session
    from locker.drivers.display import Display
    from locker.drivers.keypad import Keypad
    from locker.drivers.signals import Signals

_PERIOD_MS = const(10)
_STALE_MS = const(20)
_PAGE_MS = const(2_500)
_NETWORK_FAULTS = (faults.NETWORK_DOWN, faults.BROKER_DOWN)
_ALARMS = (doors.OPEN_ALARM, doors.LOOSE_ALARM, doors.FAIL_CLOSED)
_BUSY = (session.CHECKING, session.DOOR)


class PanelTask:
    """rows: of the display, so that longer messages are paged; folder: with the languages;
    is_shown: the display has nothing more to do, or fails.

    Where a timer scans the keypad the panel leaves that to it, until no scan has come for 20 ms.

    The keys are asked for at every step. The rest costs more than they do, and is done only when
    there is news or a part has asked for it.
    """

    def __init__(  # noqa: PLR0913 - its parts
        self,
        station: "Station",
        keypad: "Keypad",
        display: "Display",
        signals: "Signals",
        rows: int,
        folder: str,
    ) -> None:
        self._station = station
        self._keypad = keypad
        self._display = display
        self._signals = signals
        self._rows = rows
        self._scanned_at = 0  # our latest scan; the keypad begins with the same
        self._language = -1
        self._folder = folder
        self._text = b""
        self._screen: session.Screen | None = None
        self._paged = False
        self._turn = 0
        self._turn_at = 0
        self._due_at = 0
        self.is_shown = False

    def step(self, now: int) -> int:
        """One key; and when it is time, a look at patience, lamps and one piece of the display."""
        keypad = self._keypad
        at = keypad.scanned_at
        if at == self._scanned_at or ticks.diff(now, at) > _STALE_MS:
            keypad.scan(now)
            self._scanned_at = now
        key = keypad.take()
        if key:
            self._station.session.key(key, now)
        if self.idle_ms(now) <= 0:
            self._due_at = now  # stands when this raises
            self._due_at = ticks.add(now, self._refresh(now))
        return _PERIOD_MS

    def idle_ms(self, now: int) -> int:
        """How long step() has nothing to do but to read the keys; 0 or less: it is time."""
        talk = self._station.session
        if self._station.news or talk.beeps or talk.screen is not self._screen:
            return 0
        return ticks.diff(self._due_at, now)

    def recover(self, now: int) -> None:
        """Draw everything anew. Who waits for it goes on: it may fail again."""
        self._screen = None
        self.is_shown = True

    def _refresh(self, now: int) -> int:
        """Everything but the keys; returns the ms until some part has something to do again."""
        station = self._station
        station.news = False
        left = station.session.tick(now)
        self._show(now)
        self._signal(now)
        self.is_shown = not self._display.step(now)
        station.note_health(faults.DISPLAY_SILENT, not self._display.ok, now)
        station.note_health(faults.KEY_STUCK, bool(self._keypad.stuck), now)
        left = min(left, self._display.idle_ms(now), self._signals.idle_ms(now))
        return min(left, ticks.diff(self._turn_at, now)) if self._paged else left

    def _show(self, now: int) -> None:
        talk = self._station.session
        screen = talk.screen
        if screen is not self._screen:
            if talk.language != self._language:
                self._speak(talk)
            # A text that only counts down goes on where it is being read.
            was = self._screen
            if was is None or screen[0] != was[0] or screen[1].get("e") != was[1].get("e"):
                self._turn, self._turn_at = 0, ticks.add(now, _PAGE_MS)
                self._text = b""
            self._screen = screen
        elif self._paged and ticks.due(now, self._turn_at):
            self._turn += 1
            self._turn_at = ticks.add(now, _PAGE_MS)
        else:
            return
        message, values = screen
        if not self._text:
            fault = int(values.get("e", 0))
            self._text = texts.text(self._folder, self._language, message, fault)
        text = lines(self._text, **values)  # type: ignore[arg-type]
        self._paged = len(text) > self._rows
        self._display.show(page(text, self._rows, self._turn))

    def _speak(self, talk: "Session") -> None:
        """Go over to another language; the present one stays if that fails."""
        try:
            self._display.draw(texts.shapes(self._folder, talk.language))
            self._language = talk.language
        except OSError as error:
            print("language not loaded:", error)
            talk.language = self._language = max(self._language, 0)
        self._text = b""

    def _signal(self, now: int) -> None:
        beeps = self._station.session.beeps
        while beeps:
            self._signals.beep(beeps.pop(0))
        self._signals.set(self._pattern())
        self._signals.step(now)

    def _pattern(self) -> str:
        station = self._station
        talk = station.session
        if talk.screen[0] in (
            messages.REFUSED,
            messages.REFUSED_DOOR,
            messages.WAIT,
            messages.STUCK,
        ):
            return "refused"
        if talk.state in _BUSY:
            return "busy"
        if any(door.state in _ALARMS for door in station.bank.doors):
            return "alarm"
        worst = station.health.worst
        if not worst:
            return "ready"
        return "offline" if worst in _NETWORK_FAULTS else "service"
