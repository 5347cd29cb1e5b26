"""Storms of one sort of record: eight, one more each half hour, the rest counted and told."""

from locker.core import ticks
from locker.core.storm import Storm

HOUR_MS = 3_600_000
START = ticks.add(0, -HOUR_MS)


def test_the_first_ones_are_written_and_the_others_counted():
    storm = Storm()
    assert [storm.admits(1, START) for _ in range(11)] == [True] * 8 + [False] * 3
    assert storm.admits(2, START), "another sort has a bucket of its own"
    assert storm.advance(START) is None


def test_what_was_counted_is_told_once_an_hour():
    storm = Storm()
    for _ in range(20):
        storm.admits(7, START)
    assert storm.advance(ticks.add(START, HOUR_MS - 1)) is None
    assert storm.advance(ticks.add(START, HOUR_MS)) == (7, 12)
    assert storm.advance(ticks.add(START, 2 * HOUR_MS)) is None


def test_a_day_of_storm_is_less_than_eighty_records():
    storm = Storm()
    written = told = counted = 0
    for second in range(0, 86_400, 10):
        now = ticks.add(START, second * 1000)
        written += storm.admits(3, now)
        due = storm.advance(now)
        if due:
            told += 1
            counted += due[1]
    assert written + told <= 80 and counted > 8000


def test_a_quiet_time_empties_the_bucket():
    storm = Storm()
    for _ in range(8):
        storm.admits(3, START)
    now = ticks.add(START, 5 * HOUR_MS)
    storm.advance(now)
    assert [storm.admits(3, now) for _ in range(9)] == [True] * 8 + [False]
