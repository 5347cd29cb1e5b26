from locker.drivers import signals
from locker.drivers.signals import Signals
from ports import FakeSignals


def record(driver, port, ms, start=0):
    """(lamps, sounding) every 5 ms."""
    seen = []
    for now in range(start, start + ms, 5):
        driver.step(now & 0x3FFFFFFF)
        seen.append((port.lit, port.sounds))
    return seen


def on_ms(seen):
    return 5 * sum([1 for _lit, sounds in seen if sounds])


def test_lamps_are_off_after_the_first_step():
    port = FakeSignals()
    Signals(port).step(0)
    assert port.lit == (False, False)


def test_steady_pattern_touches_the_port_once():
    port = FakeSignals()
    driver = Signals(port)
    driver.set("ready")
    assert set(record(driver, port, 4_000)) == {((False, True), False)}
    assert port.lamp_calls == 1


def round_of(pattern):
    """What somebody sees who cannot tell the lamps apart, begun at its least moment."""
    lit = pattern[0] | pattern[1]
    return min([(lit >> turn | lit << 16 - turn) & 0xFFFF for turn in range(16)])


def test_every_pattern_has_a_rhythm_of_its_own_without_colour_and_from_any_moment():
    patterns = signals._PATTERNS.values()
    assert len(set([round_of(pattern) for pattern in patterns])) == len(patterns)


def test_nothing_blinks_more_than_three_times_in_any_second():
    for name, lamps in signals._PATTERNS.items():
        for lit in lamps:
            starts = [lit >> i & 1 and not lit >> (i - 1) % 16 & 1 for i in range(16)]
            for second in range(16):
                flashes = sum([starts[(second + i) % 16] for i in range(8)])
                assert flashes <= 3, name


def test_every_beep_is_told_by_its_rhythm():
    beeps = [rhythm for _, rhythm in signals._BEEPS.values()]
    for i in range(len(beeps)):
        for other in beeps[i + 1 :]:
            alike = len(beeps[i]) == len(other) and max(beeps[i]) < 2 * max(other)
            assert not (alike and max(other) < 2 * max(beeps[i])), (beeps[i], other)


def test_pattern_repeats_every_two_seconds():
    port = FakeSignals()
    driver = Signals(port)
    driver.set("refused")
    seen = [lit for lit, _sounds in record(driver, port, 4_000)]
    assert seen[:400] == seen[400:]
    assert seen.count((True, False)) * 5 == 2 * 500


def test_late_steps_do_not_shift_the_pattern():
    port = FakeSignals()
    driver = Signals(port)
    driver.set("refused")
    driver.step(0)
    driver.step(610)
    assert port.lit == (False, False)
    driver.step(2_010)
    assert port.lit == (True, False)


def test_beeps_have_their_own_lengths():
    lengths = {}
    for kind in ("key", "door", "accepted", "refused", "alarm"):
        port = FakeSignals()
        driver = Signals(port)
        driver.beep(kind)
        lengths[kind] = on_ms(record(driver, port, 2_000))
        assert not port.sounds
    assert lengths == {"key": 25, "door": 120, "accepted": 320, "refused": 500, "alarm": 800}


def test_key_beep_does_not_cut_off_a_refusal():
    port = FakeSignals()
    driver = Signals(port)
    driver.beep("refused")
    driver.step(0)
    driver.beep("key")
    assert on_ms(record(driver, port, 1_000)) == 500


def test_refusal_cuts_off_a_key_beep():
    port = FakeSignals()
    driver = Signals(port)
    driver.beep("key")
    driver.step(0)
    driver.beep("refused")
    assert on_ms(record(driver, port, 1_000, 5)) == 500


def test_beep_after_weeks_of_silence():
    port = FakeSignals()
    driver = Signals(port)
    driver.beep("key")
    record(driver, port, 200)
    driver.beep("key")
    assert on_ms(record(driver, port, 200, (1 << 29) + 10_000)) == 25


def test_unknown_names_are_errors_of_the_caller():
    driver = Signals(FakeSignals())
    for call in (driver.set, driver.beep):
        try:
            call("nonsense")
        except KeyError:
            continue
        raise AssertionError("accepted")


def test_steps_at_the_times_it_asks_for_show_the_same():
    for pattern in signals._PATTERNS:
        often, port = Signals(FakeSignals()), FakeSignals()
        seldom = Signals(port)
        for driver in (often, seldom):
            driver.set(pattern)
            driver.beep("alarm")
        due = 0
        for now in range(0, 5_000, 5):
            often.step(now)
            if now >= due:
                seldom.step(now)
                due = now + max(5, seldom.idle_ms(now))
            assert port.lit == often._port.lit, (pattern, now)
            assert port.sounds == often._port.sounds, (pattern, now)
