"""Door contacts on MCP23017 I2C expanders, seven doors each: reeds on GPA0-6, latches on GPB0-6.

Microchip DS20001952D: GPA7 and GPB7 are output only, because an input that changes there while it
is read can corrupt SDA. They stay unconnected and tell the chip's own voice from noise: one is
driven low, the other high, so neither a line that is stuck nor a chip that was reset looks like a
sample. Nothing else is ever an output: the chip has no output-enable, and it holds its outputs
through our resets.
"""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Protocol

    from locker.drivers.pins import Pin
    from locker.ports import I2CPort

    class Bus(Protocol):
        """The expanders' two wires."""

        def connect(self) -> I2CPort:
            """Free the bus and give it; what connect() gave before is no longer used."""
            ...

        def held(self) -> bool:
            """True while somebody holds a line low though nothing is sent."""
            ...


_DOORS_EACH = const(7)
_INPUTS = const(0x7F)
_MARK = const(0x80)  # 0 on port A, 1 on port B
# Registers with IOCON.BANK = 0, as after power-on: port A and B lie side by side.
_GPIO = const(0x12)
# IODIR (inputs), IPOL, GPINTEN, DEFVAL, INTCON, IOCON, GPPU (pull-ups), from register 0 on.
_SETTINGS = b"\x7f\x7f" + bytes(10) + b"\x7f\x7f"
_ALL_HIGH = b"\x7f\xff"
# IOCON lies at 5 in the other bank. Latches are high: an input that becomes an output reads open.
_SET_UP = ((0x05, b"\x00"), (0x0A, b"\x00"), (0x14, _ALL_HIGH), (0x00, _SETTINGS))

_MISSES_MAX = const(3)  # in a row: more than one spike on the bus
_POLLS = const(63)  # less one
_TURN_EVERY = const(16)  # polls; four chips have their turns in 64,
_TRY_EVERY = const(4)  # and in 16 while one is lost: before its doors would be inhibited
_AWAKE_POLLS = const(100)
_EIO = const(5)
_CLOCKS = const(9)


def free_bus(sda: "Pin", scl: "Pin") -> None:
    """Clock out a chip that a reset of ours left in the middle of a byte, with SDA held low
    (NXP UM10204, 3.1.16). Both pins open drain and high.
    """
    clocks = _CLOCKS
    while clocks and not sda.value():
        scl.value(0)
        scl.value(1)
        clocks -= 1
    sda.value(0)
    sda.value(1)  # while SCL is high: a stop


class ExpanderContacts:
    """ports.ContactPort. While nothing happens every second reeds() reads one expander, in turn;
    for a second after a level has changed, an answer was missed or wake() was called, each reads
    them all.

    A level that changes is believed only when the chip's settings are then still in place; they
    are also looked at every 64 calls. A lost chip is set up anew every 16 calls. A bus that is
    held costs one time-out a call.
    """

    def __init__(
        self, bus: "Bus", addresses: "list[int]", doors: int, lows: "tuple[int, int]"
    ) -> None:
        """addresses: one for each seven doors, four at most. lows: masks of the reeds that are low
        when closed, and of the latches that are low when locked.
        """
        self._bus = bus
        self._i2c = bus.connect()
        self._addresses = addresses
        self._all = (1 << doors) - 1
        self._reeds_low, self._latches_low = lows
        self._reeds = self._latches = self._all
        self._unread = self._all
        self._misses = [_MISSES_MAX] * len(addresses)
        self._ports = [bytearray(_ALL_HIGH) for _ in addresses]
        self._new = bytearray(2)
        self._settings = bytearray(len(_SETTINGS))
        self._polls = -1
        self._awake = 0
        self._held = False

    def reeds(self) -> int:
        self._poll()
        return self._reeds ^ self._reeds_low

    def latches(self) -> int:
        return self._latches ^ self._latches_low

    def unread(self) -> int:
        return self._unread

    def wake(self) -> None:
        """Something is about to move."""
        self._awake = _AWAKE_POLLS

    # Small functions on purpose: at most eleven names and operands, and three more words for a
    # try, or MicroPython looks for room in the heap at every call.

    def _poll(self) -> None:
        index = len(self._addresses)
        self._polls = (self._polls + 1) & _POLLS
        self._held = False
        if self._awake:
            self._awake -= 1
            while index:  # a for loop would need a frame in the heap
                index -= 1
                self._read(index)
        elif self._polls & 1:
            self._read((self._polls >> 1) % index)
        every = _TRY_EVERY if self._unread else _TURN_EVERY
        if not self._polls % every:
            self._turn(self._polls // every & 3)

    def _read(self, index: int) -> None:
        if self._misses[index] >= _MISSES_MAX:
            return
        if self._held:  # it would cost one more time-out
            self._miss(index)
            return
        try:
            self._sample(index)
        except OSError:
            self._miss(index)

    def _turn(self, index: int) -> None:
        if index >= len(self._addresses) or self._held:
            return
        try:
            if self._misses[index] >= _MISSES_MAX:
                self._set_up(index)
            self._check(index)
            self._sample(index)
        except OSError:
            self._miss(index)

    def _set_up(self, index: int) -> None:
        self._i2c = self._bus.connect()
        if self._bus.held():
            raise OSError(_EIO)
        for register, values in _SET_UP:
            self._i2c.writeto_mem(self._addresses[index], register, values)

    def _check(self, index: int) -> None:
        """OSError when the settings are gone: contacts may then float, or be outputs."""
        self._i2c.readfrom_mem_into(self._addresses[index], 0, self._settings)
        if self._settings != _SETTINGS:
            self._misses[index] = _MISSES_MAX
            raise OSError(_EIO)

    def _sample(self, index: int) -> None:
        """Both ports in one transfer."""
        self._i2c.readfrom_mem_into(self._addresses[index], _GPIO, self._new)
        if self._new != self._ports[index]:
            self._change(index)
        if self._misses[index] or self._unread:
            self._misses[index] = 0
            self._unread &= ~self._doors(index)

    def _change(self, index: int) -> None:
        """Take the new levels, when they are a sample and not noise."""
        if self._new[0] & _MARK or not self._new[1] & _MARK:
            raise OSError(_EIO)
        self._check(index)
        self._ports[index][:] = self._new
        mine = self._doors(index)
        at = _DOORS_EACH * index
        self._reeds = self._reeds & ~mine | self._new[0] << at & mine
        self._latches = self._latches & ~mine | self._new[1] << at & mine
        self.wake()

    def _miss(self, index: int) -> None:
        self._held = self._bus.held()
        self._misses[index] += 1
        self._unread |= self._doors(index)
        if self._misses[index] <= _MISSES_MAX:
            self.wake()

    def _doors(self, index: int) -> int:
        return _INPUTS << _DOORS_EACH * index & self._all
