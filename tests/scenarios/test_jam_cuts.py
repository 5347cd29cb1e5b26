"""The power goes at every step of a pickup whose bolt is jammed at first: the recipient still gets
the parcel, and the code opens nothing twice.
"""

from collections.abc import Callable
from typing import Any

from locker.core import compartments, records
from locker.storage import cells, journal
from virtual.journeys import picks_up
from virtual.people import Person, Story
from whole_station import WholeStation

DOOR = 3
EVERY_MS = 470  # no multiple of any of the station's periods


class PowerCut(BaseException):
    """Not an Exception: no supervisor may catch it."""


def jammed_pickup(p: Person, code: str) -> Story[None]:
    """Told that the door is stuck, the recipient asks once more; then somebody frees the bolt."""
    p.bench.fault(DOOR, "jam")
    yield from p.types(code + "#")
    yield from p.reads("is stuck", timeout_ms=15_000)
    p.bench.fault(DOOR, "jam", False)
    yield from p.presses("#")
    yield from p.reads("take your")
    yield from p.pulls(DOOR)
    p.takes(DOOR)
    yield from p.pushes(DOOR)
    yield from p.reads("thank you")


class Cut:
    """Counts the writes of the station's files; the power goes before number at_write."""

    def __init__(self, monkeypatch: Any, at_write: int) -> None:
        self.writes = 0
        self.at_write = at_write
        for module in (cells, journal):
            monkeypatch.setattr(module, "open", self._open, raising=False)

    def _open(self, path: str, mode: str = "r") -> Any:
        if mode in ("wb", "ab"):
            self.writes += 1
            if self.writes == self.at_write:
                raise PowerCut
        return open(path, mode)


def goes_on(station: WholeStation, code: str) -> None:
    """The light is back: whoever has not got the parcel yet gets it, with the same code."""
    bench, door = station.bench, station.bench.door(DOOR)
    station.stage.end_all()
    bench.fault(DOOR, "jam", False)
    station.power_cut()
    station.pass_time(3000)
    if door.position(bench.now_ms) > 0:
        door.parcel = ""
        bench.push(DOOR)
        station.pass_time(3000)
    elif door.parcel:
        station.play(picks_up(station.person, DOOR, code))
    station.pass_time(9000)
    assert not door.parcel


def opens_nothing_more(station: WholeStation, codes: tuple[str, str]) -> None:
    """The code and the recovery code of that parcel are dead."""
    before = station.openings()
    assert before and set(before) == {DOOR}
    assert station.station.vault.compartment(DOOR).occupancy == compartments.FREE
    for digits in codes:
        station.play(station.person.types(digits + "#"))
        station.play(station.person.reads("not accepted"))
        station.pass_time(9000)
    assert station.openings() == before
    of_door = [record.kind for record in station.journal() if record.door == DOOR]
    # The claim's cell is written before its record: a cut in between leaves the cell alone.
    assert of_door.count(records.CLAIMED) <= 1 and records.COLLECTED in of_door
    assert of_door.count(records.AUTHORISED) <= compartments.RELEASES_PER_CLAIM


def test_at_every_write_to_the_flash(
    make_station: Callable[..., WholeStation], monkeypatch: Any
) -> None:
    number, done = 0, False
    while not done:
        number += 1
        station = make_station(occupied=(DOOR,))
        codes = station.code(DOOR), station.recovery(DOOR)
        cut = Cut(monkeypatch, number)
        try:
            station.play(jammed_pickup(station.person, codes[0]))
            station.pass_time(3000)
            done = True  # so many writes a pickup has not
            cut.at_write = 0
        except PowerCut:
            goes_on(station, codes[0])
        opens_nothing_more(station, codes)
        station.forget()
    assert number > 12, "lockout, claim, authorisations, doors, collection"


def test_at_every_moment(make_station: Callable[..., WholeStation]) -> None:
    after_ms, done = 0, False
    while not done:
        after_ms += EVERY_MS
        station = make_station(occupied=(DOOR,))
        codes = station.code(DOOR), station.recovery(DOOR)
        pickup = station.stage.add(jammed_pickup(station.person, codes[0]))
        station.pass_time(after_ms)
        done = pickup.done
        goes_on(station, codes[0])
        opens_nothing_more(station, codes)
        station.forget()
    assert after_ms > 8_000, "typing, a pulse, a retry, the news of it, a second try, the door"
