"""Which steps of a rotating code are taken."""

from locker.core import window

NOW = 215_000_010  # ten seconds into a step
STEP = NOW // 30


def test_people_type_late_and_never_early():
    assert list(window.steps(NOW, 0)) == [STEP - 3, STEP - 2, STEP - 1, STEP]


def test_it_widens_with_uncertainty_to_both_sides():
    steps = window.steps(NOW, 30)
    assert steps[0] == STEP - 4 and steps[-1] == STEP + 1


def test_it_is_never_wider_than_ten_steps_nor_wider_than_asked():
    for uncertainty_s in range(0, 5_000, 7):
        for now in range(NOW, NOW + 30):
            steps = window.steps(now, uncertainty_s)
            assert 0 < len(steps) <= window.WIDEST
            assert steps[0] >= (now - uncertainty_s - 75) // 30
            assert steps[-1] <= (now + uncertainty_s) // 30


def test_at_its_widest_it_lies_where_codes_are_likeliest():
    steps = window.steps(NOW, 3600)
    assert len(steps) == window.WIDEST and (NOW - 20) // 30 in steps
    assert steps[0] < STEP - 3 and steps[-1] > STEP + 3
