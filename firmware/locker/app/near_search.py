"""The background search for what a refused code was right for, in slices that never keep a door or
a key waiting. Imported some time after a refusal and dropped when it is over.
"""

from hashlib import sha1

from locker.core import codes, faults, near_miss, records
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from locker.app.station import Station
    from locker.core.access import Entry, Moment
    from locker.core.keys import Keys
    from locker.core.near_miss import Miss

_SLICE = const(3)  # codes: below 5 ms on an RP2040
_EVIDENCE_S = const(86_400)
_BOTH = (False, True)  # the codes of the alarm too: an eavesdropper sees no difference


class Search:
    """selector: door, or that of staff; misses: one item a code; who: place of a person, for a
    recipient the miss names the tenancy.
    """

    def __init__(
        self, station: "Station", selector: int, misses: "Iterator[Miss | None]", who: int = 0
    ) -> None:
        self._station = station
        self._selector = selector
        self._misses = misses
        self._who = who

    def slice(self, now: int) -> bool:
        """Compare a few codes more; True when the search is over."""
        try:
            for _ in range(_SLICE):
                miss = next(self._misses)
                if miss:
                    self._found(miss, now)
                    return True
        except StopIteration:
            return True
        return False

    def _found(self, miss: "Miss", now: int) -> None:
        reason, value, low_s, high_s, tenancy = miss
        self._station.book.note(
            records.REFUSED,
            now,
            self._selector,
            reason=reason,
            fault=faults.NEAR_MISS,
            tenancy=tenancy,
            value=value,
        )
        if low_s <= high_s:
            self._weigh((self._selector << 20) + (tenancy or self._who), (low_s, high_s), now)

    def _weigh(self, who: int, error: "tuple[int, int]", now: int) -> None:
        """Two people's that agree within a day make the clock suspect, until it is compared with
        trusted time.
        """
        station = self._station
        evidence = station.timekeeper.evidence
        station.timekeeper.evidence = (who, error, station.uptime_s)
        if evidence is None or evidence[0] == who:
            return
        if station.uptime_s - evidence[2] > _EVIDENCE_S:
            return
        if near_miss.agree(error, evidence[1], station.clock.uncertainty_s(now)):
            station.note_health(faults.CLOCK_SUSPECT, True, now)


def begin(
    station: "Station", entry: "Entry", classes: "tuple[str, ...]", moment: "Moment"
) -> Search:
    """For what was typed: a code of the day, of a person with one's own, of a return, or of a
    parcel, whose classes are looked through.
    """
    if entry.selector == codes.COURIER_SELECTOR:
        misses = _day_codes(station, entry, moment)
    elif entry.selector == codes.PERSON:
        misses = _persons_codes(station, entry, moment)
    elif entry.selector == codes.RETURN:
        misses = near_miss.fixed(codes.RETURN_CLASS, _return_code(station, entry), moment)
    else:
        misses = near_miss.recipient(entry, station.vault.compartments, classes, moment)
    return Search(station, entry.selector, misses, entry.place)


def _day_codes(station: "Station", entry: "Entry", moment: "Moment") -> "Iterator[Miss | None]":
    from locker.core import people

    name = codes.COURIER_CLASS
    good = codes.slots(name, moment.now_s, moment.uncertainty_s)
    generation = people.courier_generation(station.vault.people)
    for silent in _BOTH:
        yield from near_miss.fixed(name, _day_code(station.courier, entry, silent), moment)
        if 0 < generation < people.LOST:
            mac = Mac(people.courier_key(_keys(station).courier, generation - 1))
            yield from near_miss.revoked(_day_code(mac, entry, silent), good)


def _day_code(mac: Mac, entry: "Entry", silent: bool) -> "Callable[[int], bool]":
    return lambda slot: codes.courier_code(mac, slot, entry.recovery, silent) == entry.code


def _return_code(station: "Station", entry: "Entry") -> "Callable[[int], bool]":
    from locker.core import tickets

    mac = Mac(_keys(station).courier)
    return lambda slot: tickets.fits(entry, mac, slot)


def _persons_codes(
    station: "Station", entry: "Entry", moment: "Moment"
) -> "Iterator[Miss | None]":
    from locker.core import people

    place, root = entry.place, _keys(station).staff
    generation = people.read(station.vault.people, place)[0].generation
    good = people.steps(entry, moment)
    for silent in _BOTH:
        if generation and not entry.is_fixed:
            secret = people.key(root, place, generation, silent)
            yield from near_miss.rotating(_persons_code(secret, entry), good, moment)
        if generation > 1:
            secret = people.key(root, place, generation - 1, silent)
            yield from near_miss.revoked(_persons_code(secret, entry), good)


def _persons_code(secret: bytes, entry: "Entry") -> "Callable[[int], bool]":
    from locker.core import people

    if entry.is_fixed:
        return lambda _: people.fixed_code(secret) == entry.code
    mac = Mac(secret, sha1)

    def matches(step: int) -> bool:
        if people.rotating_code(mac, step) != entry.code:
            return False
        return not entry.recovery or people.rotating_code(mac, step + 1) == entry.second

    return matches


def _keys(station: "Station") -> "Keys":
    from locker.core import keys

    return keys.unpack_keys(station.vault.cells.load(keys.CELL) or b"")
