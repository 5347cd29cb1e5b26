"""What the application expects of hardware. Types only: the block below is dropped from the .mpy.

A board's ``hal.make(board)`` returns one object with these parts. Everything is already in logical
terms (bit set = door closed, bolt locked, key down); polarity and pins are the board's business.
"""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class ContactPort(Protocol):
        """Raw levels of the door contacts, bit d-1 for door d: cheap, no allocation (<= 24 bits),
        no exception. reeds() takes the sample; latches() and unread() belong to it. Where
        board.json may give a door a second reed there is reeds2(), like reeds().
        """

        def reeds(self) -> int:
            """Bit set: the reed says closed."""
            ...

        def latches(self) -> int:
            """Bit set: the latch contact says locked."""
            ...

        def unread(self) -> int:
            """Bit set: this door's contacts could not be read; their bits hold the sample before.
            Always 0 where the contacts are wired to pins.
            """
            ...

    class CoilPort(Protocol):
        """Pulses that hardware ends. No call here can hold a coil on."""

        def fire(self, mask: int, on_ms: int) -> None:
            """Start one pulse on the coils in mask (bit d-1 for door d). Series enable is on for
            the pulse only.

            Raises ValueError for a mask with more coils than the board allows or an on_ms outside
            1..limit_ms, OSError when a pulse still runs.
            """
            ...

        def busy(self) -> bool:
            """True from fire() until the hardware has ended the pulse."""
            ...

        def abort(self) -> None:
            """Series enable off and every coil pin at its safe level, now. Never raises."""
            ...

        @property
        def limit_ms(self) -> int:
            """The longest pulse the hardware program can make."""
            ...

    class AnalogPort(Protocol):
        """Analog inputs, by their names in board.json; a hal has it as ``analog`` where there can
        be some.
        """

        def millivolts(self, name: str) -> int:
            """The level at the pin, 0 to 3300; a converter may end below."""
            ...

    class KeyMatrixPort(Protocol):
        """4 rows x 3 columns and a separate help button."""

        def any_down(self) -> bool:
            """All rows at once: False when certainly no key is down, help included."""
            ...

        def columns(self, row: int) -> int:
            """Drive one row (0..3), return the columns that answer: bit 0 = left."""
            ...

        def help_down(self) -> bool: ...

    class Every(Protocol):
        """Calls call(ticks_ms) every period_ms between two instructions of whatever runs: steps
        that take long lose no key. A hal has it as ``every`` where the controller can do that.
        """

        def __call__(self, period_ms: int, call: "Callable[[int], None]") -> None: ...

    class I2CPort(Protocol):
        """The part of machine.I2C that the drivers use. Every call may raise OSError."""

        def writeto(self, addr: int, buf: bytes) -> int: ...
        def writeto_mem(self, addr: int, memaddr: int, buf: bytes) -> None: ...
        def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray) -> None: ...

    class RtcPort(Protocol):
        """The part of machine.RTC that is used; a hal has it as ``rtc`` where the controller has
        such a clock.
        """

        def datetime(self, fields: "tuple[int, ...]" = ...) -> "tuple[int, ...]":
            """(year, month, day, weekday, hour, minute, second, fraction); fields: to set it."""
            ...

    class SignalPort(Protocol):
        """The station's red and green lamps and its beeper."""

        def lamps(self, red: bool, green: bool) -> None: ...
        def beep(self, on: bool) -> None: ...

    class LinkPort(Protocol):
        """One network interface. join() starts and is_up() tells; only the first join() may take
        long.
        """

        def configure(self, wifi: "dict[str, str]") -> None:
            """What the next join() uses: ssid, password, country. An interface without an access
            point ignores it.
            """
            ...

        def join(self) -> None: ...
        def is_up(self) -> bool: ...
        def rssi_dbm(self) -> int:
            """0 when unknown."""
            ...

    class MarkerPort(Protocol):
        """Seven bytes that outlive the file system."""

        def read(self) -> bytes:
            """What was written last, or anything else; empty when it cannot be read."""
            ...

        def write(self, data: bytes) -> bool:
            """True when it holds."""
            ...

    class BlockPort(Protocol):
        """The raw flash under the file system, as littlefs uses it: MicroPython's block device."""

        def readblocks(self, block: int, buf: "bytearray | memoryview", offset: int) -> None: ...
        def writeblocks(self, block: int, buf: memoryview, offset: int) -> None:
            """Program without an erase: bits are cleared, none is set. Raises OSError."""
            ...

        def ioctl(self, op: int, arg: int) -> int: ...

    class SystemPort(Protocol):
        """The controller itself."""

        @property
        def service_jumper(self) -> bool:
            """True when it was set at power-up: no watchdog, console open."""
            ...

        def ticks_ms(self) -> int:
            """Wrapping milliseconds, period 2**30 (see core.ticks)."""
            ...

        def feed(self) -> None:
            """Feed the hardware watchdog; arms it at the first call. Does nothing with the service
            jumper set.
            """
            ...

        def restart(self) -> None:
            """Reset the controller; does not return on hardware."""
            ...

        def reset_cause(self) -> str:
            """'power', 'watchdog', 'soft' or 'other'."""
            ...

        def random(self, n: int) -> bytes: ...
        def free_heap(self) -> int: ...

    class Hal(Protocol):
        """A whole board."""

        @property
        def contacts(self) -> ContactPort: ...

        @property
        def coils(self) -> CoilPort: ...

        @property
        def keys(self) -> KeyMatrixPort: ...

        @property
        def i2c(self) -> I2CPort: ...

        @property
        def signals(self) -> SignalPort: ...

        @property
        def link(self) -> LinkPort: ...

        @property
        def system(self) -> SystemPort: ...

        @property
        def accepts_demo_keys(self) -> bool:
            """True on the virtual board only."""
            ...

        @property
        def radio_shares_heap(self) -> bool:
            """The radio takes its memory from where MicroPython's heap grows."""
            ...
