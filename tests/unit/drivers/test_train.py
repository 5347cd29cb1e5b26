from locker.core import chips
from locker.drivers.train import SEGMENTS_MAX, rests_for, train

HZ = 313_725


def on_off_ticks(durations, levels):
    on = sum([ticks for ticks, level in zip(durations, levels) if level])
    return on, sum(durations) - on


def test_60_ms_at_10_percent():
    durations, levels = train(60, 9, HZ)
    assert durations == [18_823] + [32_767] * 5 + [18_823 * 9 - 5 * 32_767]
    assert levels == [True] + [False] * 6


def test_long_levels_are_chained_in_order():
    durations, levels = train(200, 9, HZ)
    assert durations[:2] == [32_767, 62_745 - 32_767] and levels[:3] == [True, True, False]
    assert max(durations) <= 32_767 and min(durations) > 0
    assert on_off_ticks(durations, levels) == (62_745, 9 * 62_745)


def test_train_without_an_off_time():
    assert train(60, 0, HZ) == ([18_823], [True])


def test_train_that_needs_a_refill_is_refused():
    try:
        train(1_000, 9, HZ)
    except ValueError:
        return
    raise AssertionError("accepted")


def test_rests_keep_every_duty():
    for duty_percent in range(4, 51):
        rests = rests_for(duty_percent)
        assert duty_percent * (1 + rests) >= 100 and duty_percent * rests < 100
        assert 1 <= rests <= 32  # the PIO program counts them in five bits


def test_whatever_the_board_check_passes_fits_one_block():
    for duty_percent in range(4, 51):
        rests = rests_for(duty_percent)
        limit_ms = min(1000, chips.longest_cycle_ms("esp32") // (1 + rests))
        durations, _levels = train(limit_ms, rests, HZ)
        assert len(durations) <= SEGMENTS_MAX
