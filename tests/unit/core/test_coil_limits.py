"""Boards that would overload the supply or blind the bank are refused with a reason."""

from locker.core import coil_limits

COILS = {"pulse_ms": 60, "at_once": 1}


class Checker:
    def __init__(self, chip="virtual"):
        self.chip = chip
        self.problems = []

    def refuse(self, key, why):
        self.problems.append(key + ": " + why)


def problems(chip="virtual", contacts=None, lock="rotary", **coils):
    checker = Checker(chip)
    config = {"coils": dict(COILS), "contacts": contacts or {}, "doors": [{"lock": lock}]}
    config["board"] = coils.pop("board", "virtual")
    config["coils"].update(coils)
    coil_limits.check(checker, config)
    return checker.problems


def test_one_coil_needs_no_figures():
    assert problems() == [] and problems("rp2040") == []


def test_the_supply_carries_the_coils_and_a_quarter_more():
    assert problems(coil_ma=800, supply_ma=1000) == []
    assert problems(coil_ma=801, supply_ma=1000) == ["coils.supply_ma: must be at least 1002"]
    assert problems(at_once=2, coil_ma=800, supply_ma=2000) == []
    assert problems(at_once=3, coil_ma=800, supply_ma=2000) == [
        "coils.supply_ma: must be at least 3000"
    ]


def test_several_coils_at_once_need_figures_and_hardware():
    assert "unless coil_ma" in problems(at_once=2)[0]
    assert "fires one coil" in problems("rp2040", at_once=2, coil_ma=100, supply_ma=1000)[0]
    assert "go together" in problems(coil_ma=100)[0]
    assert "go together" in problems(supply_ma=1000)[0]


def test_the_latch_of_a_slam_bolt_must_settle_within_the_pulse():
    assert problems(lock="slam_bolt") == []
    assert problems(lock="slam_bolt", contacts={"latch_ms": 40}) == []
    assert "at most 40" in problems(lock="slam_bolt", contacts={"latch_ms": 41})[0]
    assert problems(lock="rotary", contacts={"latch_ms": 100}) == []


def test_a_feedback_input_needs_a_board_that_reads_it():
    assert problems("rp2040", board="pico_w_24", feedback=7) == []
    assert "no free pin" in problems("rp2040", board="pico_w", feedback=7)[0]


def test_more_supply_than_needed_is_good():
    assert problems(coil_ma=800, supply_ma=60_000) == []


def test_several_coils_at_once_need_both_figures():
    assert "unless coil_ma" in problems(at_once=2, coil_ma=100)[0]
    assert "unless coil_ma" in problems(at_once=2, supply_ma=1000)[0]


def test_a_latch_settles_in_20_ms_unless_the_board_says_otherwise():
    assert problems(lock="slam_bolt", pulse_ms=40) == []
    assert "at most 19" in problems(lock="slam_bolt", pulse_ms=39)[0]
