"""Whose pulse a reset fell into."""

from types import SimpleNamespace

import pytest

from locker.app.attribution import interrupted_pulses
from locker.core import faults, records


def blamed(*rows):
    """rows: (kind, door, reason), oldest first."""
    journal = [SimpleNamespace(kind=kind, door=door, reason=why) for kind, door, why in rows]
    read = dict(enumerate(journal, 1)).get
    return interrupted_pulses(SimpleNamespace(last=len(journal), read=read))


GRANT = (records.AUTHORISED, 3, 0)


@pytest.mark.parametrize(
    ("after", "doors"),
    [
        ([], [3]),
        ([(records.PULSED, 3, 0)], []),
        ([(records.FAULT, 3, 0)], []),
        ([(records.REFUSED, 3, faults.DOOR_UNUSABLE)], []),
        ([(records.REFUSED, 3, faults.WRONG_CODE)], [3]),
        ([(records.REFUSED, 3, faults.CODE_EXPIRED)], [3]),
        ([(records.PULSED, 2, 0)], [3]),
        ([(records.BOOT, 0, 0)], []),
    ],
)
def test_only_what_ends_a_release_settles_it(after, doors):
    assert blamed(GRANT, *after) == doors
