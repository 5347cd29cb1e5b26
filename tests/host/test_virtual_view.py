"""The terminal views: their words, where they fit, and the interactive cabinet under a pilot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from textual.pilot import Pilot

from virtual.app import CabinetApp, Guide
from virtual.bench import Bench
from virtual.compartment import CompartmentSpec
from virtual.layout import Layout
from virtual.picture import save_svg, watch
from virtual.plan import plan
from virtual.server import BenchServer
from virtual.snapshot import take
from virtual.view import key_rects, screen

Play = Callable[[Pilot[None], CabinetApp], Awaitable[None]]


def drawn(bench: Bench, width: int = 80, height: int = 24) -> str:
    """The screen without any colour."""
    console = Console(width=width, height=height, file=StringIO(), no_color=True, record=True)
    console.print(screen(take(bench), width, height, "station", "type 4821"))
    return console.export_text()


def test_states_are_words_not_only_colours() -> None:
    bench = Bench(seed=1)
    bench.pulses.fire(0.0, 0b001, 60)
    bench.advance(500.0)
    bench.pull(1)
    bench.pulses.fire(500.0, 0b010, 60)
    bench.advance(1500.0)
    bench.fault(3, "latch_stuck_on")
    bench.door(1).parcel = "book"
    bench.pulses.fire(1500.0, 0b1000, 60)
    bench.signals.set(1500.0, True, False, False)
    bench.keypad.press(1500.0, "5")
    picture = drawn(bench)
    for word in ("OPEN", "ajar", "shut", "bolted", "free", "COIL ON", "! latch=on", "parcel"):
        assert word in picture, word
    for word in ("[ 5 ]", "● RED", "○ green", "help ?", "type 4821", "door wide open"):
        assert word in picture, word


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (120, 40)])
@pytest.mark.parametrize("doors", [1, 2, 4, 8, 12])
def test_screen_fits(width: int, height: int, doors: int) -> None:
    specs = tuple(CompartmentSpec(i, "SSML"[i % 4]) for i in range(1, doors + 1))
    lines = drawn(Bench(Layout(specs)), width, height).splitlines()
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)


def test_plan_shows_every_door_once_and_none_over_another() -> None:
    for count in range(1, 25):
        specs = tuple(CompartmentSpec(i, "SSML"[i % 4]) for i in range(1, count + 1))
        layout = plan(take(Bench(Layout(specs))).doors, 49, 16)
        cells = [
            (x, y)
            for rect in layout.doors
            for x in range(rect.x, rect.x + rect.width)
            for y in range(rect.y, rect.y + rect.height)
        ]
        assert len(layout.doors) == count
        assert len(cells) == len(set(cells))
        assert all(rect.height >= 3 for rect in layout.doors)
        assert layout.width <= 49


def test_picture_as_svg(tmp_path: Path) -> None:
    save_svg(take(Bench()), tmp_path / "cabinet.svg", "Latchwork")
    svg = (tmp_path / "cabinet.svg").read_text()
    assert svg.startswith("<svg")
    assert "https://cdn" not in svg


def test_watch_draws_while_a_story_plays() -> None:
    console = Console(file=StringIO(), force_terminal=True, width=100, height=30, record=True)
    with BenchServer(Bench()) as server, watch(server, console, "station", "hello"):
        server.play(server.person("Ann").types("12"))
    assert "types 12" in console.export_text()


def pilot(play: Play, tmp_path: Path, size: tuple[int, int] = (80, 24)) -> Bench:
    """Run the app headless against a served bench; returns the bench afterwards."""
    bench = Bench(seed=1)

    async def run(server: BenchServer) -> None:
        app = CabinetApp(server, Guide("station", "type 4821", tmp_path, lambda: None))
        async with app.run_test(size=size) as hands:
            await hands.pause(0.1)
            await play(hands, app)

    with BenchServer(bench) as server:
        asyncio.run(run(server))
    return bench


def said(bench: Bench) -> str:
    return "\n".join(f"{line.who}: {line.text}" for line in bench.diary)


def test_keys_and_mouse_press_the_keypad(tmp_path: Path) -> None:
    async def play(hands: Pilot[None], app: CabinetApp) -> None:
        await hands.press("1", "asterisk", "number_sign", "question_mark", "0")
        for key in "8?":
            rect = next(rect for rect in key_rects() if rect.what == key)
            await hands.click("#keypad", offset=(rect.x + 1, rect.y))

    bench = pilot(play, tmp_path)
    assert "".join(key for _, key in bench.keypad.presses) == "1*#?08?"


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
def test_doors_and_parcels_by_keyboard_and_mouse(tmp_path: Path, size: tuple[int, int]) -> None:
    async def play(hands: Pilot[None], app: CabinetApp) -> None:
        await hands.press("b")
        assert app.message == "Door 2 does not give."
        await hands.press("space")
        assert "is shut" in app.message
        with app._server.bench() as bench:
            bench.pulses.fire(bench.now_ms, 0b10, 60)
        await hands.pause(0.3)
        await hands.press("b")
        assert app.message == "You pull door 2."
        await hands.pause(0.7)
        await hands.press("space")
        await hands.press("b")
        assert app.message == "You push door 2."
        await hands.pause(0.7)
        await hands.press("B")
        rect = app._plan.doors[4]
        await hands.click("#cabinet", offset=(rect.x + 2, rect.y + 1))
        assert app.chosen == 5

    bench = pilot(play, tmp_path, size)
    assert bench.door(2).parcel == "parcel"
    assert bench.door(2).bolt
    assert "you: put a parcel into door 2" in said(bench)


def test_faults_from_the_menu(tmp_path: Path) -> None:
    async def play(hands: Pilot[None], app: CabinetApp) -> None:
        await hands.press("c", "f2")
        await hands.pause(0.2)
        await hands.press("enter")
        await hands.pause(0.1)
        assert app.message == "Door 3: bolt jammed"
        await hands.press("f2", "escape")
        with app._server.bench() as bench:
            assert bench.door(3).faults == {"jam"}
        await hands.press("f2", "end", "up", "enter")
        await hands.pause(0.1)
        with app._server.bench() as bench:
            assert bench.door(3).faults == set()
        await hands.press("f2", "end", "up", "up", "enter")
        await hands.pause(0.1)

    assert "bench: door 3 forced" in said(pilot(play, tmp_path))


def test_picture_and_quit(tmp_path: Path) -> None:
    async def play(hands: Pilot[None], app: CabinetApp) -> None:
        await hands.press("f3")
        await hands.press("q")
        await hands.pause(0.1)
        assert not app.is_running

    pilot(play, tmp_path)
    (picture,) = tmp_path.glob("*.svg")
    assert "4821" in picture.read_text()
    assert "@font-face" not in picture.read_text()
