"""The filter behind the clock."""

from locker.core import discipline
from locker.core.discipline import Discipline

DAY = 0.0864  # Ms


def trained(rate_ppm, days=28, noise_s=0.05):
    """After daily comparisons of a clock that loses rate_ppm, with noise of alternating sign."""
    d = Discipline(discipline.DS3231)
    d.start(0.0, 1.0)
    for day in range(1, days + 1):
        d.carry(DAY)
        lost_s = rate_ppm * DAY * day
        noise_s = -noise_s
        d.compare(lost_s - d.offset + noise_s, 0.1, 0.6)
    return d


def test_it_learns_a_rate_and_holds_it():
    for rate in (-1.7, 0.0, 1.2):
        d = trained(rate)
        assert abs(d.rate - rate) < 0.06
        lost_s = rate * DAY * (28 + 90)
        assert abs(d.correction_s(90 * DAY) - lost_s) < 1.0


def test_the_bound_only_grows_and_holds():
    d = trained(1.2)
    last = 0.0
    for day in range(200):
        bound = d.bound_s(day * DAY)
        assert bound >= last
        last = bound
    assert abs(d.correction_s(90 * DAY) - 1.2 * DAY * 118) < d.bound_s(90 * DAY) < 8


def test_carrying_on_changes_nothing_that_is_known():
    a, b = trained(0.7), trained(0.7)
    for _ in range(30):
        a.carry(DAY)
    assert abs(a.offset - b.correction_s(30 * DAY)) < 1e-3
    # In steps or at once; the rate's wander makes the same of both but for rounding.
    assert abs(a.bound_s(0.0) - b.bound_s(30 * DAY)) < 0.02


def test_a_new_chip_is_bounded_by_its_data_sheet():
    d = Discipline(discipline.DS3231)
    d.start(0.0, 2.0)
    assert d.bound_s(0.0) == 2.0
    assert abs(d.bound_s(30 * DAY) - (2.0 + 5 * 30 * DAY)) < 1e-3


def test_no_rate_beyond_the_data_sheet_is_believed():
    d = trained(40.0)
    assert d.rate == 5.0


def test_a_stored_state_is_the_same_state():
    a = trained(1.3)
    b = Discipline(discipline.DS3231)
    b.unpack(a.pack())
    assert b.pack() == a.pack()
    assert abs(b.correction_s(DAY) - a.correction_s(DAY)) < 1e-5


def test_states_that_no_filter_can_have_are_refused():
    nan, good = float("nan"), [0.5, 1.0, 1.0, 1.0, 0.0, 1.0]
    for place, value in ((0, nan), (0, 1e5), (1, 6.0), (2, -1.0), (3, nan), (4, -1e-3), (5, 1e20)):
        bad = list(good)
        bad[place] = value
        d = Discipline(discipline.DS3231)
        before = d.pack()
        try:
            d.unpack(discipline.struct.pack(">ffffff", *bad))
        except ValueError:
            assert d.pack() == before
            continue
        raise AssertionError(bad)
