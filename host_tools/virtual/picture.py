"""The bench on a terminal while a story plays, and as a picture for a page."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from .server import BenchServer
from .snapshot import Snapshot, take
from .view import screen

_FRAMES_A_SECOND = 12
_WEB_FONT = re.compile(r"@font-face\s*{[^}]*}\s*")
_ASPECT = 0.602  # of the common monospaced fonts


def watch(server: BenchServer, console: Console, title: str, hint: str = "") -> Live:
    """A context manager that keeps the bench on the screen; the last picture stays below."""

    def picture() -> RenderableType:
        with server.bench() as bench:
            shown = take(bench)
        size = console.size
        return screen(shown, min(size.width, 120), min(size.height - 1, 34), title, hint)

    return Live(
        console=console,
        refresh_per_second=_FRAMES_A_SECOND,
        get_renderable=picture,
    )


def save_svg(snapshot: Snapshot, path: Path, title: str, hint: str = "") -> None:
    """Write the bench as it was at the snapshot, 100 x 30 characters, as an SVG picture."""
    width, height = 100, 30
    console = Console(
        record=True, width=width, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(screen(snapshot, width, height, title, hint))
    svg = console.export_svg(title=title, font_aspect_ratio=_ASPECT)
    path.write_text(without_web_fonts(svg))


def without_web_fonts(svg: str) -> str:
    """The picture without fonts from the network: it shows in the viewer's own monospaced one."""
    return _WEB_FONT.sub("", svg)
