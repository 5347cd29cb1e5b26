"""What the pins of each chip can be used for. Imported at boot, by core.board only.

Sources: RP2040 datasheet (GPIO function table) and Pico W datasheet section 2.1 (GPIO 23-25 and 29
serve the radio); ESP32 datasheet, "Strapping Pins" and the IO_MUX table; ESP32-DevKitC V4 layout.
"""

from micropython import const

COIL = const(1)
CONTACT = const(2)
KEY = const(4)
BUS = const(8)
SIGNAL = const(16)
ANALOG = const(32)
_ANY = const(31)

# (first pin, last pin, roles that it suits, why not the others); the first row that fits decides.
# A lamp, the beeper or a key may sit where a level changes at boot: nothing moves by it.
_RP2040 = (
    (23, 25, 0, "is used by the radio"),
    (29, 29, 0, "is used by the radio"),
    (0, 25, _ANY, "has no analog input"),
    (26, 28, _ANY | ANALOG, ""),
)
_ESP32 = (
    (0, 0, 0, "is a strapping pin (boot mode)"),
    (2, 2, SIGNAL, "is a strapping pin (boot mode)"),
    (1, 3, 0, "is the UART of the console"),
    (5, 5, SIGNAL, "is a strapping pin and toggles at boot"),
    (6, 11, 0, "is wired to the flash"),
    (12, 12, 0, "is a strapping pin (flash voltage)"),
    (14, 14, SIGNAL | KEY, "toggles at boot"),
    (15, 15, SIGNAL, "is a strapping pin and toggles at boot"),
    (20, 20, 0, "does not exist"),
    (24, 24, 0, "does not exist"),
    (4, 27, _ANY, "has no input of ADC1; the radio takes ADC2"),
    (32, 33, _ANY | ANALOG, ""),
    (34, 36, CONTACT | ANALOG, "is input-only"),
    (39, 39, CONTACT | ANALOG, "is input-only"),
)
_PINS = {"rp2040": _RP2040, "esp32": _ESP32}


def of_board(board: str) -> str:
    """The chip on a board."""
    return "rp2040" if board in ("pico_w", "pico_w_24") else board


def unsuitable(chip: str, pin: int, role: int) -> str:
    """Why this pin cannot serve in this role (COIL, CONTACT, ...), or "" when it can."""
    for first, last, roles, why in _PINS[chip]:
        if first <= pin <= last:
            return "" if roles & role else why
    return "does not exist"


def has_pull_up(chip: str, pin: int) -> bool:
    """GPIO 34-39 of the ESP32 have no internal pull resistors."""
    return chip != "esp32" or pin < 34


def carries_i2c(chip: str, controller: int, pin: int, line: int) -> bool:
    """Whether a pin can be SDA (line 0) or SCL (line 1) of controller 0 or 1."""
    return chip != "rp2040" or pin % 4 == 2 * controller + line


def longest_cycle_ms(chip: str) -> int:
    """On- and off-time that the pulse hardware holds: 92 RMT segments of 104.4 ms; PIO loops."""
    return 9_600 if chip == "esp32" else 1_000_000


def direct_coils(chip: str) -> int:
    """Coils without a shift register: what the PIO program counts to; RMT channels but one."""
    return {"rp2040": 8, "esp32": 7}.get(chip, 24)
