"""The talk with the person: keys in, requests and screens out."""

from locker.core import doors, faults, messages, session
from locker.core.session import Session


def typed(s, keys, now=0):
    for key in keys:
        s.key(key, now)


def test_an_entry_carries_its_digits_and_the_time_of_its_first_key():
    s = Session("demo")
    for i, key in enumerate("123#"):
        s.key(key, 1000 + i)
    assert s.take_request() == (session.ENTRY, "123", 1000)
    assert s.state == session.CHECKING and s.screen[0] == messages.CHECKING


def test_star_clears_and_an_empty_entry_asks_nothing():
    s = Session("demo")
    typed(s, "12*#")
    assert s.state == session.IDLE and not s.has_request
    typed(s, "9" * 40 + "#")
    assert s.take_request()[1] == "9" * 20, "too many: no longer the longest entry"


def test_a_station_that_starts_takes_no_keys():
    s = Session("demo")
    s.close()
    typed(s, "12#")
    s.set_idle_text("demo E47")
    assert s.screen == (messages.STARTING, {}) and s.beeps == [] and not s.has_request
    s.open()
    assert s.screen == (messages.IDLE, {"t": "demo E47"})
    typed(s, "12#")
    s.open()
    assert s.state == session.CHECKING


def test_a_digit_after_a_refusal_begins_a_new_entry():
    s = Session("demo")
    typed(s, "12#")
    s.take_request()
    s.show_refusal(faults.WRONG_CODE, 0)
    typed(s, "34#")
    assert s.take_request()[1] == "34"


def test_refusals_name_what_to_do():
    for fault, message in (
        (faults.TYPO, messages.REFUSED),
        (faults.WAIT, messages.WAIT),
        (faults.NO_FREE_DOOR, messages.FULL),
    ):
        s = Session("demo")
        wait_ms = 1500 if fault == faults.WAIT else 0
        s.show_refusal(fault, 0, wait_ms=wait_ms)
        assert s.screen == (message, {"e": fault, "d": 0, "s": (wait_ms + 999) // 1000, "t": ""})
        assert s.beeps == ["refused"]


def test_a_notice_ends_by_itself():
    s = Session("demo")
    s.show_refusal(faults.WRONG_CODE, 0)
    s.tick(7_900)
    assert s.state == session.NOTICE
    s.tick(8_000)
    assert s.state == session.IDLE


def test_pickup_follows_the_door_to_the_end():
    s = Session("demo")
    s.attend(3, False, 0)
    steps = (
        (doors.RELEASING, messages.OPENING),
        (doors.RELEASED, messages.PULL),
        (doors.OPEN, messages.TAKE),
        (doors.RELOCKING, messages.PUSH),
    )
    for state, message in steps:
        s.door_changed(3, state, 0, False, 0)
        assert s.screen[0] == message
    s.door_changed(2, doors.OPEN, 0, True, 0)
    assert s.screen[0] == messages.PUSH, "another door is not this person's"
    s.door_changed(3, doors.SECURED, 0, True, 0)
    assert s.screen[0] == messages.THANKS


def test_a_door_that_was_not_opened_offers_another_try():
    s = Session("demo")
    s.attend(3, False, 0)
    s.door_changed(3, doors.SECURED, faults.NOT_PULLED, False, 0)
    assert s.screen[0] == messages.AGAIN
    typed(s, "#")
    assert s.take_request() == (session.AGAIN, 3, 0)
    s.attend(3, False, 0)
    s.door_changed(3, doors.SECURED, faults.JAMMED, False, 0)
    assert s.screen[0] == messages.STUCK
    typed(s, "4")
    assert s.state == session.TYPING, "or somebody else's code"


def asked_whether_the_parcel_is_in():
    s = Session("demo")
    s.attend(5, True, 0)
    s.door_changed(5, doors.SECURED, 0, True, 0)
    assert s.screen[0] == messages.CONFIRM
    return s


def test_a_courier_is_asked_whether_the_parcel_is_in():
    s = Session("demo")
    s.ask_size(0)
    typed(s, "2")
    assert s.take_request() == (session.DEPOSIT, 1, 0)
    s = asked_whether_the_parcel_is_in()
    typed(s, "7#*1")
    assert s.screen[0] == messages.CONFIRM and s.screen[1]["t"] == "1" and not s.has_request
    typed(s, "#")
    assert s.take_request() == (session.STORED, 5, 0)


def test_nothing_inside_is_believed_with_the_door_s_number():
    for key, request in (("2", session.WRONG_SIZE), ("3", session.CANCELLED)):
        s = asked_whether_the_parcel_is_in()
        typed(s, key + "#")
        assert s.screen == (messages.EMPTY, {"d": 5}) and not s.has_request
        typed(s, "05")
        assert s.screen == (messages.EMPTY, {"d": 5, "t": "05"}) and not s.has_request
        typed(s, "#")
        assert s.take_request() == (request, 5, 0) and not s.has_request


def test_nothing_but_the_door_s_number_empties_a_compartment():
    for keys in ("3#", "#", "5#", "1#", "15#", "50#", "05*#", "0#5#", "*3#2#", "*05#"):
        s = asked_whether_the_parcel_is_in()
        typed(s, "3#" + keys)
        assert not s.has_request and s.state == session.CONFIRM, keys
    typed(s, "2#07482193563#")
    assert s.take_request() == (session.STORED, 5, 0)
    assert s.take_request()[:2] == (session.ENTRY, "07482193563")


def test_a_second_question_without_an_answer_counts_as_parcel_in():
    s = asked_whether_the_parcel_is_in()
    typed(s, "3#0")
    s.tick(91_000)
    assert s.screen[0] == messages.STILL_THERE
    typed(s, "#", 91_000)
    assert s.screen[0] == messages.CONFIRM, "asked from the start"
    typed(s, "3#", 91_000)
    s.tick(91_000 + 120_000)
    assert s.take_request() == (session.STORED, 5, 0)


def shut_after_a_pickup():
    s = Session("demo")
    s.attend(3, False, 0)
    s.door_changed(3, doors.SECURED, 0, True, 0)
    assert s.screen[0] == messages.THANKS
    return s


def test_a_door_just_shut_opens_once_more_for_its_number():
    s = shut_after_a_pickup()
    typed(s, "#03#")
    assert s.take_request() == (session.REOPEN, 3, 0) and not s.has_request


def test_no_other_keys_and_nobody_later_opens_it():
    for keys in ("#", "3#", "30#", "003#", "0*03#", "*03#", "5#03#"):
        s = shut_after_a_pickup()
        typed(s, keys)
        while s.has_request:
            kind, value, _ = s.take_request()
            assert (kind, value) != (session.REOPEN, 3), keys
            s.show_refusal(faults.TYPO, 0)
    for last in (59_000, 61_000):
        s = shut_after_a_pickup()
        s.tick(last)
        typed(s, "03#", last)
        assert (s.take_request()[0] == session.REOPEN) == (last < 60_000)


def test_the_next_person_does_not_answer_for_a_courier_who_has_gone():
    s = Session("demo")
    s.attend(5, True, 0)
    s.door_changed(5, doors.SECURED, 0, True, 0)
    typed(s, "07482193563#")
    assert s.take_request() == (session.STORED, 5, 0)
    assert s.take_request()[:2] == (session.ENTRY, "07482193563")


def test_no_answer_counts_as_parcel_in_after_a_warning():
    s = Session("demo")
    s.attend(5, True, 0)
    s.door_changed(5, doors.SECURED, 0, True, 0)
    s.tick(91_000)
    assert s.screen[0] == messages.STILL_THERE
    s.key("3", 92_000)
    assert s.screen[0] == messages.CONFIRM and not s.has_request, (
        "the waking key does nothing else"
    )
    s.tick(92_000 + 120_000)
    assert s.take_request()[0] == session.STORED


def test_one_choice_of_size_asks_for_one_door():
    s = Session("demo")
    s.ask_size(0)
    typed(s, "12#3")
    assert s.take_request()[0] == session.DEPOSIT and not s.has_request


def test_a_desk_that_never_answers_does_not_hold_the_keypad():
    s = Session("demo")
    typed(s, "1234#")
    s.tick(9_000)
    assert s.state == session.CHECKING
    s.tick(10_000)
    assert s.screen == (messages.REFUSED, {"e": faults.TASK_FAILED, "d": 0, "s": 0, "t": ""})
    assert not s.has_request


def test_the_next_person_can_type_while_a_recipient_leaves_the_door_open():
    s = Session("demo")
    s.attend(3, False, 0)
    s.door_changed(3, doors.OPEN, 0, False, 0)
    typed(s, "05#")
    assert s.take_request()[1] == "05"


def test_keys_that_mean_nothing_do_not_prolong_a_courier_s_turn():
    s = Session("demo")
    s.attend(3, True, 0)
    s.door_changed(3, doors.OPEN, 0, False, 0)
    for now in range(0, 130_000, 10_000):
        s.key("5", now)
        s.tick(now)
    assert s.state != session.DOOR


def test_after_a_jam_somebody_else_s_code_is_not_taken_for_another_try():
    for storing in (False, True):
        s = Session("demo")
        s.attend(1, storing, 0)
        s.door_changed(1, doors.SECURED, faults.JAMMED, False, 0)
        typed(s, "0312345678#")
        assert s.take_request()[:2] == (session.ENTRY, "0312345678")


def test_no_key_at_any_state_raises():
    setups = (
        lambda s: None,
        lambda s: typed(s, "1"),
        lambda s: typed(s, "1#"),
        lambda s: s.ask_size(0),
        lambda s: s.attend(1, True, 0),
        lambda s: (s.attend(1, False, 0), s.door_changed(1, doors.SECURED, 22, False, 0)),
        lambda s: (s.attend(1, True, 0), s.door_changed(1, doors.SECURED, 0, True, 0)),
        lambda s: s.show_receipt("07-4821", 0),
        lambda s: s.show_refusal(faults.WAIT, 0, wait_ms=30_000),
    )
    for setup in setups:
        for first in "0123456789*#?":
            for second in "1*#?":
                s = Session("demo")
                setup(s)
                typed(s, first + second)
                s.tick(500_000)
                message, values = s.screen
                assert message <= messages.HELP_CLOCK
                assert messages.lines(b"{d} {e} {s} {t}", **values)


def test_star_goes_round_the_languages_and_idleness_brings_the_station_s_back():
    s = Session("demo")
    s.home = s.language = 1
    seen = []
    for now in range(5):
        seen.append(s.language)
        s.key("*", now)
    assert seen == [1, 2, 3, 0, 1]
    assert s.language == 2 and s.state == session.IDLE
    typed(s, "12*", 50_000)
    assert s.language == 2, "clearing an entry is no choice of language"
    s.tick(109_000)
    assert s.language == 2
    s.tick(110_000)
    assert s.language == 1


def test_a_language_stays_for_the_whole_errand():
    s = Session("demo")
    typed(s, "*")
    s.attend(3, False, 0)
    s.tick(119_000)
    assert s.language == 1
    typed(s, "5*", 119_000)
    assert s.tick(119_100) <= 60_000 and s.language == 1


def test_a_wait_is_counted_down_and_is_long_enough_to_be_read():
    s = Session("demo")
    s.support = "0800 555"
    s.show_refusal(faults.WAIT, 0, wait_ms=12_300)
    seen = []
    now = 0
    while s.state == session.NOTICE:
        seen.append(s.screen[1]["s"])
        assert s.screen[0] == messages.WAIT
        now += max(1, s.tick(now))
        s.tick(now)
    assert seen == list(range(13, 0, -1)) and now == 12_300
    s.show_refusal(faults.WAIT, 0, wait_ms=1_000)
    s.tick(7_900)
    assert s.screen[0] == messages.WAIT and s.screen[1]["s"] == 0


def test_help_takes_the_number_of_the_idle_screen_and_ends_by_itself():
    s = Session("demo")
    s.support = "0800 555"
    s.set_idle_text("demo", faults.NETWORK_DOWN)
    s.key("?", 0)
    assert s.screen == (
        messages.HELP,
        {"e": faults.NETWORK_DOWN, "d": 0, "s": 0, "t": "0800 555"},
    )
    s.tick(30_000)
    assert s.state == session.IDLE and s.screen[0] == messages.IDLE


def test_help_about_a_refusal_and_the_next_code_begins_at_once():
    s = Session("demo")
    s.show_refusal(faults.WRONG_CODE, 0)
    s.key("?", 0)
    assert s.screen[0] == messages.HELP and s.screen[1]["e"] == faults.WRONG_CODE
    typed(s, "34#")
    assert s.take_request()[1] == "34"


def test_help_in_the_middle_of_something_loses_nothing():
    def at_a_stuck_door(s):
        s.attend(3, False, 0)
        s.door_changed(3, doors.SECURED, faults.JAMMED, False, 0)

    for setup, wanted in (
        (lambda s: typed(s, "123"), messages.TYPING),
        (lambda s: s.ask_size(0), messages.SIZE),
        (lambda s: s.show_receipt("07-4821", 0), messages.RECEIPT),
        (at_a_stuck_door, messages.STUCK),
    ):
        s = Session("demo")
        setup(s)
        before = s.screen
        assert before[0] == wanted
        s.key("?", 0)
        assert s.screen[0] == messages.HELP
        s.key("?", 0)
        assert s.screen is before
    s = Session("demo")
    typed(s, "12?3#")
    assert s.take_request()[1] == "123"
    s = Session("demo")
    at_a_stuck_door(s)
    typed(s, "?#")
    assert not s.has_request, "the key that ends help does nothing else"
    typed(s, "#")
    assert s.take_request()[0] == session.AGAIN


def test_half_an_entry_is_warned_about_and_not_lost():
    s = Session("demo")
    typed(s, "123")
    s.tick(90_000)
    assert s.screen[0] == messages.STILL_THERE
    s.key("7", 91_000)
    assert s.screen == (messages.TYPING, {"t": "123"})
    s.tick(91_000 + 119_000)
    typed(s, "4", 210_000)
    s.tick(210_000 + 120_000)
    assert s.state == session.IDLE


def test_a_full_station_says_so():
    s = Session("demo")
    s.show_full(0)
    assert s.screen[0] == messages.ALL_FULL and s.state == session.NOTICE
    assert s.screen[1]["e"] == faults.NO_FREE_DOOR
