"""A supervised input: rest and active at two levels, everything else is a wire not to be believed.

2.2 kohm to 3.3 V, 1 kohm at the end, another one that the contact bridges.
"""

from locker.core import ticks
from locker.core.supervised import ACTIVE, CUT, FOREIGN, REST, SHORTED, UNTOLD, Loop

REST_MV = 1031
ACTIVE_MV = 1571


class Input:
    """A loop that is read every 100 ms."""

    def __init__(self, now=0):
        self.loop = Loop(REST_MV, ACTIVE_MV, 60)
        self.now = now

    def hold(self, *levels, ms=1_000):
        """These levels in turn for so long; the states that they led to."""
        states = []
        for i in range(ms // 100):
            self.now = ticks.add(self.now, 100)
            if self.loop.update(levels[i % len(levels)], self.now):
                states.append(self.loop.state)
        return states


def test_each_level_means_one_state():
    for mv, state in (
        (-5, SHORTED), (0, SHORTED), (199, SHORTED), (200, FOREIGN), (970, FOREIGN),
        (971, REST), (1031, REST), (1091, REST), (1092, FOREIGN), (1300, FOREIGN),
        (1510, FOREIGN), (1511, ACTIVE), (1631, ACTIVE), (1632, FOREIGN), (2799, FOREIGN),
        (2800, CUT), (3300, CUT), (99_999, CUT),
    ):  # fmt: skip
        given = Input()
        assert given.loop.state == UNTOLD
        assert given.hold(mv) == [state], mv


def test_a_level_counts_once_it_has_held():
    given = Input()
    assert given.hold(REST_MV, ms=300) == []
    assert given.hold(REST_MV, ms=100) == [REST]
    assert given.hold(ACTIVE_MV, ms=300) == []
    assert given.hold(REST_MV, ms=1_000) == []
    assert given.hold(ACTIVE_MV, ms=400) == [ACTIVE]


def test_a_level_at_the_edge_does_not_flap():
    for edge, state in ((1091, REST), (971, REST), (1631, ACTIVE), (199, SHORTED), (2800, CUT)):
        given = Input()
        given.hold(edge)
        assert given.loop.state == state
        assert given.hold(edge - 25, edge + 25, ms=10_000) == []
    given = Input()
    given.hold(REST_MV)
    assert given.hold(REST_MV + 60 + 31) == [FOREIGN]
    assert given.hold(REST_MV + 60 + 29) == [], "back only into the band itself"


def test_a_wire_that_settles_nowhere_is_not_believed():
    for levels in ((0, 3300), (REST_MV, 0), (REST_MV, 0, 0), (ACTIVE_MV, REST_MV)):
        given = Input()
        given.hold(REST_MV)
        assert given.hold(*levels, ms=1_900) == [], levels
        assert given.hold(*levels, ms=10_000) == [FOREIGN], levels
        assert given.hold(REST_MV) == [REST]


def test_a_single_spike_is_no_news():
    given = Input()
    given.hold(REST_MV)
    for _ in range(50):
        assert given.hold(3300, ms=100) == []
        assert given.hold(REST_MV, ms=900) == []


def test_it_holds_over_the_wrap_and_after_weeks_of_rest():
    given = Input(now=ticks.PERIOD - 250)
    assert given.hold(REST_MV) == [REST]
    for _ in range(5):
        given.now = ticks.add(given.now, ticks.PERIOD // 4)
        assert given.hold(REST_MV) == []
    assert given.hold(3300) == [CUT]
