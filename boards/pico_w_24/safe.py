"""As on the Pico W: series enable and fire line, which safe_pins.py names as the only coil."""

from pico_w.safe import outputs_safe as outputs_safe
