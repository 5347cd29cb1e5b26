"""Somebody types and reads, and why the station refused."""

from locker.core import records
from whole_station import WholeStation


def types(station: WholeStation, keys: str, *texts: str) -> None:
    """Press keys, then wait for one of the texts."""
    station.play(station.person.types(keys))
    station.play(station.person.reads(*texts))


def enters(station: WholeStation, code: str, *texts: str) -> None:
    """A whole entry, once the throttle and the last notice are over."""
    station.pass_time(40_000)
    types(station, code + "#", *texts)


def reasons(station: WholeStation) -> list[int]:
    """Of all refusals in the journal."""
    return [r.reason for r in station.journal() if r.kind == records.REFUSED]
