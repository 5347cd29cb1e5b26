"""Repeated failures are counted instead of written one by one, so that a storm of them cannot push
the openings out of the journal.

A bucket for each sort of record: it takes eight at once and one more each half hour. What it does
not take is counted, and told once an hour. 73 records a day and sort at the most.
"""

from locker.core import ticks
from micropython import const

_BURST = const(8)
_LEAK_MS = const(1_800_000)
_TELL_MS = const(3_600_000)


class _Bucket:
    def __init__(self, now: int) -> None:
        self.level = 0
        self.leak_from = now
        self.unwritten = 0
        self.tell_from = now


class Storm:
    """Sorts are small numbers of the caller's."""

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}

    def admits(self, sort: int, now: int) -> bool:
        """May this record be written? If not it has been counted."""
        bucket = self._buckets.get(sort)
        if bucket is None:
            bucket = self._buckets[sort] = _Bucket(now)
        if bucket.level < _BURST:
            bucket.level += 1
            return True
        if not bucket.unwritten:
            bucket.tell_from = now
        bucket.unwritten += 1
        return False

    def advance(self, now: int) -> "tuple[int, int] | None":
        """(sort, how many were not written) of one that is to be told now; None when there is
        none. Call at least once a day.
        """
        due = None
        for sort, bucket in self._buckets.items():
            while bucket.level and ticks.diff(now, bucket.leak_from) >= _LEAK_MS:
                bucket.level -= 1
                bucket.leak_from = ticks.add(bucket.leak_from, _LEAK_MS)
            if not bucket.level:
                bucket.leak_from = now
            if bucket.unwritten and ticks.diff(now, bucket.tell_from) >= _TELL_MS:
                due = sort
        if due is None:
            return None
        count = self._buckets[due].unwritten
        self._buckets[due].unwritten = 0
        return due, count
