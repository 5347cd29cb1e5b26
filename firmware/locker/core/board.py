"""Validation of board.json. Imported at boot, called once, dropped.

A board that fails here keeps its station locked, so every refusal names the key and says why. The
tables are the schema; ``board_rules`` has the rules that join two keys, and runs only on a board
that fits the schema.
"""

from locker.core import board_rules, chips
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

    Rule = tuple[Any, ...]
    Table = dict[str, Rule]

_DOORS_MAX = const(24)
_PROBLEMS_MAX = const(20)
_KEY_MAX = const(40)

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
    "feedback?": (_PIN, chips.CONTACT),  # high while any coil carries current
    "pulse_ms": (_RANGE, 10, 1000),
    "limit_ms": (_RANGE, 10, 1000),
    "rating_ms": (_RANGE, 10, 600_000),
    "duty_percent": (_RANGE, 4, 50),
    "at_once": (_RANGE, 1, 4),
    "coil_ma?": (_RANGE, 20, 10_000),  # of one coil, warm, at the supply's voltage
    "supply_ma?": (_RANGE, 100, 60_000),
    "gap_ms": (_RANGE, 50, 30_000),
}
_CONTACTS: "Table" = {
    "reed_closed": (_ONE_OF, "low", "high"),
    "latch_locked": (_ONE_OF, "low", "high"),
    "pull?": (_ONE_OF, "up", "none"),
    "reed_ms?": (_RANGE, 30, 300),  # how long a level must hold; research/field.md, pain 9
    "latch_ms?": (_RANGE, 10, 100),
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
_RTC: "Table" = {"chip": (_ONE_OF, "ds3231", "internal"), "address?": (_ONE_OF, 0x68)}
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
    "reed2?": (_PIN, chips.CONTACT),
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
# Two levels in mV, as `lockerctl calibrate` prints them.
_LOOP: "Table" = {
    "pin": (_PIN, chips.ANALOG),
    "rest_mv": (_RANGE, 0, 3300),
    "active_mv": (_RANGE, 0, 3300),
    "band_mv": (_RANGE, 20, 500),
}
_SUPERVISED: "Table" = {"tamper?": (_TABLE, _LOOP), "mains?": (_TABLE, _LOOP)}
_SUPPLY: "Table" = {
    "pin": (_PIN, chips.ANALOG),
    "ratio_percent": (_RANGE, 100, 2000),  # of the divider: 555 for 10 kohm over 2.2 kohm
    "least_mv": (_RANGE, 3000, 30_000),
    "sag_mv": (_RANGE, 100, 10_000),
}
_BOARD: "Table" = {
    "schema": (_ONE_OF, 1),
    "board": (_ONE_OF, "virtual", "pico_w", "pico_w_24", "esp32"),
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
    "supervised?": (_TABLE, _SUPERVISED),
    "supply?": (_TABLE, _SUPPLY),
    "doors": (_DOORS, _DOOR),
}


def check(config: object) -> list[str]:
    """What is wrong with a board.json: up to 20 lines, each beginning with the key.

    Empty when the board may run. Takes any value that JSON can hold and does not raise.
    """
    checker = Checker(config)
    if type(config) is not dict:
        checker.refuse("board.json", "must be an object")
        return checker.problems
    checker.table("", config, _BOARD)
    if not checker.problems:
        board_rules.check(checker, config)
    return checker.problems


class Checker:
    """Collects problems and the pins that are taken. chip: "virtual" for any that is unknown."""

    def __init__(self, config: object) -> None:
        self.problems: list[str] = []
        self._taken: dict[int, str] = {}
        self.chip = "virtual"
        if type(config) is dict and config.get("chip") in ("rp2040", "esp32"):
            self.chip = config["chip"]

    def refuse(self, key: str, why: str) -> None:
        """One more problem; the 21st and later are not kept."""
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
