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


def test_two_looks_at_a_pulse_are_enough():
    feedback = Feedback()
    run(feedback, False, True, 2)
    assert run(feedback, False, False, 50, 20) == [faults.COIL_OPEN]


def test_steps_that_come_late_do_not_miss_it():
    feedback = Feedback()
    said = [feedback.check(True, False, now) for now in range(0, 300, 30)]
    assert said.index(faults.DRIVER_WELDED) == 4 and said.count(faults.DRIVER_WELDED) == 2


def test_it_is_welded_at_the_very_millisecond_and_not_at_the_first_look():
    feedback = Feedback()
    told = [feedback.check(True, False, now) for now in (1000, 1099, 1100, 1199, 1200)]
    welded = faults.DRIVER_WELDED
    assert told == [faults.NONE, faults.NONE, welded, faults.NONE, welded]


def test_a_good_pulse_does_not_speak_for_the_next_one():
    feedback = Feedback()
    run(feedback, True, True, 6)
    assert run(feedback, False, False, 10, 60) == []
    run(feedback, False, True, 6, 160)
    assert run(feedback, False, False, 10, 220) == [faults.COIL_OPEN]


def play(feedback, looks, start=0):
    """What is said after a pulse that was looked at like this."""
    for i, flows in enumerate(looks):
        assert feedback.check(bool(flows), True, start + 10 * i) == faults.NONE
    return run(feedback, False, False, 20, start + 10 * len(looks))


def test_current_that_breaks_off_in_the_pulse_is_a_short_and_told_once():
    for looks in ((1, 0, 0), (1, 1, 0, 0, 0, 0), (0, 1, 0, 0), (1, 0, 0, 1, 1), (1, 0, 1, 0, 0)):
        assert play(Feedback(), looks) == [faults.COIL_SHORT], looks


def test_one_look_without_current_is_none():
    for looks in ((1, 0, 1, 1), (1, 1, 1, 0), (0, 1, 1, 1), (1, 0, 1, 0, 1, 0)):
        assert play(Feedback(), looks) == [], looks


def test_current_that_comes_late_is_no_open_coil():
    for looks in ((0, 0, 1), (0, 0, 0, 1, 1, 0)):
        assert play(Feedback(), looks) == [], looks
    assert play(Feedback(), (0, 0, 1, 0, 0)) == [faults.COIL_SHORT]


def test_a_shorted_coil_does_not_speak_for_the_next_one():
    feedback = Feedback()
    assert play(feedback, (1, 0, 0, 0)) == [faults.COIL_SHORT]
    assert play(feedback, (1, 1, 1, 1), 1000) == []
    assert play(feedback, (0, 0, 0, 0), 2000) == [faults.COIL_OPEN]
    assert play(feedback, (1, 1, 0), 3000) == [], "half of it before, half of it now"
    assert play(feedback, (0, 1, 1), 4000) == []


def test_each_pulse_is_looked_at_afresh():
    feedback = Feedback()
    for start, looks, told in ((0, (1, 1, 1, 0), []), (1000, (0,), []), (2000, (1, 1, 0), [])):
        assert play(feedback, looks, start) == told
    assert play(feedback, (0, 0), 3000) == [faults.COIL_OPEN]


def test_a_pulse_ends_the_suspicion_of_the_driver():
    feedback = Feedback()
    assert run(feedback, True, False, 10) == []
    assert feedback.check(True, True, 100) == faults.NONE
    assert run(feedback, True, False, 10, 110) == [], "its own current dies out first"
    assert run(feedback, True, False, 1, 210) == [faults.DRIVER_WELDED]


def test_current_after_a_shorted_pulse_is_still_a_welded_driver():
    feedback = Feedback()
    for now, flows in ((0, True), (10, False), (20, False)):
        feedback.check(flows, True, now)
    assert run(feedback, True, False, 13, 30) == [faults.COIL_SHORT, faults.DRIVER_WELDED]
