"""The background search for what a refused code was good for, in slices that never keep a door or
a key waiting. Imported after a refusal and dropped when it is over.
"""

from locker.core import faults, near_miss, records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from locker.app.station import Station
    from locker.core.near_miss import Miss

_SLICE = const(3)  # codes: below 5 ms on an RP2040
_EVIDENCE_S = const(86_400)


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
        steps, low_s, high_s, tenancy = miss
        self._station.book.note(
            records.REFUSED,
            now,
            self._selector,
            "late" if steps > 0 else "early",
            reason=faults.NEAR_MISS,
            tenancy=tenancy,
            value=abs(steps),
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
