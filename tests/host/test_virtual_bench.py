"""Bench, layout, people, wire protocol and mutants."""

from __future__ import annotations

from pathlib import Path

import pytest

from virtual import mutants
from virtual.bench import Bench
from virtual.layout import from_board, standard
from virtual.mutants import Mutant, MutantError
from virtual.people import Person, Stage, Story, StoryFailed, play
from virtual.protocol import BadRequest, Protocol, Supervision

BOARDS = Path(__file__).resolve().parents[2] / "boards"


def test_layout_of_every_board_fits_the_bench() -> None:
    for board in BOARDS.glob("*/board.json"):
        layout = from_board(board.parent)
        assert layout.name == board.parent.name
        assert Bench(layout).cabinet.reeds(0.0) == (1 << len(layout.doors)) - 1


def test_layout_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "board.json").write_text('{"doors": []}')
    with pytest.raises(ValueError, match="display"):
        from_board(tmp_path)


def typed(seed: int, pace: float = 1.0) -> list[tuple[float, int]]:
    """The (time, columns of row 0) changes of somebody who types 1 2 3."""
    bench = Bench(seed=seed)
    stage = Stage(bench)
    part = stage.add(Person(bench, "Ann", seed, pace).types("1-2 3"))
    seen = [(0.0, 0)]
    while not part.done:
        stage.step()
        bench.advance(bench.now_ms + 5.0)
        columns = bench.keypad.columns(bench.now_ms, 0)
        if columns != seen[-1][1]:
            seen.append((bench.now_ms, columns))
    return seen


def test_person_types_like_a_person() -> None:
    presses = [at for at, columns in typed(5) if columns]
    assert [columns for _, columns in typed(5) if columns][0] == 1
    assert len(presses) >= 3
    assert typed(5) == typed(5) != typed(6)
    assert typed(5, pace=3.0)[-1][0] > typed(5)[-1][0]


def deposit(person: Person) -> Story[int]:
    person.bench.pulses.fire(person.bench.now_ms, 0b100, 60)
    door = yield from person.finds_open_door()
    yield from person.pulls(door)
    person.puts(door, "a book")
    yield from person.pushes(door)
    return door


def pickup(person: Person, door: int) -> Story[str]:
    person.bench.pulses.fire(person.bench.now_ms, 1 << (door - 1), 60)
    yield from person.thinks()
    yield from person.pulls(door)
    parcel = person.takes(door)
    yield from person.pushes(door)
    return parcel


def test_story_in_virtual_time() -> None:
    bench = Bench(seed=1)
    door = play(bench, deposit(Person(bench, "courier")))
    assert door == 3
    assert play(bench, pickup(Person(bench, "Ann"), door)) == "a book"
    assert [door for _, door in bench.cabinet.openings()] == [3, 3]
    assert bench.door(3).bolt
    assert any("puts a book" in line.text for line in bench.diary)


def test_story_fails_with_what_the_person_saw() -> None:
    bench = Bench()
    ann = Person(bench, "Ann")
    with pytest.raises(StoryFailed, match="Ann could not pull door 2"):
        play(bench, ann.pulls(2))
    with pytest.raises(StoryFailed, match="waited 0.5 s for 'hello'"):
        play(bench, ann.reads("hello", timeout_ms=500.0))
    with pytest.raises(StoryFailed, match="no door open"):
        play(bench, ann.finds_open_door(300.0))
    with pytest.raises(StoryFailed, match="it is shut"):
        ann.puts(1)
    with pytest.raises(ValueError, match="no door 77"):
        play(bench, ann.pulls(77))


def test_parcels_do_not_mix() -> None:
    bench = Bench()
    ann = Person(bench, "Ann")
    bench.force(1)
    bench.advance(1000.0)
    with pytest.raises(StoryFailed, match="nothing lies"):
        ann.takes(1)
    ann.puts(1, "box")
    with pytest.raises(StoryFailed, match="'box' already"):
        ann.puts(1)


def test_two_people_at_once() -> None:
    bench = Bench()
    stage = Stage(bench)
    bench.force(1)
    bench.force(2)
    bench.advance(500.0)
    parts = [
        stage.add(Person(bench, name).pushes(door)) for name, door in (("Ann", 1), ("Bob", 2))
    ]
    while not all(part.done for part in parts):
        stage.step()
        bench.advance(bench.now_ms + 10.0)
    assert bench.door(1).bolt and bench.door(2).bolt
    late = stage.add(Person(bench, "Eve").thinks())
    stage.end_all()
    with pytest.raises(StoryFailed, match="closed"):
        late.result()


def test_lost_power_darkens_everything_but_the_clock() -> None:
    bench = Bench(unix_s=1_800_000_000.0)
    bench.signals.set(0.0, True, True, True)
    bench.pulses.fire(0.0, 1, 200)
    bench.advance(5.0)
    bench.lose_power()
    assert bench.cabinet.pulses[0].end_ms == 5.0
    assert not bench.signals.red
    assert bench.rtc.unix(5.0) == pytest.approx(1_800_000_000.0, abs=0.1)


class Wire:
    def __init__(self) -> None:
        self.bench = Bench(standard(), unix_s=1_800_000_000.0)
        self.said = Supervision()
        self.protocol = Protocol(self.bench, self.said)

    def __call__(self, op: str, *payload: int) -> bytes | None:
        return self.protocol.request(op, bytes(payload))


def test_wire_contacts_and_fire() -> None:
    wire = Wire()
    assert wire("C") == bytes.fromhex("ff000000 ff000000 00 00")
    assert wire("F", 4, 0, 0, 0, 60, 0) is None
    wire.bench.advance(30.0)
    assert wire("C") == bytes.fromhex("ff000000 fb000000 01 00")
    wire.bench.keypad.press(30.0, "?")
    wire.bench.advance(300.0)
    assert wire("C") == bytes.fromhex("fb000000 fb000000 00 01")


def test_wire_abort_keypad_signals_feed_restart() -> None:
    wire = Wire()
    wire("F", 1, 0, 0, 0, 60, 0)
    wire.bench.advance(10.0)
    assert wire("A") is None
    assert wire.bench.cabinet.pulses[0].end_ms == 10.0
    wire.bench.keypad.press(10.0, "5")
    wire.bench.advance(20.0)
    assert [wire("K", row) for row in range(4)] == [b"\0", b"\2", b"\0", b"\0"]
    wire("S", 1, 0, 1)
    assert (wire.bench.signals.red, wire.bench.signals.green, wire.bench.signals.beep) == (
        True,
        False,
        True,
    )
    wire("D")
    wire("X")
    assert (wire.said.fed_at_ms, wire.said.feeds, wire.said.restart_asked) == (20.0, 1, True)


def test_wire_i2c() -> None:
    wire = Wire()
    assert wire("W", 0x27, 0x08) == b"\1"
    assert wire.bench.backpack.backlight
    assert wire("W", 0x33, 0x08) == b"\0"
    assert wire("R", 0x68, 6, 1) == b"\x27"
    assert wire("R", 0x33, 0, 1) == b""
    assert wire("M", 0x68, 0x10, 0x05) == b"\1"
    assert wire("R", 0x68, 0x10, 1) == b"\x05"


def test_wire_takes_pieces_and_heaps_of_requests() -> None:
    wire = Wire()
    buffer = bytearray(b"D\0K\1")
    assert wire.protocol.take(buffer) == b""
    assert buffer == b"K\1"
    buffer += b"\0C\0"
    assert wire.protocol.take(buffer) == b"\1\0" + b"\x0a" + bytes.fromhex("ff000000ff0000000000")
    assert not buffer


def test_wire_refuses_nonsense() -> None:
    for op, payload in (
        ("z", b""),
        ("F", b"\1"),
        ("K", b""),
        ("R", b"\1"),
        ("S", b"\1"),
        ("W", b""),
    ):
        with pytest.raises(BadRequest):
            Wire().protocol.request(op, payload)


def test_mutant_changes_one_place(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    file = tmp_path / "core" / "access.py"
    file.write_text("def ok(code):\n    return code == right\n")
    table = {"any": Mutant("core/access.py", "code == right", "True", "every code is right")}
    mutants.apply(mutants.named("any", table), tmp_path)
    assert file.read_text() == "def ok(code):\n    return True\n"
    with pytest.raises(MutantError, match="0 times"):
        mutants.apply(table["any"], tmp_path)


def test_mutant_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\nx = 1\n")
    for mutant, says in (
        (Mutant("a.py", "x = 1", "x = 2", ""), "2 times"),
        (Mutant("b.py", "x", "y", ""), "no such file"),
        (Mutant("a.py", "x = 1\nx = 1\n", "x = 1\nx = 1\n", ""), "changes nothing"),
    ):
        with pytest.raises(MutantError, match=says):
            mutants.apply(mutant, tmp_path)
    with pytest.raises(MutantError, match="there are: none"):
        mutants.named("any", {})


def test_every_mutant_fits_the_present_source() -> None:
    firmware = BOARDS.parent / "firmware"
    for name, mutant in mutants.MUTANTS.items():
        assert (firmware / mutant.path).read_text().count(mutant.before) == 1, name
