"""The link keeper in virtual time."""

from locker.net.links import CAME_UP, SAME, WENT_DOWN, LinkKeeper


class FakeLink:
    def __init__(self):
        self.up = False
        self.join_calls = 0
        self.error = None

    def join(self):
        self.join_calls += 1
        if self.error:
            raise self.error

    def is_up(self):
        return self.up

    def rssi_dbm(self):
        return -60


def keeper(noise=b"\x00\x00"):
    link = FakeLink()
    return link, LinkKeeper(link, lambda n: noise)


def run(keep, start, ms, step=100):
    """Edges seen in a stretch of time."""
    edges = []
    for now in range(start, start + ms, step):
        edge = keep.poll(now)
        if edge != SAME:
            edges.append(edge)
    return edges


def test_joins_once_and_reports_one_edge():
    link, keep = keeper()
    assert run(keep, 0, 5_000) == [] and link.join_calls == 1 and keep.rssi_dbm() == 0
    link.up = True
    assert run(keep, 5_000, 5_000) == [CAME_UP]
    assert keep.up and keep.rssi_dbm() == -60 and link.join_calls == 1


def test_a_port_that_joins_already_is_given_its_time():
    link = FakeLink()
    keep = LinkKeeper(link, lambda n: b"\x00\x00", 2**30 - 1_000)
    assert run(keep, 2**30 - 900, 19_000) == [] and link.join_calls == 0
    run(keep, 18_100, 3_000)
    assert link.join_calls == 1


def test_already_up_needs_no_join():
    link, keep = keeper()
    link.up = True
    assert run(keep, 0, 1_000) == [CAME_UP] and link.join_calls == 0


def test_no_access_point_is_tried_again_with_growing_pauses():
    link, keep = keeper(b"\xff\xff")
    assert run(keep, 0, 400_000) == []
    # 20 s for each try, then pauses of 4, 8, 16, 32, 60, 60, 60 s.
    assert link.join_calls == 8


def test_loss_is_one_edge_and_a_pause_before_joining():
    link, keep = keeper(b"\xff\xff")
    link.up = True
    run(keep, 0, 1_000)
    link.up = False
    assert run(keep, 1_000, 3_900) == [WENT_DOWN] and link.join_calls == 0
    assert run(keep, 4_900, 1_000) == [] and link.join_calls == 1


def test_port_that_raises_is_a_failed_try():
    link, keep = keeper()
    link.error = OSError(5)
    assert run(keep, 0, 3_000) == [] and link.join_calls == 3
    link.error = None
    link.up = True
    assert run(keep, 3_000, 100) == [CAME_UP]
