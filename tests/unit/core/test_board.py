import json

from locker.core import board, chips


def load(name):
    with open("boards/" + name + "/board.json") as file:
        return json.load(file)


def set_at(config, path, value):
    """set_at(config, "doors.0.coil", 5); None deletes the key."""
    keys = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in keys[:-1]:
        config = config[key]
    if value is None:
        del config[keys[-1]]
    else:
        config[keys[-1]] = value


def refused(name, path, value, key, says=""):
    """One change gives problems that all begin with the key; the first of them says something."""
    config = load(name)
    set_at(config, path, value)
    problems = board.check(config)
    assert problems, (path, value)
    for problem in problems:
        assert problem.startswith(key + ": "), (problem, key)
    assert says in problems[0], (problems[0], says)


def accepted(name, *changes):
    config = load(name)
    for path, value in changes:
        set_at(config, path, value)
    problems = board.check(config)
    assert problems == [], problems


def test_our_boards_pass():
    for name in ("virtual", "pico_w", "esp32"):
        assert board.check(load(name)) == []


def test_what_is_no_object_is_refused():
    for value in (None, 1, 1.5, True, "x", [], [1]):
        assert board.check(value) == ["board.json: must be an object"]


def test_unknown_keys_are_named():
    refused("pico_w", "colour", "red", "colour", "unknown")
    refused("pico_w", "coils.hold_percent", 20, "coils.hold_percent", "unknown")
    refused("pico_w", "doors.2.nickname", "x", "doors[2].nickname", "unknown")


def test_missing_keys_are_named():
    refused("pico_w", "rtc", None, "rtc", "missing")
    refused("pico_w", "coils.enable", None, "coils.enable", "missing")
    refused("pico_w", "keypad.rows", None, "keypad.rows", "missing")
    refused("esp32", "doors.1.coil", None, "doors[1].coil", "missing")
    refused("esp32", "doors.1.reed", None, "doors[1].reed", "missing")
    refused("virtual", "doors.7.lock", None, "doors[7].lock", "missing")


def test_wrong_types_and_bounds_are_named():
    for path, value, key in (
        ("schema", 2, "schema"),
        ("schema", True, "schema"),
        ("board", "pico", "board"),
        ("board", 7, "board"),
        ("flash_kb", "2048", "flash_kb"),
        ("coils", [], "coils"),
        ("coils.pulse_ms", 60.0, "coils.pulse_ms"),
        ("coils.pulse_ms", True, "coils.pulse_ms"),
        ("coils.pulse_ms", 9, "coils.pulse_ms"),
        ("coils.duty_percent", 51, "coils.duty_percent"),
        ("coils.duty_percent", 3, "coils.duty_percent"),
        ("coils.at_once", 2, "coils.at_once"),
        ("coils.gap_ms", 0, "coils.gap_ms"),
        ("display.columns", 40, "display.columns"),
        ("rtc.address", 105, "rtc.address"),
        ("service_jumper", 1, "service_jumper"),
        ("keypad.rows", [14, 15, 16], "keypad.rows"),
        ("keypad.columns", 18, "keypad.columns"),
        ("doors", {}, "doors"),
        ("doors", [], "doors"),
        ("doors", [{}] * 25, "doors"),
        ("doors.0.size", "XXL", "doors[0].size"),
        ("doors.0.height_mm", 0, "doors[0].height_mm"),
        ("doors.0.interior_release", "yes", "doors[0].interior_release"),
        ("doors.0.coil", "GP2", "doors[0].coil"),
        ("doors.0.coil", 1 << 70, "doors[0].coil"),
    ):
        refused("pico_w", path, value, key)


def test_the_clock_is_a_chip_on_the_bus_or_the_controllers_own():
    config = load("pico_w")
    config["rtc"] = {"chip": "internal"}
    assert board.check(config) == []
    refused("pico_w", "rtc.chip", "internal", "rtc.address", "ds3231")
    refused("pico_w", "rtc.address", None, "rtc.address", "ds3231")
    refused("pico_w", "rtc.chip", "ds1307", "rtc.chip", "ds3231 or internal")
    refused("virtual", "rtc.chip", "internal", "rtc.chip", "virtual")


def test_relay_boards_are_refused():
    refused("pico_w", "coils.active", "low", "coils.active", "must be high")
    refused("esp32", "coils.enable_active", "low", "coils.enable_active", "must be high")


def test_pin_used_twice_names_both_keys():
    config = load("pico_w")
    config["signals"]["red"] = 6
    problems = board.check(config)
    assert len(problems) == 1
    assert "GPIO 6 is already" in problems[0]
    assert "signals.red" in problems[0] and "doors[0].reed" in problems[0]


def test_pins_of_the_pico_w_that_the_radio_uses():
    for pin in (23, 24, 25, 29):
        refused("pico_w", "signals.red", pin, "signals.red", "radio")
    refused("pico_w", "signals.red", 30, "signals.red", "does not exist")
    refused("pico_w", "signals.red", -1, "signals.red", "GPIO number")


def test_coils_refuse_every_unsafe_pin_of_the_esp32():
    for pin, says in (
        (0, "strapping"),
        (2, "strapping"),
        (5, "strapping"),
        (12, "strapping"),
        (15, "strapping"),
        (1, "UART"),
        (3, "UART"),
        (6, "flash"),
        (11, "flash"),
        (14, "toggles at boot"),
        (20, "does not exist"),
        (34, "input-only"),
        (39, "input-only"),
        (40, "does not exist"),
    ):
        for role in (chips.COIL, chips.BUS):
            assert says in chips.unsuitable("esp32", pin, role)
    assert chips.unsuitable("esp32", 18, chips.COIL) == ""
    refused("esp32", "doors.0.coil", 12, "doors[0].coil", "strapping")
    refused("esp32", "coils.enable", 5, "coils.enable", "strapping")


def test_lamps_may_sit_on_pins_that_toggle_at_boot():
    accepted("esp32", ("signals.red", 5), ("signals.beeper", 15))
    refused("esp32", "signals.red", 0, "signals.red", "strapping")
    refused("esp32", "keypad.rows.0", 5, "keypad.rows[0]", "strapping")
    refused("esp32", "keypad.columns.0", 12, "keypad.columns[0]", "strapping")


def test_input_only_pins_need_fitted_resistors():
    config = load("esp32")
    config["contacts"]["pull"] = "up"
    problems = board.check(config)
    assert len(problems) == 4
    for problem in problems:
        assert problem.startswith("doors[") and "no pull-up" in problem
    del config["contacts"]["pull"]
    assert len(board.check(config)) == 4


def test_coils_of_the_pico_w_are_neighbours():
    config = load("pico_w")
    doors = config["doors"]
    doors[1]["coil"], doors[2]["coil"] = doors[2]["coil"], doors[1]["coil"]
    problems = board.check(config)
    assert [problem.split(":")[0] for problem in problems] == ["doors[1].coil", "doors[2].coil"]
    config = load("esp32")
    config["doors"][1]["coil"] = 4
    config["signals"]["beeper"] = 19
    assert board.check(config) == []


def test_pulse_limit_and_rating_stand_in_order():
    refused("pico_w", "coils.pulse_ms", 201, "coils.pulse_ms", "limit_ms")
    refused("pico_w", "coils.limit_ms", 59, "coils.pulse_ms", "limit_ms")
    refused("pico_w", "coils.rating_ms", 199, "coils.limit_ms", "rating_ms")


def test_off_time_fits_the_pulse_hardware():
    refused("esp32", "coils.limit_ms", 961, "coils.limit_ms", "too long for this chip")
    accepted("esp32", ("coils.limit_ms", 960))
    accepted("pico_w", ("coils.limit_ms", 1000), ("coils.duty_percent", 4))


def test_i2c_pins_belong_to_the_controller():
    config = load("pico_w")
    config["i2c"]["id"] = 1
    assert [problem.split(":")[0] for problem in board.check(config)] == ["i2c.sda", "i2c.scl"]
    config = load("pico_w")
    config["i2c"]["sda"], config["i2c"]["scl"] = 1, 0
    assert len(board.check(config)) == 2
    config = load("esp32")
    config["i2c"]["sda"], config["i2c"]["scl"] = 22, 21
    assert board.check(config) == []


def test_display_geometry_and_address():
    refused("pico_w", "display.columns", 16, "display.rows")
    refused("pico_w", "display.rows", 2, "display.rows")
    accepted("pico_w", ("display.columns", 16), ("display.rows", 2), ("display.address", 63))
    refused("pico_w", "display.address", 48, "display.address", "PCF8574")


def test_compartment_that_a_child_fits_in_needs_a_release():
    refused("virtual", "doors.7.interior_release", False, "doors[7].interior_release", "child")
    refused("virtual", "doors.3.interior_release", False, "doors[3].interior_release", "child")
    size = (("doors.7.height_mm", 150), ("doors.7.width_mm", 200), ("doors.7.depth_mm", 1000))
    accepted("virtual", ("doors.7.interior_release", False), *size)  # 30 litres
    accepted("virtual", ("doors.7.interior_release", False), ("doors.7.width_mm", 149))
    config = load("virtual")
    config["doors"][7]["interior_release"] = False
    for path, value in size + (("doors.7.depth_mm", 1001),):
        set_at(config, path, value)
    assert len(board.check(config)) == 1


def test_lower_grades_must_be_accepted():
    for lock, contact in (("lock_contact_only", "reed"), ("door_contact_only", "latch")):
        config = load("pico_w")
        door = config["doors"][0]
        door["lock"] = lock
        problems = board.check(config)
        assert ["doors[0]." + contact, "doors[0].lock"] == [p.split(":")[0] for p in problems]
        del door[contact]
        door["lower_grade_accepted"] = True
        assert board.check(config) == []


def test_doors_are_numbered_from_one():
    refused("virtual", "doors.2.door", 4, "doors[2].door", "must be 3")
    refused("virtual", "doors.0.door", 2, "doors[0].door", "must be 1")


def test_number_of_coils_fits_the_hardware():
    config = load("virtual")
    while len(config["doors"]) < 24:
        door = dict(config["doors"][0])
        door["door"] = len(config["doors"]) + 1
        config["doors"].append(door)
    assert board.check(config) == []
    assert chips.direct_coils("esp32") == 7 and chips.direct_coils("rp2040") == 8


def test_board_and_chip_agree():
    config = load("pico_w")
    config["board"] = "esp32"
    assert board.check(config) == ["chip: must be esp32 on this board"]


def test_virtual_board_has_no_pins():
    refused("virtual", "signals.red", 3, "signals.red", "no pins")
    refused("virtual", "doors.0.coil", 3, "doors[0].coil", "no pins")


def test_problems_are_few_and_short():
    config = load("virtual")
    for number in range(60):
        config["x" * 500 + str(number)] = number
    problems = board.check(config)
    assert len(problems) == 20
    assert max([len(problem) for problem in problems]) < 100


def test_a_second_reed_goes_beside_a_first_one():
    accepted("pico_w", ("doors.3", None), ("doors.0.reed2", 9))
    refused("pico_w", "doors.0.reed2", 25, "doors[0].reed2", "radio")
    refused("pico_w_24", "doors.0.reed2", 7, "doors[0].reed2", "expanders")
    config = load("pico_w")
    config["doors"].pop()
    del config["doors"][0]["reed"]
    config["doors"][0].update(lock="lock_contact_only", lower_grade_accepted=True, reed2=9)
    assert board.check(config) == ["doors[0].reed2: does not go with lock lock_contact_only"]
