"""The bench as Rich renderables: cabinet, display, keypad, lamps, diary.

Words and shapes first, colour on top.
"""

from __future__ import annotations

from rich.align import Align
from rich.box import HEAVY, ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from .canvas import Canvas, Rect
from .keypad import HELP, ROWS
from .plan import Plan, plan
from .snapshot import DoorView, Snapshot

KEYPAD_WIDTH, KEYPAD_HEIGHT = 27, 8
_KEY_WIDTH = 5
_FRAMES = {"shut": tuple("╭─╮│╰╯"), "ajar": tuple("┌╌┐╎└┘"), "OPEN": tuple("┏━┓┃┗┛")}
_FRAME_STYLES = {"shut": "#8fa3b8", "ajar": "#ffd166", "OPEN": "bold #ffd166"}
_LEAF = "#5d7289 on #34465a"
_INSIDE = "#3a3f47 on #101419"
_PARCEL = "#2b1d0e on #c9975b"
_COIL = "bold #101419 on #ffd166"
_FAULT = "bold #ffffff on #b3261e"
_LIT = "bold #10240a on #a6d64a"
_UNLIT = "#31421f on #1a2412"


def cabinet(snapshot: Snapshot, layout: Plan, letters: dict[int, str], chosen: int = 0) -> Text:
    """All doors. ``letters``: the key of each door, shown with its number; ``chosen``.

    The door to mark.
    """
    canvas = Canvas(layout.width, layout.height)
    for door, rect in zip(snapshot.doors, layout.doors, strict=True):
        _draw_door(canvas, rect, door, letters.get(door.number, ""), door.number == chosen)
    return canvas.text()


def display(snapshot: Snapshot) -> Panel:
    """The character display in its bezel, green while its backlight is on."""
    style = _LIT if snapshot.backlight else _UNLIT
    glass = Text("\n".join(f" {line} " for line in snapshot.lines), style, no_wrap=True, end="")
    if snapshot.cursor is not None:
        row, column = snapshot.cursor
        at = row * (len(snapshot.lines[0]) + 3) + column + 1
        glass.stylize("reverse", at, at + 1)
    return Panel(glass, box=HEAVY, border_style="#56606b", padding=0, expand=False)


def keypad(keys_down: str) -> Text:
    """Twelve keys and the help button; a key under a finger is marked."""
    canvas = Canvas(KEYPAD_WIDTH, KEYPAD_HEIGHT)
    for rect in key_rects():
        _draw_key(canvas, rect, rect.what in keys_down)
    return canvas.text()


def key_rects() -> tuple[Rect, ...]:
    """Where keypad() draws each key."""
    pitch = _KEY_WIDTH + 1
    rects = [
        Rect(key, column * pitch, row * 2, _KEY_WIDTH, 2)
        for row, keys in enumerate(ROWS)
        for column, key in enumerate(keys)
    ]
    return (*rects, Rect(HELP, 3 * pitch + 1, 6, 8, 2))


def lamps(snapshot: Snapshot) -> Text:
    """Lamps and beeper in one line."""
    text = Text(no_wrap=True)
    for name, on, colour in (
        ("red", snapshot.red, "#ff6b5e"),
        ("green", snapshot.green, "#7ddf64"),
        ("beep", snapshot.beep, "#6ec6ff"),
    ):
        sign = "♪" if name == "beep" else "●"
        text.append(f" {sign if on else '○'} ", f"bold {colour}" if on else "#6b7580")
        text.append(f"{name.upper() if on else name} ", "bold" if on else "#8a939c")
    return text


def diary(snapshot: Snapshot, lines: int) -> Table:
    """The last lines of what people, doors and the board did."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", style="#8a939c", width=7, no_wrap=True)
    table.add_column(width=9, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for line in snapshot.diary[-lines:]:
        style = _speaker(line.who)
        table.add_row(f"{line.at_ms / 1000:.2f}", Text(line.who, style), Text(line.text, style))
    return table


def screen(
    snapshot: Snapshot, width: int, height: int, title: str, hint: str = ""
) -> RenderableType:
    """The whole bench for a terminal of width x height, for a story that plays by itself."""
    right = KEYPAD_WIDTH + 3
    doors = plan(snapshot.doors, width - right - 1, side_height(snapshot))
    main = max(side_height(snapshot), doors.height)
    log_lines = max(height - main - 4, 3)
    side = Group(display(snapshot), lamps(snapshot), Text(), keypad(snapshot.keys_down))
    body = Table.grid(padding=(0, 1), expand=True)
    body.add_column(ratio=1)
    body.add_column(width=right)
    body.add_row(Align.center(cabinet(snapshot, doors, {}), vertical="middle", height=main), side)
    head = Text.assemble((f" {title} ", "bold #101419 on #8fa3b8"), "  ", (hint, "italic #c7d0d9"))
    log = Panel(
        diary(snapshot, log_lines),
        box=ROUNDED,
        border_style="#56606b",
        height=log_lines + 2,
        padding=(0, 1),
    )
    return Group(head, body, log)


def side_height(snapshot: Snapshot) -> int:
    """Lines of display, lamps and keypad one below the other."""
    return KEYPAD_HEIGHT + len(snapshot.lines) + 4


def _draw_door(canvas: Canvas, rect: Rect, door: DoorView, letter: str, chosen: bool) -> None:
    _draw_leaf(canvas, rect, door)
    _draw_frame(canvas, rect, door)
    style = _FRAME_STYLES[door.state]
    name = f"{letter} {door.number}{door.size}" if letter else f"{door.number} {door.size}"
    canvas.put(
        rect.x + 1,
        rect.y,
        f"▶{name}◀" if chosen else f" {name} ",
        "reverse bold" if chosen else "bold",
    )
    canvas.put(rect.x + rect.width - 7, rect.y, f" {door.state} ", style)
    _draw_foot(canvas, rect, door)


def _draw_frame(canvas: Canvas, rect: Rect, door: DoorView) -> None:
    top_left, flat, top_right, side, low_left, low_right = _FRAMES[door.state]
    style = _FRAME_STYLES[door.state]
    inner, bottom, right = rect.width - 2, rect.y + rect.height - 1, rect.x + rect.width - 1
    canvas.put(rect.x, rect.y, top_left + flat * inner + top_right, style)
    canvas.put(rect.x, bottom, low_left + flat * inner + low_right, style)
    for y in range(rect.y + 1, bottom):
        canvas.put(rect.x, y, side, style)
        canvas.put(right, y, side, style)


def _draw_leaf(canvas: Canvas, rect: Rect, door: DoorView) -> None:
    """The leaf hangs on the left and covers less of the compartment the wider it is open."""
    inside = Rect("", rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2)
    canvas.fill(inside, "·", _INSIDE)
    leaf = max(round(inside.width * (1 - door.position)), 1)
    if door.position > 0 and leaf == inside.width:
        leaf -= 1
    if door.parcel:
        canvas.put(inside.x + inside.width - 8, inside.y + inside.height - 1, "▕parcel▏", _PARCEL)
    canvas.fill(Rect("", inside.x, inside.y, leaf, inside.height), "░", _LEAF)
    canvas.put(inside.x + leaf - 1, inside.y + inside.height // 2, "▐", "#d7e0ea on #34465a")


def _draw_foot(canvas: Canvas, rect: Rect, door: DoorView) -> None:
    """Coil, bolt, parcel and faults in words on the lower edge."""
    x, y = rect.x + 1, rect.y + rect.height - 1
    if door.coil_on:
        canvas.put(x, y, " ↯ COIL ON "[: rect.width - 2], _COIL)
        return
    if door.faults:
        canvas.put(x, y, f" ! {_abridged(door.faults)} "[: rect.width - 2], _FAULT)
        return
    canvas.put(x, y, " bolted " if door.bolt else " free ", _FRAME_STYLES[door.state])
    if door.parcel and door.state == "shut":
        canvas.put(rect.x + rect.width - 4, y, " ▣ ", "bold #c9975b")


def _abridged(faults: tuple[str, ...]) -> str:
    return ", ".join(fault.replace("_stuck_", "=").replace("_", " ") for fault in faults)


def _draw_key(canvas: Canvas, rect: Rect, down: bool) -> None:
    name = " help ?" if rect.what == HELP else f"  {rect.what}"
    if down:
        face = f"[{name[1:].strip().center(rect.width - 2)}]"
        canvas.put(rect.x, rect.y, face, "bold #101419 on #ffd166")
        return
    canvas.put(rect.x, rect.y, name.ljust(rect.width), "bold #f2f5f8 on #3d4a58")
    canvas.put(rect.x, rect.y + 1, "▀" * rect.width, "#232c36")


def _speaker(who: str) -> str:
    if who.startswith("door"):
        return "#8fc7ff"
    return "#ffb86b" if who in ("bench", "board") else "bold #e8edf2"
