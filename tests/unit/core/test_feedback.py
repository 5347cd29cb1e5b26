"""Current without a command is a welded driver; a command without current is an open coil."""

from locker.core import faults
from locker.core.feedback import Feedback


def run(feedback, flows, firing, steps, start=0):
    """Every fault of so many steps of 10 ms."""
    said = [feedback.check(flows, firing, start + 10 * i) for i in range(steps)]
    return [fault for fault in said if fault]


def test_a_good_pulse_says_nothing():
    feedback = Feedback()
    assert run(feedback, False, False, 100) == []
    assert run(feedback, True, True, 6) == []
    assert run(feedback, True, False, 4, 60) == [], "the current dies out"
    assert run(feedback, False, False, 100, 100) == []


def test_current_that_nobody_commanded_is_told_again_while_it_lasts():
    feedback = Feedback()
    assert run(feedback, True, False, 10) == []
    assert run(feedback, True, False, 25, 100) == [faults.DRIVER_WELDED] * 3


def test_current_that_outlives_its_pulse_is_a_welded_driver():
    feedback = Feedback()
    run(feedback, True, True, 6)
    assert run(feedback, True, False, 15, 60) == [faults.DRIVER_WELDED]


def test_a_pulse_without_current_is_told_once():
    feedback = Feedback()
    assert run(feedback, False, True, 6) == []
    assert run(feedback, False, False, 50, 60) == [faults.COIL_OPEN]


def test_a_pulse_that_was_hardly_looked_at_says_nothing():
    feedback = Feedback()
    run(feedback, False, True, 1)
    assert run(feedback, False, False, 50, 10) == []


def test_a_spike_is_no_current():
    feedback = Feedback()
    for start in range(0, 1000, 100):
        assert run(feedback, True, False, 5, start) == []
        assert run(feedback, False, False, 5, start + 50) == []
