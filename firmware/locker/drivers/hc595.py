"""Coils behind a chain of 74HC595 shift registers: up to 24 doors on one hardware pulse.

OE# of the chain is pulled up and opened by the fire line alone, which the pulse hardware drives:
no pattern can hold a coil on. QH' of the last register comes back to a pin. Door 1 is QA of the
first register, door 24 QH of the third.

Datasheet: Nexperia 74HC595 (also TI SCLS041): data is taken, and QH' moves, on the rising edge of
SRCLK; the outputs follow the shift register on the rising edge of RCLK.
"""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable

    from locker.drivers.pins import Pin
    from locker.ports import CoilPort

_OUTPUTS = const(8)  # of one register
_EIO = const(5)
_EBUSY = const(16)


class ShiftRegister:
    """A chain of 74HC595: one output chosen, or none. Its outputs are closed while this works."""

    def __init__(self, pins: "tuple[Pin, Pin, Pin, Pin]", outputs: int) -> None:
        """pins: data, SRCLK, RCLK (outputs, low) and QH' (input). outputs: 1..24, those wired."""
        self._data, self._clock, self._latch, self._back = pins
        self._outputs = outputs
        self._length = -(-outputs // _OUTPUTS) * _OUTPUTS
        self.clear()

    def select(self, mask: int) -> None:
        """Let one output stand ready for the fire line.

        Raises ValueError unless mask has exactly one bit, of a wired output. Raises OSError when
        another pattern comes back than was sent; then no output is chosen.
        """
        if not 0 < mask < 1 << self._outputs or mask & (mask - 1):
            raise ValueError("mask")
        self._shift(mask)
        self._store()
        # What comes out now stood in the registers when they were stored. The zeros that take its
        # place stay: a spike on a clock line in the pulse can only switch the coil off.
        if self._shift(0) != mask:
            self._store()
            raise OSError(_EIO)

    def clear(self) -> None:
        """Choose no output. Never raises."""
        self._shift(0)
        self._store()

    def _shift(self, pattern: int) -> int:
        """Send a pattern, last output first; returns the one that it pushed out."""
        pushed_out = 0
        for place in range(self._length - 1, -1, -1):
            pushed_out = pushed_out << 1 | self._back.value()
            self._data.value(pattern >> place & 1)
            self._clock.value(1)
            self._clock.value(0)
        self._data.value(0)
        return pushed_out

    def _store(self) -> None:
        self._latch.value(1)
        self._latch.value(0)


class GatedCoils:
    """ports.CoilPort: a shift register says which coil, one hardware pulse says how long.

    The register holds a door only from fire() to the first busy() that finds the pulse over. So an
    RCLK line that breaks later leaves no door standing ready for somebody else's pulse.
    """

    def __init__(
        self, pulse: "CoilPort", register: ShiftRegister, before: "Callable[[], None]"
    ) -> None:
        """pulse: the fire line, as its only coil (mask 1). before: called when one is to come."""
        self._pulse = pulse
        self._register = register
        self._before = before
        self._chosen = False

    @property
    def limit_ms(self) -> int:
        return self._pulse.limit_ms

    def fire(self, mask: int, on_ms: int) -> None:
        """As ports.CoilPort; OSError also when the pattern does not come back as it was sent."""
        if self.busy():
            raise OSError(_EBUSY)
        self._before()
        self._register.select(mask)
        self._chosen = True
        try:
            self._pulse.fire(1, on_ms)
        except (OSError, ValueError):
            self._release()
            raise

    def busy(self) -> bool:
        if self._pulse.busy():
            return True
        if self._chosen:
            self._release()
        return False

    def abort(self) -> None:
        """The pulse first: the register answers only after 24 clocks."""
        self._pulse.abort()
        self._release()

    def _release(self) -> None:
        self._register.clear()
        self._chosen = False
