"""Presence, and what the watch shows of doors, events and the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lockerctl_parts import door_payload, event, told

from locker.core import records, wire
from lockerctl import watch_view
from lockerctl.presence import Presence, Verdict, Watch, verdict_of

leaves = st.sampled_from(
    ["state", "hb", "evt", "door/1", "door/x", "door/", "door/" + "9" * 5000, "rsp", ""]
)


@pytest.fixture
def watch():
    return Watch("demo", {1: "S", 2: "M"}, heartbeat_s=60)


def test_a_retained_up_is_not_presence(watch):
    watch.take(told("state", wire.state(True, 3, "x"), retained=True), 0)
    watch.take(told("door/1", door_payload(), retained=True), 0)
    assert watch.presence(0) is Presence.UNKNOWN
    assert watch.rows(0)[0].verdict is Verdict.STALE
    assert watch.rows(0)[1].verdict is Verdict.UNKNOWN


def test_a_heartbeat_is_and_its_age_ends_it(watch):
    watch.take(told("hb", b"{}"), 10)
    watch.take(told("door/1", door_payload()), 10)
    assert watch.presence(160) is Presence.ONLINE
    assert watch.rows(160)[0].verdict is Verdict.LOCKED
    assert watch.presence(161) is Presence.SILENT
    assert watch.rows(161)[0].verdict is Verdict.STALE


def test_the_will_of_an_earlier_boot_is_ignored(watch):
    watch.take(told("state", wire.state(True, 3, "x")), 0)
    watch.take(told("state", wire.state(False, 2, "x")), 1)
    assert watch.presence(1) is Presence.ONLINE
    watch.take(told("state", wire.state(False, 3, "x")), 2)
    assert watch.presence(2) is Presence.OFFLINE
    watch.take(told("hb", b"{}"), 3)
    assert watch.presence(3) is Presence.ONLINE


def test_our_own_commands_are_no_sign_of_life(watch):
    watch.take(told("cmd", b"{}"), 0)
    watch.take(told("ack", b"{}"), 0)
    assert watch.presence(0) is Presence.UNKNOWN


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, Verdict.UNKNOWN),
        ({"door": "closed", "lock": "locked"}, Verdict.LOCKED),
        ({"door": "open", "lock": "unlocked"}, Verdict.OPEN),
        ({"door": "open", "lock": "locked"}, Verdict.OPEN),
        ({"door": "closed", "lock": "unlocked"}, Verdict.AJAR),
        ({"door": "closed", "lock": "unlocked", "st": "released"}, Verdict.RELEASED),
        ({"door": "fault", "lock": "fault"}, Verdict.FAULT),
        ({"door": "unknown", "lock": "unknown"}, Verdict.UNKNOWN),
        ({"door": "closed", "lock": "locked", "mode": "blocked"}, Verdict.BLOCKED),
        ({"door": "closed", "lock": "locked", "mode": "out_of_service"}, Verdict.OUT_OF_SERVICE),
    ],
)
def test_each_door_has_one_word(fields, verdict):
    assert verdict_of(fields) is verdict


@given(leaves, st.binary(max_size=40), st.booleans())
def test_nonsense_from_the_network_never_raises(leaf, payload, retained):
    watch = Watch("demo", {1: "S"}, 60)
    watch.take(told(leaf, payload, retained), 0)
    watch_view.render("demo", watch, True, 1)
    assert watch.rows(1)[0].verdict is Verdict.UNKNOWN


def test_words_differ_without_colour():
    signs = {verdict: watch_view._SIGNS[verdict][0] + verdict.value for verdict in Verdict}
    assert len(set(signs.values())) == len(Verdict)


def test_an_event_line_names_fault_and_actor():
    line = watch_view.event_line(event(1, kind=records.REFUSED, fault=11, actor=records.RECIPIENT))
    assert "door 3  refused  E11 wrong_code  (recipient)" in line


def test_the_clock_is_told_and_how_far_off_a_refused_code_was():
    vitals = {"c": "holdover", "u": 42, "off": -3, "ppm": 1.25}
    assert watch_view.clock_text(vitals) == "  clock holdover +-42 s, chip -3 s, +1.25 ppm"
    assert watch_view.clock_text(vitals | {"degc": -7.25}).endswith("+1.25 ppm, -7.2 C")
    assert watch_view.clock_text(vitals | {"c": "unsynced"}) == "  clock unsynced"
    assert watch_view.clock_text(vitals | {"degc": "\x1b[2J"}).endswith("+1.25 ppm")
    for strange in ({}, {"c": 5}, {"c": "\x1b[2J"}):
        assert watch_view.clock_text(strange) == ""
    assert watch_view.clock_text(vitals | {"u": "x"}) == "  clock holdover"
    miss = event(1, kind=records.REFUSED, door=2, reason=91, fault=86, value=40)
    told = "E86 near_miss  E91 code_early  (steps off: 40)"
    assert watch_view.event_line(miss).endswith(told)
    miss = event(1, kind=records.REFUSED, door=2, reason=94, fault=86, value=3)
    assert watch_view.event_line(miss).endswith("E94 code_of_other_door  (door 3)")
