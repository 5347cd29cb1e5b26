"""How long a pulse keeps the others away."""

from locker.core.pulse_window import Window


def test_a_window_that_is_given_up_rests_as_if_it_had_stayed_open():
    window = Window(150)
    window.open(1, 600)
    window.abandon(100)
    assert window.resting and not window.firing and window.ends_at == 750


def test_without_a_pulse_it_rests_from_now_on():
    window = Window(150)
    window.abandon(100)
    assert window.busy and window.ends_at == 250
    window.tick(249)
    assert window.busy
    window.tick(250)
    assert not window.busy
