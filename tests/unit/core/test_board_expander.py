import json

from locker.core import board


def load():
    with open("boards/pico_w_24/board.json") as file:
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
            # A pin named twice is refused at either place: MicroPython keeps no order of keys.
            assert "expander." + key in problems[0] and says in problems[0], problems


def test_a_door_with_pins_of_its_own_is_refused():
    for key in ("coil", "reed", "latch"):
        config = load()
        config["doors"][4][key] = 7
        assert keys_refused(config) == ["doors[4]." + key]


def test_the_expander_and_its_board_belong_together():
    config = load()
    del config["expander"]
    assert board.check(config) == ["expander: is missing"]
    config = load()
    config["board"] = "pico_w"
    assert board.check(config) == ["expander: is for board pico_w_24"]
    with open("boards/virtual/board.json") as file:
        config = json.load(file)
    config["expander"] = {"first_address": 32}
    assert board.check(config) == ["expander: is for board pico_w_24"]


def test_the_pull_ups_of_the_expanders_cannot_be_left_out():
    config = load()
    config["contacts"]["pull"] = "none"
    assert keys_refused(config) == ["contacts.pull"]
    del config["contacts"]["pull"]
    assert board.check(config) == []


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
