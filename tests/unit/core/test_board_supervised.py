"""Supervised inputs of a board.json: pins with a converter, and levels that can be told apart."""

import json

from locker.core import board

TAMPER = {"pin": 26, "rest_mv": 1031, "active_mv": 1571, "band_mv": 60}


def expanded(**changed):
    """The board with 24 doors, its lamps and beeper moved off the converter's pins."""
    with open("boards/pico_w_24/board.json") as file:
        config = json.load(file)
    config["signals"] = {"red": 7, "green": 8, "beeper": 9}
    config["supervised"] = {"tamper": dict(TAMPER)}
    config["supervised"]["tamper"].update(changed)
    return config


def problem(**changed):
    problems = board.check(expanded(**changed))
    assert len(problems) == 1, problems
    return problems[0]


def test_both_inputs_fit_beside_24_doors():
    config = expanded()
    config["supervised"]["mains"] = dict(TAMPER, pin=27)
    assert board.check(config) == []
    config["supervised"]["mains"]["pin"] = 26
    assert "GPIO 26 is already supervised." in board.check(config)[0]


def test_only_pins_with_a_converter():
    assert "has no analog input" in problem(pin=12)
    with open("boards/esp32/board.json") as file:
        config = json.load(file)
    config["doors"].pop()
    config["supervised"] = {"tamper": dict(TAMPER, pin=36)}
    assert board.check(config) == []
    config["supervised"]["tamper"]["pin"] = 5
    assert "strapping" in board.check(config)[0]
    config["supervised"]["tamper"]["pin"] = 19
    assert "ADC2" in board.check(config)[0]


def test_levels_that_cannot_be_told_apart_are_refused():
    assert "too close together" in problem(active_mv=1031)
    assert "need 220 mV" in problem(active_mv=1250)
    assert board.check(expanded(active_mv=1251)) == []
    assert "near to a short" in problem(rest_mv=359)
    assert board.check(expanded(rest_mv=360)) == []
    assert "near to a cut" in problem(active_mv=2641)
    assert board.check(expanded(active_mv=2640)) == []
    assert "whole number" in problem(band_mv=0)


def test_the_other_polarity_is_as_good():
    assert board.check(expanded(rest_mv=1571, active_mv=1031)) == []


def test_the_virtual_board_has_none():
    with open("boards/virtual/board.json") as file:
        config = json.load(file)
    config["supervised"] = {"tamper": {"rest_mv": 1031, "active_mv": 1571, "band_mv": 60}}
    assert board.check(config) == [
        "supervised: is not for the virtual board: it has no analog inputs"
    ]


def test_a_supply_must_be_within_reach_of_the_converter():
    config = expanded()
    config["supply"] = {"pin": 28, "ratio_percent": 555, "least_mv": 10_500, "sag_mv": 1_500}
    assert board.check(config) == []
    for least_mv, says in ((5_549, "999 mV"), (15_000, "2702 mV")):
        config["supply"]["least_mv"] = least_mv
        assert says in board.check(config)[0]
    config["supply"].update(least_mv=10_500, pin=26)
    assert "already" in board.check(config)[0]
