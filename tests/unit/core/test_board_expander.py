import json

from locker.core import board


def load():
    with open("boards/pico_w/board-24.json") as file:
        return json.load(file)


def keys_refused(config):
    return [problem.split(":")[0] for problem in board.check(config)]


def test_our_24_doors_pass():
    config = load()
    assert board.check(config) == []
    assert len(config["doors"]) == 24


def test_a_section_that_is_not_whole_is_refused():
    for key in ("data", "clock", "latch", "back", "fire", "sda", "scl", "first_address"):
        config = load()
        del config["expander"][key]
        assert keys_refused(config) == ["expander." + key]
    config = load()
    config["expander"]["address"] = 32
    assert keys_refused(config) == ["expander.address"]


def test_its_pins_keep_the_rules_of_coil_pins():
    for key in ("data", "clock", "latch", "fire"):
        for pin, says in ((23, "radio"), (22, "already")):
            config = load()
            config["expander"][key] = pin
            problems = board.check(config)
            assert len(problems) == 1
            assert problems[0].startswith("expander." + key) and says in problems[0], problems


def test_a_door_with_pins_of_its_own_is_refused():
    for key in ("coil", "reed", "latch"):
        config = load()
        config["doors"][4][key] = 7
        assert keys_refused(config) == ["doors[4]." + key]


def test_every_door_without_an_expander_needs_its_coil():
    config = load()
    del config["expander"]
    del config["doors"][3:]
    refused = keys_refused(config)
    for index in range(3):
        for key in ("coil", "reed", "latch"):
            assert "doors[%d].%s" % (index, key) in refused


def test_addresses_end_at_39():
    config = load()
    config["expander"]["first_address"] = 37
    assert keys_refused(config) == ["expander.first_address"]
    del config["doors"][21:]
    assert board.check(config) == []


def test_its_bus_is_the_other_controller():
    config = load()
    config["expander"]["sda"], config["expander"]["scl"] = 8, 9  # of controller 0
    assert keys_refused(config) == ["expander.sda", "expander.scl"]
    config["i2c"]["id"], config["i2c"]["sda"], config["i2c"]["scl"] = 1, 10, 11
    assert board.check(config) == []


def test_lower_grades_must_still_be_accepted():
    config = load()
    config["doors"][2]["lock"] = "lock_contact_only"
    assert keys_refused(config) == ["doors[2].lock"]
    config["doors"][2]["lower_grade_accepted"] = True
    assert board.check(config) == []


def test_the_virtual_board_has_none():
    with open("boards/virtual/board.json") as file:
        config = json.load(file)
    config["expander"] = {"first_address": 32}
    assert keys_refused(config) == ["expander"]
