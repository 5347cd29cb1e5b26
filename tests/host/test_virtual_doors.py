"""Modelled compartments: each lock profile, each fault, and the witness of openings."""

from __future__ import annotations

from random import Random

import pytest

from virtual.bench import Bench
from virtual.cabinet import Cabinet
from virtual.coil import Coil, CoilSpec
from virtual.compartment import FAULTS, PROFILES, Compartment, CompartmentSpec
from virtual.contact import Contact
from virtual.layout import Layout

PULSE_MS = 60.0


def make(profile: str = "rotary", pops: bool = True, seed: int = 1) -> Bench:
    return Bench(
        Layout((CompartmentSpec(1, "M", profile, pops), CompartmentSpec(2, "M", profile, pops))),
        seed,
    )


def fire(bench: Bench, door: int = 1, on_ms: float = PULSE_MS, settle_ms: float = 400.0) -> None:
    bench.pulses.fire(bench.now_ms, 1 << (door - 1), int(on_ms))
    bench.advance(bench.now_ms + on_ms + settle_ms)


def shut(bench: Bench, door: int = 1) -> None:
    bench.push(door)
    bench.advance(bench.now_ms + 700.0)


def wires(bench: Bench, door: int = 1) -> tuple[bool, bool]:
    """(reed says closed, latch says locked)."""
    bit = 1 << (door - 1)
    return bool(bench.cabinet.reeds(bench.now_ms) & bit), bool(
        bench.cabinet.latches(bench.now_ms) & bit
    )


def test_rotary_stays_free_until_the_door_is_shut() -> None:
    bench = make()
    assert wires(bench) == (True, True)
    fire(bench)
    assert wires(bench) == (False, False)
    assert bench.pull(1)
    bench.advance(bench.now_ms + 5000.0)
    assert wires(bench) == (False, False)
    shut(bench)
    assert wires(bench) == (True, True)
    ((opened_ms, door),) = bench.cabinet.openings()
    assert door == 1
    assert 15.0 < opened_ms < 40.0, "pull-in, travel of the bolt, first centimetre of the door"


def test_rotary_without_spring_waits_free_for_a_pull_or_a_push() -> None:
    bench = make(pops=False)
    fire(bench)
    assert wires(bench) == (True, False)
    assert bench.cabinet.openings() == []
    shut(bench)
    assert wires(bench) == (True, True)
    assert not bench.pull(1)


def test_slam_bolt_comes_out_while_the_door_is_open() -> None:
    bench = make("slam_bolt")
    fire(bench)
    assert wires(bench) == (False, True)
    bench.pull(1)
    bench.advance(bench.now_ms + 1000.0)
    bench.push(1, 500.0)
    bench.advance(bench.now_ms + 495.0)
    assert wires(bench)[1] is False, "the strike plate pushes the bolt in"
    bench.advance(bench.now_ms + 50.0)
    assert wires(bench) == (True, True)
    assert not bench.pull(1)


def test_slam_bolt_without_spring_is_locked_again_after_the_pulse() -> None:
    bench = make("slam_bolt", pops=False)
    fire(bench)
    assert wires(bench) == (True, True)
    assert not bench.pull(1)
    bench.pulses.fire(bench.now_ms, 1, 60)
    bench.advance(bench.now_ms + 30.0)
    assert bench.pull(1, 300.0), "within the pulse it gives"


def test_slam_bolt_catches_a_door_that_was_too_slow() -> None:
    bench = make("slam_bolt", pops=False)
    bench.pulses.fire(bench.now_ms, 1, 60)
    bench.advance(bench.now_ms + 55.0)
    assert bench.pull(1, 5000.0)
    bench.advance(bench.now_ms + 300.0)
    assert wires(bench) == (True, True)
    assert bench.cabinet.openings() == []


def test_profiles_with_one_contact() -> None:
    lock_only, door_only = make("lock_contact_only"), make("door_contact_only")
    assert wires(lock_only) == (False, True)
    assert wires(door_only) == (True, False)
    fire(lock_only)
    fire(door_only)
    assert wires(lock_only) == (False, False)
    assert wires(door_only) == (False, False)
    shut(door_only)
    assert wires(door_only) == (True, False)
    assert not door_only.pull(1)


def test_unknown_profile_and_fault_are_refused() -> None:
    with pytest.raises(ValueError, match="magnet"):
        CompartmentSpec(1, profile="magnet")
    with pytest.raises(ValueError, match="rust"):
        make().fault(1, "rust")
    with pytest.raises(ValueError, match="no door 9"):
        make().pull(9)


def test_jam_draws_current_and_frees_nothing() -> None:
    bench = make()
    bench.fault(1, "jam")
    fire(bench)
    assert wires(bench) == (True, True)
    assert bench.cabinet.pulses[0].peak_a > 1.0
    assert bench.cabinet.openings() == []
    bench.fault(1, "jam", False)
    fire(bench)
    assert [door for _, door in bench.cabinet.openings()] == [1]


def test_tight_bolt_gives_after_a_push() -> None:
    bench = make()
    bench.fault(1, "tight")
    fire(bench)
    assert wires(bench) == (True, True)
    shut(bench)
    fire(bench)
    assert wires(bench) == (False, False)


def test_jam_while_open_does_not_latch() -> None:
    bench = make()
    fire(bench)
    bench.fault(1, "jam")
    shut(bench)
    assert wires(bench) == (True, False)


def test_cut_coil_carries_nothing() -> None:
    bench = make()
    bench.fault(1, "coil_cut")
    fire(bench)
    assert bench.cabinet.pulses[0].peak_a == 0.0
    assert wires(bench) == (True, True)


def test_a_shorted_coil_draws_until_its_fuse_opens_and_frees_nothing() -> None:
    bench = make()
    bench.fault(1, "coil_short")
    bench.pulses.fire(bench.now_ms, 1, 60)
    began = bench.now_ms
    bench.advance(began + 5)
    assert bench.cabinet.current_flows(bench.now_ms)
    bench.advance(began + 30)
    assert not bench.cabinet.current_flows(bench.now_ms)
    bench.advance(began + 500)
    assert wires(bench) == (True, True)
    bench.fault(1, "coil_short", False)
    fire(bench)
    assert wires(bench) == (False, False)


def test_contact_faults() -> None:
    for fault, at_rest in (
        ("reed_stuck_off", (False, True)),
        ("reed_cut", (False, True)),
        ("latch_stuck_off", (True, False)),
        ("latch_cut", (True, False)),
    ):
        bench = make()
        bench.fault(1, fault)
        assert wires(bench) == at_rest, fault
        bench.fault(1, fault, False)
        assert wires(bench) == (True, True), fault
    for fault, open_reads in (("reed_stuck_on", (True, False)), ("latch_stuck_on", (False, True))):
        bench = make()
        bench.fault(1, fault)
        fire(bench)
        assert wires(bench) == open_reads, fault


def test_flapping_reed_changes_by_itself() -> None:
    bench = make()
    bench.fault(1, "reed_flapping")
    seen = []
    for _ in range(500):
        bench.advance(bench.now_ms + 10.0)
        seen.append(wires(bench)[0])
    changes = sum(a != b for a, b in zip(seen, seen[1:], strict=False))
    assert 10 < changes < 100


def test_every_fault_can_be_injected_and_repaired_in_every_profile() -> None:
    for profile in PROFILES:
        for fault in FAULTS:
            bench = make(profile)
            bench.fault(1, fault)
            fire(bench)
            bench.fault(1, fault, False)
            shut(bench)
            assert bench.door(1).bolt, (profile, fault)
            assert not bench.door(1).faults


def test_swapped_coils_open_the_other_door() -> None:
    bench = make()
    bench.swap_coils(1, 2)
    fire(bench, 1)
    assert [door for _, door in bench.cabinet.openings()] == [2]
    assert [pulse.door for pulse in bench.cabinet.pulses] == [2]


def test_forced_door_is_no_opening() -> None:
    bench = make()
    bench.force(1)
    bench.advance(1000.0)
    assert bench.cabinet.openings() == []
    assert [(m.door, m.powered) for m in bench.cabinet.movements] == [(1, False)]
    assert wires(bench)[0] is False


def test_opening_counts_once_and_needs_current_each_time() -> None:
    bench = make()
    fire(bench)
    bench.pull(1)
    bench.advance(bench.now_ms + 1000.0)
    shut(bench)
    bench.force(1)
    bench.advance(bench.now_ms + 1000.0)
    assert [door for _, door in bench.cabinet.openings()] == [1]
    assert len(bench.cabinet.movements) == 2


def test_coil_needs_the_series_enable() -> None:
    cabinet = Cabinet([CompartmentSpec(1)])
    cabinet.drive(0.0, 1, False)
    cabinet.advance(500.0)
    assert cabinet.pulses == []
    cabinet.drive(500.0, 1, True)
    cabinet.drive(560.0, 1, False)
    assert [(p.door, p.start_ms, p.end_ms) for p in cabinet.pulses] == [(1, 500.0, 560.0)]


def test_pulse_ends_by_itself_and_ignores_more() -> None:
    bench = make()
    assert bench.pulses.fire(0.0, 1, 60)
    assert not bench.pulses.fire(10.0, 2, 60)
    assert not bench.pulses.fire(100.0, 2, 201)
    assert not bench.pulses.fire(100.0, 0, 60)
    assert bench.pulses.refused == 3
    bench.advance(100_000.0)
    (pulse,) = bench.cabinet.pulses
    assert (pulse.start_ms, pulse.end_ms) == (0.0, 60.0)


def test_abort_ends_a_pulse_at_once() -> None:
    bench = make()
    bench.pulses.fire(0.0, 1, 60)
    bench.pulses.abort(4.0)
    bench.advance(500.0)
    assert bench.cabinet.pulses[0].end_ms == 4.0
    assert wires(bench) == (True, True), "too short to pull in"
    assert not bench.pulses.busy(500.0)


def test_result_does_not_depend_on_how_often_one_looks() -> None:
    def run(step_ms: float) -> tuple[object, ...]:
        bench = make(seed=7)
        bench.pulses.fire(0.0, 1, 60)
        while bench.now_ms < 500.0:
            bench.advance(min(bench.now_ms + step_ms, 500.0))
            wires(bench)
        bench.pull(1)
        while bench.now_ms < 1500.0:
            bench.advance(min(bench.now_ms + step_ms, 1500.0))
        return wires(bench), bench.cabinet.openings(), bench.cabinet.pulses

    assert run(0.25) == run(10.0) == run(500.0)


def test_contact_bounces_and_settles() -> None:
    edges = 0
    for seed in range(20):
        bench = make(seed=seed)
        bench.pulses.fire(0.0, 1, 60)
        seen = []
        for step in range(8000):
            bench.advance(step / 100)
            seen.append(wires(bench)[0])
        edges += sum(a != b for a, b in zip(seen, seen[1:], strict=False))
        assert seen[0] is True and seen[-1] is False
    assert edges > 40, "several edges on average"


def test_contact_unknown_fault() -> None:
    with pytest.raises(ValueError, match="melted"):
        Contact(True, Random(1)).break_down(0.0, "melted")


def test_coil_current_rises_with_l_over_r() -> None:
    coil = Coil()
    coil.switch(0.0, True)
    assert coil.current_a(4.0) == pytest.approx(1.5 * 0.632, rel=0.01)
    assert coil.current_a(100.0) == pytest.approx(1.5, rel=0.001)
    coil.switch(100.0, False)
    assert coil.current_a(104.0) == pytest.approx(1.5 * 0.368, rel=0.01)
    assert coil.pull_in_at() != coil.drop_out_at()


def test_coil_heat_adds_up_and_leaves() -> None:
    coil = Coil()
    now = 0.0
    for _ in range(100):
        coil.switch(now, True)
        coil.switch(now + 60.0, False)
        now += 600.0
    hot = coil.celsius(now)
    # 18 W at a tenth of the time for a minute: 108 J into 25 J/K, less what the rise of 12 ms
    # costs.
    assert 22.0 < hot < 25.0
    assert coil.celsius(now + 1_800_000.0) == pytest.approx(20.0, abs=0.1)


def test_held_coil_overheats() -> None:
    coil = Coil()
    coil.switch(0.0, True)
    assert coil.celsius(300_000.0) > 130.0


def test_weak_supply_never_pulls_in() -> None:
    coil = Coil(CoilSpec(supply_v=5.0))
    coil.switch(0.0, True)
    assert coil.pull_in_at() == float("inf")


def test_compartment_alone_needs_no_listener() -> None:
    compartment = Compartment(CompartmentSpec(1), seed=0)
    compartment.energise(0.0, True)
    compartment.advance(200.0)
    assert not compartment.held(200.0)
