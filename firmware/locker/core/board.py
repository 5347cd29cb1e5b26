"""Validation of board.json. Imported at boot, called once, dropped.

A board that fails here keeps its station locked, so every refusal names the key and says why. The
tables are the schema; the functions below the checker are the rules that join two keys, and run
only on a board that fits the schema.
"""

from locker.core import chips
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

    Rule = tuple[Any, ...]
    Table = dict[str, Rule]

_DOORS_MAX = const(24)
_PROBLEMS_MAX = const(20)
_KEY_MAX = const(40)

# A child can shut itself into a space with no dimension under 150 mm and more than 30 litres:
# ISO 8124-1 and EN 71-1, "toys which a child can enter". 16 CFR 1750.3 (refrigerators) begins
# later, at 203 mm and 56.6 litres.
_CHILD_MM = const(150)
_CHILD_MM3 = const(30_000_000)

# Kinds of rules, and what follows the kind in the tuple.
_RANGE = const(0)  # lowest, highest
_ONE_OF = const(1)  # the values
_FLAG = const(2)
_PIN = const(3)  # role
_PINS = const(4)  # role, how many
_TABLE = const(5)  # table
_DOORS = const(6)  # table of one door

# A key that ends in "?" may be absent; pins are absent on the virtual chip and only there.
_COILS: "Table" = {
    "active": (_ONE_OF, "high"),  # an active-low relay board releases doors while the chip boots
    "enable": (_PIN, chips.COIL),
    "enable_active?": (_ONE_OF, "high"),
    "pulse_ms": (_RANGE, 10, 1000),
    "limit_ms": (_RANGE, 10, 1000),
    "rating_ms": (_RANGE, 10, 600_000),
    "duty_percent": (_RANGE, 4, 50),
    "at_once": (_ONE_OF, 1),
    "gap_ms": (_RANGE, 50, 30_000),
}
_CONTACTS: "Table" = {
    "reed_closed": (_ONE_OF, "low", "high"),
    "latch_locked": (_ONE_OF, "low", "high"),
    "pull?": (_ONE_OF, "up", "none"),
}
_KEYPAD: "Table" = {
    "rows": (_PINS, chips.KEY, 4),
    "columns": (_PINS, chips.KEY, 3),
    "help": (_PIN, chips.KEY),
}
_I2C: "Table" = {
    "id?": (_RANGE, 0, 1),
    "sda": (_PIN, chips.BUS),
    "scl": (_PIN, chips.BUS),
    "hz": (_RANGE, 10_000, 400_000),
}
_DISPLAY: "Table" = {
    "address": (_RANGE, 0x20, 0x3F),
    "columns": (_ONE_OF, 16, 20),
    "rows": (_ONE_OF, 2, 4),
}
_RTC: "Table" = {"chip": (_ONE_OF, "ds3231"), "address": (_ONE_OF, 0x68)}
_SIGNALS: "Table" = {
    "red": (_PIN, chips.SIGNAL),
    "green": (_PIN, chips.SIGNAL),
    "beeper": (_PIN, chips.SIGNAL),
}
_DOOR: "Table" = {
    "door": (_RANGE, 1, _DOORS_MAX),
    "size": (_ONE_OF, "S", "M", "L"),
    "height_mm": (_RANGE, 20, 3000),
    "width_mm": (_RANGE, 20, 3000),
    "depth_mm": (_RANGE, 20, 3000),
    "coil?": (_PIN, chips.COIL),
    "reed?": (_PIN, chips.CONTACT),
    "latch?": (_PIN, chips.CONTACT),
    "lock": (_ONE_OF, "rotary", "slam_bolt", "lock_contact_only", "door_contact_only"),
    "lower_grade_accepted?": (_FLAG,),
    "interior_release": (_FLAG,),
}
# Doors 1, 2, ... in the order of the shift registers' outputs and of the MCP23017s' inputs, seven
# doors each, with addresses that follow the first one's. These have the other I2C controller for
# themselves: the display's PCF8574 is made for 100 kHz.
_EXPANDER: "Table" = {
    "data": (_PIN, chips.COIL),
    "clock": (_PIN, chips.COIL),
    "latch": (_PIN, chips.COIL),
    "back": (_PIN, chips.CONTACT),
    "fire": (_PIN, chips.COIL),
    "sda": (_PIN, chips.BUS),
    "scl": (_PIN, chips.BUS),
    "first_address": (_RANGE, 0x20, 0x27),
}
_BOARD: "Table" = {
    "schema": (_ONE_OF, 1),
    "board": (_ONE_OF, "virtual", "pico_w", "esp32"),
    "chip": (_ONE_OF, "virtual", "rp2040", "esp32"),
    "flash_kb": (_RANGE, 512, 16_384),
    "coils": (_TABLE, _COILS),
    "contacts": (_TABLE, _CONTACTS),
    "keypad": (_TABLE, _KEYPAD),
    "i2c": (_TABLE, _I2C),
    "display": (_TABLE, _DISPLAY),
    "rtc": (_TABLE, _RTC),
    "signals": (_TABLE, _SIGNALS),
    "service_jumper?": (_FLAG,),
    "expander?": (_TABLE, _EXPANDER),
    "doors": (_DOORS, _DOOR),
}


def check(config: object) -> list[str]:
    """What is wrong with a board.json: up to 20 lines, each beginning with the key.

    Empty when the board may run. Takes any value that JSON can hold and does not raise.
    """
    checker = _Checker(config)
    if type(config) is not dict:
        checker.refuse("board.json", "must be an object")
        return checker.problems
    checker.table("", config, _BOARD)
    if not checker.problems:
        _relations(checker, config)
    return checker.problems


class _Checker:
    """Collects problems and the pins that are taken."""

    def __init__(self, config: object) -> None:
        self.problems: list[str] = []
        self._taken: dict[int, str] = {}
        self.chip = "virtual"
        if type(config) is dict and config.get("chip") in ("rp2040", "esp32"):
            self.chip = config["chip"]

    def refuse(self, key: str, why: str) -> None:
        if len(self.problems) < _PROBLEMS_MAX:
            self.problems.append(key + ": " + why)

    def table(self, path: str, value: "dict[str, Any]", rules: "Table") -> None:
        """Every key of value must have a rule; every rule that is not optional must have a key."""
        known = []
        for name in rules:
            key = name.rstrip("?")
            known.append(key)
            if key in value:
                self._value(path + key, value[key], rules[name])
            elif key == name and not self._may_lack(rules[name]):
                self.refuse(path + key, "is missing")
        for key in value:
            if key not in known:
                self.refuse(path + key[:_KEY_MAX], "is unknown")

    def _may_lack(self, rule: "Rule") -> bool:
        return self.chip == "virtual" and rule[0] in (_PIN, _PINS)

    def _value(self, key: str, value: "Any", rule: "Rule") -> None:
        kind = rule[0]
        if kind == _PIN:
            self._pin(key, value, rule[1])
        elif kind == _PINS:
            self._pins(key, value, rule)
        elif kind == _DOORS:
            self._doors(key, value, rule[1])
        elif kind == _TABLE:
            self._table_of(key, value, rule[1])
        else:
            self._scalar(key, value, rule)

    def _scalar(self, key: str, value: "Any", rule: "Rule") -> None:
        """The type is compared first: True == 1 and 1.0 == 1 in Python."""
        if rule[0] == _FLAG:
            if type(value) is not bool:
                self.refuse(key, "must be true or false")
        elif rule[0] == _RANGE:
            if type(value) is not int or not rule[1] <= value <= rule[2]:
                self.refuse(key, "must be a whole number from %d to %d" % rule[1:])
        elif type(value) is not type(rule[1]) or value not in rule[1:]:
            self.refuse(key, "must be " + " or ".join([str(allowed) for allowed in rule[1:]]))

    def _table_of(self, key: str, value: "Any", rules: "Table") -> None:
        if type(value) is dict:
            self.table(key + ".", value, rules)
        else:
            self.refuse(key, "must be an object")

    def _doors(self, key: str, value: "Any", rules: "Table") -> None:
        if type(value) is not list or not 1 <= len(value) <= _DOORS_MAX:
            self.refuse(key, "must be a list of 1 to %d doors" % _DOORS_MAX)
            return
        for index, door in enumerate(value):
            self._table_of("%s[%d]" % (key, index), door, rules)

    def _pins(self, key: str, value: "Any", rule: "Rule") -> None:
        if type(value) is not list or len(value) != rule[2]:
            self.refuse(key, "must be a list of %d pins" % rule[2])
            return
        for index, pin in enumerate(value):
            self._pin("%s[%d]" % (key, index), pin, rule[1])

    def _pin(self, key: str, pin: "Any", role: int) -> None:
        if self.chip == "virtual":
            self.refuse(key, "the virtual board has no pins")
        elif type(pin) is not int or not 0 <= pin < 100:
            self.refuse(key, "must be a GPIO number")
        elif pin in self._taken:
            self.refuse(key, "GPIO %d is already %s" % (pin, self._taken[pin]))
        else:
            self._taken[pin] = key
            why = chips.unsuitable(self.chip, pin, role)
            if why:
                self.refuse(key, "GPIO %d %s" % (pin, why))


def _relations(checker: _Checker, config: "dict[str, Any]") -> None:
    _check_parts(checker, config)
    _check_pulse(checker, config["coils"])
    if "expander" in config:
        _check_expander(checker, config)
    elif checker.chip != "virtual":
        _check_coils(checker, config["doors"])
    wired = checker.chip != "virtual" and "expander" not in config
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
            elif wired:
                _check_contact(checker, path + contact, door.get(contact), pulled_up)


def _check_parts(checker: _Checker, config: "dict[str, Any]") -> None:
    chip = chips.of_board(config["board"])
    if chip != config["chip"]:
        checker.refuse("chip", "must be %s on this board" % chip)
    display = config["display"]
    if (display["columns"], display["rows"]) not in ((16, 2), (20, 4)):
        checker.refuse("display.rows", "must be 2 with 16 columns or 4 with 20")
    if 0x28 <= display["address"] < 0x38:
        checker.refuse("display.address", "must be 32 to 39 (PCF8574) or 56 to 63 (PCF8574A)")
    _check_bus(checker, "i2c.", config["i2c"], config["i2c"].get("id", 0))


def _check_bus(checker: _Checker, path: str, bus: "dict[str, Any]", controller: int) -> None:
    for offset, line in enumerate(("sda", "scl")):
        if line in bus and not chips.carries_i2c(checker.chip, controller, bus[line], offset):
            checker.refuse(path + line, "GPIO %d is not %s of this controller" % (bus[line], line))


def _check_pulse(checker: _Checker, coils: "dict[str, Any]") -> None:
    if coils["pulse_ms"] > coils["limit_ms"]:
        checker.refuse("coils.pulse_ms", "must not exceed limit_ms")
    if coils["limit_ms"] > coils["rating_ms"]:
        checker.refuse("coils.limit_ms", "must not exceed rating_ms")
    cycle_ms = coils["limit_ms"] * (1 + 99 // coils["duty_percent"])
    if cycle_ms > chips.longest_cycle_ms(checker.chip):
        checker.refuse("coils.limit_ms", "is too long for this chip with this duty_percent")


def _check_coils(checker: _Checker, doors: "list[Any]") -> None:
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


def _check_expander(checker: _Checker, config: "dict[str, Any]") -> None:
    if checker.chip == "virtual":
        checker.refuse("expander", "the virtual board has no pins")
    expander = config["expander"]
    _check_bus(checker, "expander.", expander, 1 - config["i2c"].get("id", 0))
    most = 0x27 - (len(config["doors"]) - 1) // 7
    if expander["first_address"] > most:
        checker.refuse("expander.first_address", "must be at most %d" % most)
    for index, door in enumerate(config["doors"]):
        for key in ("coil", "reed", "latch"):
            if key in door:
                checker.refuse("doors[%d].%s" % (index, key), "is the expander's")


def _check_compartment(checker: _Checker, path: str, door: "dict[str, Any]") -> None:
    size = (door["height_mm"], door["width_mm"], door["depth_mm"])
    child_fits = min(size) >= _CHILD_MM and size[0] * size[1] * size[2] > _CHILD_MM3
    if child_fits and not door["interior_release"]:
        checker.refuse(
            path + "interior_release",
            "must be true: a child fits in (ISO 8124-1: 150 mm, 30 l)",
        )


def _check_absent(checker: _Checker, path: str, door: "dict[str, Any]", contact: str) -> None:
    if contact in door:
        checker.refuse(path + contact, "does not go with lock " + door["lock"])
    if not door.get("lower_grade_accepted"):
        checker.refuse(path + "lock", "cannot prove a door secured: needs lower_grade_accepted")


def _check_contact(checker: _Checker, key: str, pin: "int | None", pulled_up: bool) -> None:
    if pin is None:
        checker.refuse(key, "is missing")
    elif pulled_up and not chips.has_pull_up(checker.chip, pin):
        checker.refuse(
            key, 'GPIO %d has no pull-up; contacts.pull "none": resistors are fitted' % pin
        )
