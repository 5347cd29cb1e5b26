"""Debounce and flapping, as masks."""

from locker.core.contacts import Contacts


def test_nothing_is_known_before_it_has_settled():
    c = Contacts(2, 100)
    assert c.update(0b01, 0) == 0 and c.known == 0
    assert c.update(0b01, 90) == 0
    assert c.update(0b01, 100) == 0b11
    assert (c.known, c.steady) == (0b11, 0b01)


def test_bounce_is_not_a_change():
    c = Contacts(1, 50)
    c.update(1, 0)
    c.update(1, 50)
    for now, raw in ((60, 0), (64, 1), (68, 0), (72, 1)):
        assert c.update(raw, now) == 0
        assert not c.is_quiet(1)
    assert c.update(1, 130) == 0 and c.steady == 1 and c.is_quiet(1)


def test_a_held_level_is_a_change_once():
    c = Contacts(1, 50)
    c.update(1, 0)
    c.update(1, 50)
    c.update(0, 60)
    assert [c.update(0, now) for now in (100, 110, 120)] == [0, 1, 0]


def test_flapping_is_unknown_until_it_has_been_quiet_as_long():
    c = Contacts(1, 20, flap_limit=4, flap_window_ms=1000)
    c.update(1, 0)
    c.update(1, 20)
    now, level = 30, 1
    while c.known:
        level ^= 1
        c.update(level, now)
        now += 100
    assert c.is_flapping(1) and now < 700
    quiet_from = now
    while not c.known:
        c.update(level, now)
        now += 10
    assert 900 <= now - quiet_from <= 1100 and not c.is_flapping(1)


def test_slow_honest_changes_never_flap():
    c = Contacts(1, 20)
    now = 0
    for i in range(200):
        for _ in range(50):
            c.update(i & 1, now)
            now += 10
        assert c.known == 1 and c.steady == i & 1


def test_times_wrap():
    c = Contacts(1, 100)
    start = (1 << 30) - 40
    c.update(1, start)
    assert c.update(1, 50) == 0
    assert c.update(1, 60) == 1


def test_a_contact_that_starts_to_flap_is_told_at_once():
    c = Contacts(2, 20, flap_limit=4, flap_window_ms=1000)
    c.update(0b11, 0)
    c.update(0b11, 20)
    told = [c.update(0b10 | (now // 10 & 1 ^ 1), now) for now in range(30, 100, 10)]
    assert told == [0, 0, 0, 0, 0b01, 0, 0] and c.known == 0b10


def test_each_input_settles_at_its_own_time():
    c = Contacts(3, 100)
    c.update(0, 0)
    c.update(0, 100)
    samples = ((200, 0b001), (230, 0b011), (260, 0b111))
    assert [c.update(raw, now) for now, raw in samples] == [0, 0, 0]
    assert [c.update(0b111, now) for now in (299, 300, 329, 330, 360)] == [0, 1, 0, 2, 4]


def settled(raw=0b11):
    c = Contacts(2, 100)
    c.update(raw, 0)
    c.update(raw, 100)
    return c


def test_what_cannot_be_read_is_unknown_and_not_quiet():
    c = settled()
    assert c.blind(0b10, 110) == 0b10
    assert (c.known, c.steady) == (0b01, 0b11)
    assert c.is_quiet(0b01) and not c.is_quiet(0b10)
    assert c.blind(0b10, 120) == 0
    assert [c.update(0b11, now) for now in range(130, 500, 10)] == [0] * 37


def test_what_can_be_read_again_must_settle_again():
    c = settled()
    c.blind(0b10, 110)
    c.update(0b11, 500)
    assert c.blind(0, 500) == 0
    assert [c.update(0b11, now) for now in (510, 590, 600, 610)] == [0, 0, 0b10, 0]
    assert c.known == 0b11 and c.is_quiet(0b10)


def test_another_level_after_the_dark_is_told_once():
    c = settled()
    c.blind(0b10, 110)
    c.update(0b01, 500)
    c.blind(0, 500)
    assert [c.update(0b01, now) for now in (510, 600, 610)] == [0, 0b10, 0]
    assert (c.known, c.steady) == (0b11, 0b01)


def test_flapping_that_ends_in_the_dark_does_not_make_known():
    c = Contacts(1, 20, flap_limit=2, flap_window_ms=300)
    for now, raw in ((0, 1), (20, 1), (30, 0), (40, 1), (50, 0), (60, 1)):
        c.update(raw, now)
    assert c.is_flapping(1)
    c.blind(1, 70)
    for now in range(80, 1000, 10):
        c.update(1, now)
    assert not c.is_flapping(1) and not c.known


def test_levels_and_knowledge_start_empty():
    c = Contacts(2, 100)
    assert (c.steady, c.known) == (0, 0)


def test_a_level_settles_at_the_very_millisecond():
    c = settled()
    c.update(0b10, 200)
    assert [c.update(0b10, now) for now in (298, 299, 300)] == [0, 0, 1]


def test_twelve_edges_are_bounce_and_the_thirteenth_flaps():
    c = settled(0b11)
    level = 1
    for edge in range(13):
        assert not c.is_flapping(1), edge
        level ^= 1
        c.update(0b10 | level, 3_950 + edge * 10)
    assert c.is_flapping(1)


def test_a_flap_window_lasts_four_seconds_to_the_millisecond():
    for later, flaps in ((3_999, True), (4_000, False)):
        c = settled(0b11)
        level = 1
        for edge in range(12):
            level ^= 1
            c.update(0b10 | level, 1_000 + edge * 10)
        c.update(0b10 | level, 1_000 + later)
        c.update(0b10 | level ^ 1, 1_000 + later)
        assert c.is_flapping(1) == flaps


def test_the_first_input_must_settle_again_after_the_dark():
    c = settled()
    c.blind(0b01, 110)
    c.blind(0, 500)
    assert [c.update(0b11, now) for now in (510, 590, 600)] == [0, 0, 0b01]


def test_the_dark_of_one_input_does_not_hold_up_another():
    c = settled()
    c.update(0b10, 200)
    c.blind(0b10, 250)
    assert [c.update(0b10, now) for now in (299, 300)] == [0, 0b01]


def test_a_contact_that_flaps_is_not_quiet_when_it_rests():
    c = Contacts(1, 20, flap_limit=2, flap_window_ms=1000)
    for now, raw in ((0, 1), (20, 1), (30, 0), (40, 1), (50, 0)):
        c.update(raw, now)
    c.update(0, 200)
    assert c.is_flapping(1) and not c.is_quiet(1)
