"""The rules of a board.json that join two keys. Imported at boot, by core.board only."""

from locker.core import chips, coil_limits
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

    from locker.core.board import Checker

_EXPANDED = "pico_w_24"
_DOORS_EACH = const(7)  # of an MCP23017

# A child can shut itself into a space with no dimension under 150 mm and more than 30 litres:
# ISO 8124-1 and EN 71-1, "toys which a child can enter". 16 CFR 1750.3 (refrigerators) begins
# later, at 203 mm and 56.6 litres.
_CHILD_MM = const(150)
_CHILD_MM3 = const(30_000_000)


def check(checker: "Checker", config: "dict[str, Any]") -> None:
    """Refuse what the keys of a board.json are together; config fits the schema."""
    _check_parts(checker, config)
    _check_pulse(checker, config["coils"])
    coil_limits.check(checker, config)
    if "supervised" in config or "supply" in config:
        from locker.core import analog_rules

        analog_rules.check(checker, config)
    on_pins = False
    if (config["board"] == _EXPANDED) != ("expander" in config):
        why = "is missing" if config["board"] == _EXPANDED else "is for board " + _EXPANDED
        checker.refuse("expander", why)
    elif "expander" in config:
        _check_expander(checker, config)
    elif checker.chip != "virtual":
        _check_coils(checker, config["doors"])
        on_pins = True
    _check_doors(checker, config, on_pins)


def _check_doors(checker: "Checker", config: "dict[str, Any]", on_pins: bool) -> None:
    pulled_up = config["contacts"].get("pull", "up") == "up"
    for index, door in enumerate(config["doors"]):
        path = "doors[%d]." % index
        if door["door"] != index + 1:
            checker.refuse(
                path + "door", "must be %d: doors count from 1 without gaps" % (index + 1)
            )
        _check_compartment(checker, path, door)
        for contact, absent_with in (
            ("reed", "lock_contact_only"),
            ("latch", "door_contact_only"),
        ):
            if door["lock"] == absent_with:
                _check_absent(checker, path, door, contact)
            elif on_pins:
                _check_contact(checker, path + contact, door.get(contact), pulled_up)
        if "reed2" in door and door["lock"] == "lock_contact_only":
            checker.refuse(path + "reed2", "does not go with lock lock_contact_only")
        elif "reed2" in door and on_pins:
            _check_contact(checker, path + "reed2", door["reed2"], pulled_up)


def _check_parts(checker: "Checker", config: "dict[str, Any]") -> None:
    chip = chips.of_board(config["board"])
    if chip != config["chip"]:
        checker.refuse("chip", "must be %s on this board" % chip)
    display = config["display"]
    if (display["columns"], display["rows"]) not in ((16, 2), (20, 4)):
        checker.refuse("display.rows", "must be 2 with 16 columns or 4 with 20")
    if 0x28 <= display["address"] < 0x38:
        checker.refuse("display.address", "must be 32 to 39 (PCF8574) or 56 to 63 (PCF8574A)")
    rtc = config["rtc"]
    if rtc["chip"] == "internal" and checker.chip == "virtual":
        checker.refuse("rtc.chip", "the virtual board has no clock of its own")
    elif (rtc["chip"] == "internal") == ("address" in rtc):
        checker.refuse("rtc.address", "goes with a ds3231, and with nothing else")
    _check_bus(checker, "i2c.", config["i2c"], config["i2c"].get("id", 0))


def _check_bus(checker: "Checker", path: str, bus: "dict[str, Any]", controller: int) -> None:
    for offset, line in enumerate(("sda", "scl")):
        if line in bus and not chips.carries_i2c(checker.chip, controller, bus[line], offset):
            checker.refuse(path + line, "GPIO %d is not %s of this controller" % (bus[line], line))


def _check_pulse(checker: "Checker", coils: "dict[str, Any]") -> None:
    if coils["pulse_ms"] > coils["limit_ms"]:
        checker.refuse("coils.pulse_ms", "must not exceed limit_ms")
    if coils["limit_ms"] > coils["rating_ms"]:
        checker.refuse("coils.limit_ms", "must not exceed rating_ms")
    cycle_ms = coils["limit_ms"] * (1 + 99 // coils["duty_percent"])
    if cycle_ms > chips.longest_cycle_ms(checker.chip):
        checker.refuse("coils.limit_ms", "is too long for this chip with this duty_percent")


def _check_coils(checker: "Checker", doors: "list[Any]") -> None:
    most = chips.direct_coils(checker.chip)
    if len(doors) > most:
        checker.refuse("doors", "must be at most %d on this chip without an expander" % most)
    for index, door in enumerate(doors):
        path = "doors[%d].coil" % index
        if "coil" not in door:
            checker.refuse(path, "is missing")
        elif checker.chip == "rp2040" and door["coil"] != doors[0].get("coil", 0) + index:
            # One PIO state machine writes the coils as one group of neighbours.
            checker.refuse(path, "must be the GPIO after the door before")


def _check_expander(checker: "Checker", config: "dict[str, Any]") -> None:
    expander = config["expander"]
    if config["contacts"].get("pull", "up") != "up":
        checker.refuse("contacts.pull", "must be up: the expanders' own pull-ups are on")
    _check_bus(checker, "expander.", expander, 1 - config["i2c"].get("id", 0))
    most = 0x27 - (len(config["doors"]) - 1) // _DOORS_EACH
    if expander["first_address"] > most:
        checker.refuse("expander.first_address", "must be at most %d" % most)
    for index, door in enumerate(config["doors"]):
        for key in ("coil", "reed", "latch", "reed2"):
            if key in door:
                why = "has no input on the expanders" if key == "reed2" else "is the expander's"
                checker.refuse("doors[%d].%s" % (index, key), why)


def _check_compartment(checker: "Checker", path: str, door: "dict[str, Any]") -> None:
    size = (door["height_mm"], door["width_mm"], door["depth_mm"])
    child_fits = min(size) >= _CHILD_MM and size[0] * size[1] * size[2] > _CHILD_MM3
    if child_fits and not door["interior_release"]:
        checker.refuse(
            path + "interior_release",
            "must be true: a child fits in (ISO 8124-1: 150 mm, 30 l)",
        )


def _check_absent(checker: "Checker", path: str, door: "dict[str, Any]", contact: str) -> None:
    if contact in door:
        checker.refuse(path + contact, "does not go with lock " + door["lock"])
    if not door.get("lower_grade_accepted"):
        checker.refuse(path + "lock", "cannot prove a door secured: needs lower_grade_accepted")


def _check_contact(checker: "Checker", key: str, pin: "int | None", pulled_up: bool) -> None:
    if pin is None:
        checker.refuse(key, "is missing")
    elif pulled_up and not chips.has_pull_up(checker.chip, pin):
        checker.refuse(
            key, 'GPIO %d has no pull-up; contacts.pull "none": resistors are fitted' % pin
        )
