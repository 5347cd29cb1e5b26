"""What the person sees and hears, on the whole firmware: languages, answers in time, help, slow
hands.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from locker.app import book
from locker.core import doors, faults, mac, messages
from locker.core.phrases import PHRASES
from locker.storage import cells
from lockerctl import texts
from virtual.people import Person
from whole_station import BOARD, WholeStation

HMAC_MS = 1.1  # the slowest measured on the emulated RP2040 (research/codes-and-clock.md)
ERASE_MS = 400  # the worst that the flash's data sheet allows, for each write


def language_of(station: WholeStation) -> str:
    """The language of the idle screen, by its first line on the glass."""
    first = station.bench.display.lines()[0].rstrip()
    firsts = [text.split("\n")[0] for text in PHRASES[messages.IDLE]]
    assert first in firsts, station.shown()
    return messages.LANGUAGES[firsts.index(first)]


@pytest.fixture
def large_board(tmp_path: Path) -> Path:
    """The virtual board with 24 doors."""
    board = json.loads(BOARD.read_text())
    board["doors"] = [board["doors"][i % 8] | {"door": i + 1} for i in range(24)]
    path = tmp_path / "board.json"
    path.write_text(json.dumps(board))
    return path


# --- languages ---


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_station_speaks_the_language_of_its_settings(
    make_station: Callable[..., WholeStation], language: str
) -> None:
    station = make_station(language=language)
    assert language_of(station) == language
    station.power_cut()
    station.pass_time(2000)
    assert language_of(station) == language, "its letters are drawn anew"


def test_star_chooses_a_language_for_one_errand(station: WholeStation) -> None:
    person = station.person
    seen = [language_of(station)]
    for _ in range(4):
        station.play(person.types("*"))
        station.pass_time(500)
        seen.append(language_of(station))
    assert seen == ["en", "de", "fr", "es", "en"]
    station.play(person.types("*"))
    station.play(person.types(station.code(3) + "#"))
    station.play(person.reads("paket nehmen"))
    station.play(person.pulls(3))
    station.play(person.pushes(3))
    station.play(person.reads("03# öffnet neu"))
    station.pass_time(60_000)
    assert language_of(station) == "de", "a moment for whoever goes on"
    station.pass_time(65_000)
    assert language_of(station) == "en"
    assert station.openings() == [3]


def test_a_language_that_cannot_be_loaded_leaves_the_present_one(station: WholeStation) -> None:
    german = station.flash / texts.FOLDER / "de"
    content = german.read_bytes()
    german.unlink()
    station.play(station.person.types("*"))
    station.pass_time(500)
    assert language_of(station) == "en"
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("take your parcel"))
    station.play(station.person.pulls(3))
    station.play(station.person.pushes(3))
    station.pass_time(70_000)
    german.write_bytes(content)
    station.play(station.person.types("*"))
    station.pass_time(500)
    assert language_of(station) == "de", "and is tried again when it is asked for"


def test_without_any_texts_the_doors_still_open(station: WholeStation) -> None:
    shutil.rmtree(station.flash / texts.FOLDER)
    station.play(station.person.types(station.code(3) + "#"))
    station.pass_time(2000)
    assert station.openings() == [3]
    station.power_cut()
    station.pass_time(4000)
    assert station.shown() == "test E47 E0", "what is left to say"


# --- answers in time ---


def watched(station: WholeStation, ms: int) -> Iterator[float]:
    """Bench time after each moment of so many ms."""
    end = station.bench.now_ms + ms
    while station.bench.now_ms < end:
        station.pass_time(5)
        yield station.bench.now_ms


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_checking_is_shown_300_ms_after_the_last_key_however_slow_the_flash(
    make_station: Callable[..., WholeStation],
    large_board: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    """24 occupied doors; every HMAC and every flash write takes its worst time."""
    station = make_station(occupied=range(1, 25), board=large_board, language=language)
    bench = station.bench
    counts = {"mac": 0, "write": 0}
    word = PHRASES[messages.CHECKING][messages.LANGUAGES.index(language)][:7]
    shown: list[float] = []

    def look() -> None:
        if not shown and word in bench.display.lines()[0]:
            shown.append(bench.now_ms)

    def slow(what: str, ms: float, call: Callable[..., object]) -> Callable[..., object]:
        def taking(*arguments: object) -> object:
            counts[what] += 1
            look()
            bench.advance(bench.now_ms + ms)
            return call(*arguments)

        return taking

    monkeypatch.setattr(mac.Mac, "digest", slow("mac", HMAC_MS, mac.Mac.digest))
    monkeypatch.setattr(cells.Cells, "save", slow("write", ERASE_MS, cells.Cells.save))
    monkeypatch.setattr(book.Book, "commit", slow("write", ERASE_MS, book.Book.commit))
    station.play(station.person.types(station.code(24)))
    station.pass_time(1000)
    pressed = bench.now_ms
    bench.keypad.tap(pressed, "#", 100.0)
    for _ in watched(station, 1_000):
        look()
    assert shown and shown[0] - pressed <= 300
    station.pass_time(5_000)
    assert station.openings() == [24]
    assert counts["write"] >= 3 and counts["mac"] >= 11, "what was to be slow was at work"


def test_every_key_is_seen_and_heard_within_100_ms(station: WholeStation) -> None:
    bench = station.bench
    for key in station.code(3) + "*?":
        before = list(bench.display.lines())
        pressed = bench.now_ms
        bench.keypad.tap(pressed, key, 60.0)
        answers = {}
        for now in watched(station, 400):
            if bench.signals.beep:
                answers.setdefault("heard", now - pressed)
            if list(bench.display.lines()) != before:
                answers.setdefault("seen", now - pressed)
        assert answers["heard"] <= 100 and answers["seen"] <= 100, (key, answers)


# --- help, refusals, waits ---


def test_help_names_the_trouble_and_the_support_of_this_station(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(support="0800 123 456")
    assert "E47" in station.shown()
    station.play(station.person.types("?"))
    station.play(
        station.person.reads("e47: no network. codes still work call support 0800 123 456")
    )
    station.pass_time(31_000)
    assert language_of(station) == "en"


def test_a_locked_out_person_sees_the_seconds_go_down_and_what_else_works(
    station: WholeStation,
) -> None:
    station.station.vault.lockout.level = 8
    station.station.vault.lockout.restart(station.hal.ticks_ms())
    station.play(station.person.types(station.code(3) + "#"))
    station.play(station.person.reads("please wait"))
    seen = []
    while station.person.sees("please wait"):
        seconds = int(station.shown().split()[2])
        if seconds not in seen:
            seen.append(seconds)
        station.pass_time(50)
        assert "Recovery code works too" in station.shown() or not seen
        if seconds == 1:
            break
    assert seen == list(range(seen[0], 0, -1)) and 20 <= seen[0] <= 30
    station.pass_time(2_000)
    assert language_of(station) == "en"
    station.play(station.person.types(station.recovery(3) + "#"))
    station.play(station.person.reads("take your parcel"))


def test_a_full_station_says_so_before_it_asks_for_a_size(
    make_station: Callable[..., WholeStation],
) -> None:
    station = make_station(occupied=range(1, 9))
    station.play(station.person.types(station.courier() + "#"))
    station.play(station.person.reads("all doors are taken e18"))


# --- slow hands ---


def test_slow_hands_get_their_parcel(station: WholeStation) -> None:
    """A key every six seconds, a hundred seconds before the open door, one warning on the way."""
    slow = Person(station.bench, "slow", 3, pace=15.0)
    for key in station.code(3):
        station.play(slow.types(key))
    station.pass_time(100_000)
    assert "Still there?" in station.shown()
    station.play(slow.types("0"))  # the key that answers is no digit of the code
    station.play(slow.types("#"))
    station.play(slow.reads("take your"))
    station.play(slow.pulls(3))
    station.pass_time(100_000)
    station.play(slow.types("#"))
    station.pass_time(100_000)
    assert station.station.bank.door(3).state == doors.OPEN
    slow.takes(3)
    station.play(slow.pushes(3))
    station.play(slow.reads("thank you"))
    assert faults.HELD_OPEN not in [r.fault for r in station.journal()]
