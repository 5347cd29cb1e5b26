"""What people who do everything right do at the cabinet: for demo, tests and simulation."""

from __future__ import annotations

from .people import Person, Story


def deposits(p: Person, code: str, size: str) -> Story[int]:
    """A courier, or a customer who gives a parcel back, from the first key to the receipt; returns
    the door that opened.
    """
    yield from p.types(code + "#")
    yield from p.reads("parcel size")
    yield from p.presses(size)
    yield from p.reads("put parcel")
    door = yield from p.finds_open_door()
    yield from p.pulls(door)
    p.puts(door)
    yield from p.pushes(door)
    yield from p.reads("parcel inside")
    yield from p.presses("1#")
    yield from p.reads("receipt")
    yield from p.thinks(600.0, 1000.0)
    yield from p.presses("#")
    return door


def picks_up(p: Person, door: int, code: str) -> Story[None]:
    """A recipient from the first key to the shut door."""
    yield from p.types(code + "#")
    yield from p.reads("take your")
    yield from p.pulls(door)
    p.takes(door)
    yield from p.pushes(door)
    yield from p.reads("thank you")


def tries_code(p: Person, code: str, text: str) -> Story[None]:
    """Somebody who types a code and is told ``text``."""
    yield from p.thinks()
    yield from p.types(code + "#")
    yield from p.reads(text, timeout_ms=12_000.0)
