"""Drives the series enable and every coil pin to its safe level. Needs nothing but machine.Pin.

safe_pins.py is generated from board.json. Neither a panic nor esp_restart() resets RMT or GPIO;
Pin() with a direction routes the pad back from the RMT to the plain output.
"""

from machine import Pin
from safe_pins import COIL_SAFE, COILS, ENABLE, ENABLE_SAFE


def outputs_safe() -> None:
    """Enable first: with it off no coil conducts, whatever the other pins do meanwhile."""
    Pin(ENABLE, Pin.OUT, value=ENABLE_SAFE)
    for pin in COILS:
        Pin(pin, Pin.OUT, value=COIL_SAFE)
