"""Whose pulse a reset fell into."""

from locker.app.attribution import interrupted_pulses
from locker.core import faults, records


class Row:
    """As much of a record."""

    def __init__(self, kind, door, reason):
        self.kind = kind
        self.door = door
        self.reason = reason


class FakeJournal:
    """Rows, oldest first."""

    def __init__(self, rows):
        self._rows = rows
        self.last = len(rows)

    def read(self, seq):
        return self._rows[seq - 1] if 0 < seq <= self.last else None


def blamed(*rows):
    """rows: (kind, door, reason) after door 3 was granted a pulse."""
    granted = (records.AUTHORISED, 3, 0)
    return interrupted_pulses(FakeJournal([Row(*row) for row in (granted,) + rows]))  # noqa: RUF005 - MicroPython


def test_only_what_ends_a_release_settles_it():
    assert blamed() == [3]
    for row in (
        (records.PULSED, 3, 0),
        (records.FAULT, 3, 0),
        (records.REFUSED, 3, faults.DOOR_UNUSABLE),
        (records.BOOT, 0, 0),
    ):
        assert blamed(row) == [], row
    for row in (
        (records.REFUSED, 3, faults.WRONG_CODE),
        (records.REFUSED, 3, faults.CODE_EXPIRED),
        (records.PULSED, 2, 0),
    ):
        assert blamed(row) == [3], row
