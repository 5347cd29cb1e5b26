"""The interactive cabinet.

A person at the keyboard or mouse plays courier, recipient, vandal and technician.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Footer, Static

from . import view
from .canvas import hit
from .compartment import AJAR
from .fault_menu import Choice, FaultMenu
from .keypad import HELP, KEYS
from .picture import without_web_fonts
from .plan import Plan, plan
from .server import BenchServer
from .snapshot import Snapshot, take

_FRAMES_S = 1 / 15
_WIDE = 0.9
_LETTERS = "abcdefghijklmnoprstuvwxyz"  # one a door; q quits
_MESSAGE_S = 5.0
_PANES = ("head", "cabinet", "display", "lamps", "keypad", "log")
_Part = tuple[str, object, Callable[[], RenderableType]]
_SYMBOLS = {"asterisk": "*", "number_sign": "#", "question_mark": HELP}


def _door_bindings() -> list[BindingType]:
    """Small letter: use the door. Capital: push it. The footer shows one for all."""
    bindings: list[BindingType] = []
    for letter in _LETTERS:
        shown, action = letter == "a", f"door('{letter}'"
        bindings.append(
            Binding(letter, f"{action}, False)", "pull/push", show=shown, key_display="a..z")
        )
        bindings.append(Binding(letter.upper(), f"{action}, True)", show=False))
    return bindings


@dataclass(frozen=True, slots=True)
class Guide:
    """Texts for the person at the screen, and what the menu may do beyond the bench."""

    title: str = "Latchwork virtual station"
    hint: str = ""
    pictures: Path = Path()
    power_cut: Callable[[], None] | None = None


class CabinetApp(App[None]):
    """Give it a started server; run() returns when the person quits."""

    TITLE = "Latchwork"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: #1b2026; color: #d7e0ea; }
    FaultMenu { background: #000000 60%; }
    #head { height: 1; }
    #main { height: auto; }
    #cabinet-box { width: 1fr; height: auto; align: center middle; }
    #cabinet { width: auto; height: auto; }
    #side { width: 30; height: auto; }
    #side Static { width: auto; height: auto; }
    #keypad { margin-top: 1; }
    #log { height: 1fr; min-height: 3; border: round #56606b; padding: 0 1; }
    #log { border-title-color: #8a939c; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *_door_bindings(),
        Binding("space", "parcel", "parcel in/out"),
        Binding("f2", "faults", "faults"),
        Binding("f3", "picture", "picture"),
        Binding("q", "quit", "quit"),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(self, server: BenchServer, guide: Guide | None = None) -> None:
        super().__init__()
        self._server = server
        self._guide = guide or Guide()
        self._snapshot = self._look()
        self._letters = {
            door.number: letter
            for door, letter in zip(self._snapshot.doors, _LETTERS, strict=False)
        }
        self._plan = Plan((), 0, 0)
        self.chosen = self._snapshot.doors[0].number
        self.message = ""
        self._said_at = 0.0
        self._drawn: dict[str, object] = {}
        # Held, not looked up: the timer may strike once more while the screen is being taken down.
        self._panes = {name: Static(id=name) for name in _PANES}
        self._box = VerticalScroll(id="cabinet-box")

    def compose(self) -> ComposeResult:
        panes = self._panes
        yield panes["head"]
        with Horizontal(id="main"):
            with self._box:
                yield panes["cabinet"]
            with Vertical(id="side"):
                yield panes["display"]
                yield panes["lamps"]
                yield panes["keypad"]
        yield panes["log"]
        yield Footer()

    def on_mount(self) -> None:
        self._panes["log"].border_title = "log"
        self.set_interval(_FRAMES_S, self.redraw)
        self.redraw()

    # -- the picture --------------------------------------------------------------------------

    def redraw(self) -> None:
        """Show the bench as it is now; what has not changed is left alone."""
        shown = self._snapshot = self._look()
        side = view.side_height(shown)
        if self._changed("size", (self.size, side)):
            self._plan = plan(shown.doors, max(self.size.width - 32, 11), side)
            self._box.styles.height = side
        for what, state, picture in self._parts(shown):
            if self._changed(what, state):
                self._panes[what].update(picture())

    def _parts(self, shown: Snapshot) -> Iterator[_Part]:
        """Each part of the screen: its name, all that its look depends on, how to draw it."""
        doors = tuple(replace(door, celsius=0.0) for door in shown.doors)
        glass = (shown.lines, shown.backlight, shown.cursor)
        lines = max(self._panes["log"].content_size.height, 1)
        head = self._head()
        yield "cabinet", (doors, self.chosen, self.size), lambda: self._draw_doors(shown)
        yield "display", glass, lambda: view.display(shown)
        yield "lamps", (shown.red, shown.green, shown.beep), lambda: view.lamps(shown)
        yield "keypad", shown.keys_down, lambda: view.keypad(shown.keys_down)
        yield "log", (shown.diary, lines), lambda: view.diary(shown, lines)
        yield "head", head, lambda: head

    def _draw_doors(self, shown: Snapshot) -> Text:
        return view.cabinet(shown, self._plan, self._letters, self.chosen)

    def _changed(self, what: str, now: object) -> bool:
        if self._drawn.get(what) == now:
            return False
        self._drawn[what] = now
        return True

    def _look(self) -> Snapshot:
        with self._server.bench() as bench:
            return take(bench)

    def _head(self) -> Text:
        fresh = self.message and time.monotonic() - self._said_at < _MESSAGE_S
        text = self.message if fresh else self._guide.hint
        return Text.assemble((f" {self._guide.title} ", "bold #101419 on #8fa3b8"), "  ", text)

    # -- hands --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        key = _SYMBOLS.get(event.key, event.character or "")
        if key in KEYS and key:
            self.tap(key)
            event.stop()

    def on_click(self, event: events.Click) -> None:
        if event.widget is None:
            return
        if event.widget.id == "keypad":
            key = hit(view.key_rects(), event.x, event.y)
            if key:
                self.tap(key)
        elif event.widget.id == "cabinet":
            door = hit(self._plan.doors, event.x, event.y)
            if door:
                self.use_door(int(door), push=event.shift)

    def say(self, message: str) -> None:
        """Show a line at the top for a few seconds."""
        self.message, self._said_at = message, time.monotonic()

    def tap(self, key: str) -> None:
        """A finger on the station's keypad."""
        with self._server.bench() as bench:
            bench.keypad.tap(bench.now_ms, key)

    def use_door(self, number: int, push: bool = False) -> None:
        """Pull a door, or push it when it is wide open (or when asked to)."""
        self.chosen = number
        with self._server.bench() as bench:
            push = push or bench.door(number).position(bench.now_ms) > _WIDE
            if push:
                bench.push(number)
                self.say(f"You push door {number}.")
            elif bench.pull(number):
                self.say(f"You pull door {number}.")
            else:
                self.say(f"Door {number} does not give.")

    def action_door(self, letter: str, push: bool) -> None:
        """Use the door with this letter, if there is one."""
        door = next((n for n, mine in self._letters.items() if mine == letter), 0)
        if door:
            self.use_door(door, push)

    def action_parcel(self) -> None:
        """Put a parcel into the chosen door, or take it out."""
        with self._server.bench() as bench:
            door = bench.door(self.chosen)
            if door.position(bench.now_ms) < AJAR / 2:
                self.say(f"Door {self.chosen} is shut: nothing can be put in or taken out.")
                return
            what = "take the parcel out of" if door.parcel else "put a parcel into"
            door.parcel = "" if door.parcel else "parcel"
            self.say(f"You {what} door {self.chosen}.")
            bench.note("you", f"{what} door {self.chosen}")

    def action_faults(self) -> None:
        """Open the menu of what can go wrong with the chosen door."""
        with self._server.bench() as bench:
            present = frozenset(bench.door(self.chosen).faults)
        menu = FaultMenu(self.chosen, present, self._guide.power_cut is not None)
        self.push_screen(menu, self._spoil)

    def _spoil(self, choice: Choice | None) -> None:
        if choice is None:
            return
        if choice.what == "power_cut" and self._guide.power_cut is not None:
            self.run_worker(self._guide.power_cut, thread=True)
            return
        with self._server.bench() as bench:
            if choice.what == "force":
                bench.force(self.chosen)
            elif choice.what == "repair":
                for fault in sorted(bench.door(self.chosen).faults):
                    bench.fault(self.chosen, fault, False)
            else:
                bench.fault(self.chosen, choice.what, choice.present)
        self.say(f"Door {self.chosen}: {choice.says}")

    def action_picture(self) -> None:
        """Save the screen as an SVG picture."""
        file = self._guide.pictures / f"latchwork-{time.strftime('%Y%m%d-%H%M%S')}.svg"
        file.write_text(without_web_fonts(self.export_screenshot()))
        self.say(f"Saved {file}")
