"""Events on the host: what they are on the wire, the log with its gaps, the collector."""

import sqlite3
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lockerctl_parts import demo_station, door_payload, event, record, told, wait_until

from locker.core import clock, records, wire
from lockerctl import broker
from lockerctl.collector import Collector, collecting
from lockerctl.errors import Exit, ToolError
from lockerctl.event_log import EventLog
from lockerctl.events import parse
from lockerctl.mqtt import Message, connect


@pytest.fixture
def log(tmp_path):
    with EventLog(tmp_path / "sub" / "events.sqlite3") as log:
        yield log


def held(path):
    with EventLog(path) as log:
        return log.held("demo")


def numbers(log):
    return [e.seq for e in log.events("demo")]


def test_what_is_added_is_read_again(log):
    found = event(1, note=b"ann".ljust(20, b"\0"), fault=29, tenancy=4, value=7)
    log.add("demo", [found])
    log.add("other", [event(2)])
    assert log.events("demo") == [found]
    assert log.held("nobody") is None


def test_the_file_is_for_the_owner_only(log, tmp_path):
    assert stat.S_IMODE((tmp_path / "sub" / "events.sqlite3").stat().st_mode) == 0o600


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 12), max_size=30), st.integers(1, 4))
def test_any_order_ends_in_the_same_holdings(tmp_path_factory, order, batch):
    path = tmp_path_factory.mktemp("log") / "e.sqlite3"
    arrivals = [1, *order]  # a collector counts from the first record it hears
    with EventLog(path) as log:
        duplicates = 0
        for start in range(0, len(arrivals), batch):
            added = log.add("demo", [event(seq) for seq in arrivals[start : start + batch]])
            duplicates += added.duplicates
        here = set(arrivals)
        held = next(n for n in range(1, 14) if n + 1 not in here)
        assert numbers(log) == sorted(here)
        assert log.held("demo") == held
        assert duplicates == len(arrivals) - len(here)
        missing = {n for first, last in added.gaps for n in range(first, last + 1)}
        assert missing == set(range(held + 1, max(here))) - here


def test_what_the_station_declares_lost_is_no_gap_any_more(log):
    log.add("demo", [event(1), event(2)])
    assert log.add("demo", [event(70), event(71)]).gaps == [(3, 69)]
    added = log.add("demo", [event(72, kind=records.LOST, tenancy=3, value=69)])
    assert (added.held, added.gaps) == (72, [])


def test_records_kept_inside_of_a_lost_range_are_no_gaps(log):
    log.add("demo", [event(1), event(2), event(20), event(40), event(70)])
    added = log.add("demo", [event(71, kind=records.LOST, tenancy=3, value=69)])
    assert (added.held, added.gaps) == (71, [])


def test_a_count_of_records_without_numbers_closes_no_gap(log):
    log.add("demo", [event(1), event(5)])
    added = log.add("demo", [event(6, kind=records.LOST, tenancy=0, value=9)])
    assert (added.held, added.gaps) == (1, [(2, 4)])


# --- the end of the journal, as the station tells it ---


def hb(boot, seq, tag="ab" * 16, leaf="hb"):
    return told(leaf, wire.encode({"b": boot, "q": seq, "tag": tag}))


def kinds(taken):
    return [finding.kind for finding in taken.findings]


def test_a_journal_that_only_grows_gives_no_finding(log):
    collector = Collector(demo_station(), log)
    first = record(1)
    batch = [told("evt", wire.event(first)), hb(1, 1, first.tag.hex()), hb(1, 1, first.tag.hex())]
    assert kinds(collector.take(batch)) == []
    assert kinds(collector.take([hb(1, 7), hb(2, 7), hb(2, 9)])) == []
    assert log.findings("demo") == []


def test_a_cut_tail_is_named_once_and_kept(log):
    collector = Collector(demo_station(), log)
    collector.take([hb(4, 50)])
    taken = collector.take([hb(5, 45, leaf="state"), hb(5, 45)])
    assert kinds(taken) == ["journal_tail_cut"]
    assert "46..50" in taken.findings[0].text
    assert kinds(collector.take([hb(5, 46)])) == []
    assert log.findings("demo") == list(taken.findings)


def test_events_heard_just_before_count_as_told(log):
    collector = Collector(demo_station(), log)
    taken = collector.take([told("evt", wire.event(record(9))), hb(2, 8)])
    assert kinds(taken) == ["journal_tail_cut"]


def test_another_record_under_a_known_number_is_named(log):
    collector = Collector(demo_station(), log)
    collector.take([told("evt", wire.event(record(9)))])
    assert kinds(collector.take([hb(1, 9, "cd" * 16)])) == ["journal_rewritten"]


def test_an_old_flash_put_back_is_named(log):
    collector = Collector(demo_station(), log)
    collector.take([hb(12, 300)])
    assert kinds(collector.take([hb(9, 310)])) == ["memory_rolled_back"]


def test_what_is_retained_or_no_head_says_nothing(log):
    collector = Collector(demo_station(), log)
    collector.take([hb(4, 50)])
    old = Message(wire.topic("demo", "state"), hb(5, 45).payload, True)
    odd = [hb(5, -1), hb(5, 1, "xyz"), hb(True, 1), told("hb", b"{}"), told("state", b"[]")]
    assert kinds(collector.take([old, *odd])) == []


def test_what_the_station_could_not_write_is_kept_once(log):
    collector = Collector(demo_station(), log)
    message = told("unj", wire.event(record(0)))
    assert len(collector.take([message, message]).unjournalled) == 1
    assert collector.take([message]).unjournalled == ()
    assert log.events("demo") == [], "it is no record of the journal"


def test_numbers_used_again_after_a_damaged_journal_are_kept_and_told(log):
    log.add("demo", [event(n, boot=1) for n in (1, 2, 3, 4)])
    added = log.add("demo", [event(3, boot=2)])
    assert (added.reused, added.held) == ([3], 3)
    assert log.add("demo", [event(4, boot=2), event(5, boot=2)]).held == 5
    assert [e.id for e in log.events("demo")] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 3),
        (2, 4),
        (2, 5),
    ]


def test_earlier_records_that_come_late_take_nothing_back(log):
    log.add("demo", [event(10)])
    added = log.add("demo", [event(8), event(9)])
    assert (added.reused, added.held) == ([], 10)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    path = tmp_path / "events.sqlite3"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(ToolError) as refused:
        EventLog(path)
    assert refused.value.code == Exit.DAMAGED
    assert path.read_bytes() == b"not a database at all" * 100


def test_a_database_of_the_future_is_refused(tmp_path):
    path = tmp_path / "events.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 4")
    with pytest.raises(ToolError, match="newer"):
        EventLog(path)


def test_a_collector_that_was_away_gets_what_came_meanwhile(tmp_path):
    with broker.running() as running:
        station = demo_station((running.host, running.port))
        topic = wire.topic("demo", "evt")
        path = tmp_path / "events.sqlite3"
        with connect(running.host, running.port) as session:
            with collecting(station, path):
                session.publish(topic, wire.event(record(1)))
                assert wait_until(lambda: held(path) == 1)
            session.publish(topic, wire.event(record(2)))
            with collecting(station, path):
                assert wait_until(lambda: held(path) == 2)


@pytest.mark.parametrize("leaf", ["door/" + "9" * 5000, "door/x", "door/", "door/25", "hb/1"])
def test_a_collector_passes_over_what_is_no_door(log, leaf):
    collector = Collector(demo_station(), log)
    taken = collector.take([told(leaf, door_payload(tn=4)), told("evt", b"nonsense")])
    assert (taken.added, taken.malformed, taken.ack) == (None, 1, None)


def test_an_event_survives_the_wire():
    found = event(7, boot=3, time_s=5, value=65_535)
    assert (found.time_s, found.kind, found.value) == (clock.EPOCH + 5, "door", 65_535)


@given(st.binary(max_size=60))
def test_foreign_payloads_are_no_events(payload):
    assert parse(payload) is None


@pytest.mark.parametrize(
    "change",
    [
        (b'"v": 1', b'"v": 2'),
        (b'"q": 7', b'"q": true'),
        (b'"q": 7', b'"q": -1'),
        (b'"note": ""', b'"note": "\\u001b[2J"'),
    ],
)
def test_a_wrong_field_makes_no_event(change):
    payload = wire.event(record(7))
    assert parse(payload) is not None
    assert parse(payload.replace(*change)) is None
