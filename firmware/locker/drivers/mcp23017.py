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
    from collections.abc import Callable

    from locker.drivers.pins import Pin
    from locker.ports import I2CPort

_DOORS_EACH = const(7)
_INPUTS = const(0x7F)
_MARK = const(0x80)  # 0 on port A, 1 on port B
# Registers with IOCON.BANK = 0, as after power-on: port A and B lie side by side.
_GPIO = const(0x12)
# IODIR (inputs), IPOL, GPINTEN, DEFVAL, INTCON, IOCON, GPPU (pull-ups), from register 0 on.
_SETTINGS = b"\x7f\x7f" + bytes(10) + b"\x7f\x7f"
# IOCON lies at 5 in the other bank. Latches are high: an input that becomes an output reads open.
_SET_UP = ((0x05, b"\x00"), (0x0A, b"\x00"), (0x14, b"\x7f\xff"), (0x00, _SETTINGS))

_MISSES_MAX = const(3)  # 30 ms without an answer: more than one spike on the bus
_RETRY_EVERY = const(32)  # polls: a lost expander costs little while it is away
_CHECK_EVERY = const(8)  # polls: each of four is asked every 320 ms whether it was reset
_EIO = const(5)
_ETIMEDOUT = const(110)
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
    """ports.ContactPort. A level that changes is believed only when the chip's settings are then
    still in place.

    reeds() takes one transfer an expander and one more; one for each that changed, five where a
    lost one is tried again. A bus that does not move costs one time-out.
    """

    def __init__(
        self,
        connect: "Callable[[], I2CPort]",
        addresses: "list[int]",
        doors: int,
        lows: "tuple[int, int]",
    ) -> None:
        """connect: frees the bus and gives it, again before each try of a lost expander. addresses:
        one for each seven doors. lows: masks of the reeds that are low when closed, and of the
        latches that are low when locked.
        """
        self._connect = connect
        self._i2c = connect()
        self._addresses = addresses
        self._all = (1 << doors) - 1
        self._reeds_low, self._latches_low = lows
        self._reeds = 0
        self._latches = 0
        self._unread = self._all
        self._misses = [_MISSES_MAX] * len(addresses)
        self._polls = -1
        self._stuck = False
        self._ports = bytearray(2)
        self._settings = bytearray(len(_SETTINGS))

    def reeds(self) -> int:
        self._poll()
        return self._reeds ^ self._reeds_low

    def latches(self) -> int:
        return self._latches ^ self._latches_low

    def unread(self) -> int:
        return self._unread

    def _poll(self) -> None:
        index = len(self._addresses)
        self._polls = (self._polls + 1) % (_CHECK_EVERY * _RETRY_EVERY)
        self._stuck = False
        while index:  # a for loop would need a frame in the heap
            index -= 1
            if self._misses[index] < _MISSES_MAX:
                self._read(index)
            elif self._polls % _RETRY_EVERY == index:
                self._revive(index)

    def _read(self, index: int) -> None:
        if self._stuck:
            self._miss(index)  # it would cost one more time-out
            return
        try:
            if self._polls % (_CHECK_EVERY * len(self._addresses)) == _CHECK_EVERY * index:
                self._check(index)
            self._sample(index)
        except OSError as error:
            self._stuck = error.args[0] == _ETIMEDOUT
            self._miss(index)

    def _revive(self, index: int) -> None:
        try:
            self._i2c = self._connect()
            for register, values in _SET_UP:
                self._i2c.writeto_mem(self._addresses[index], register, values)
            self._check(index)
            self._sample(index)
        except OSError:
            pass  # unread until the next try

    def _check(self, index: int) -> None:
        """OSError when the settings are gone: contacts may then float, or be outputs."""
        self._i2c.readfrom_mem_into(self._addresses[index], 0, self._settings)
        if self._settings != _SETTINGS:
            self._misses[index] = _MISSES_MAX
            raise OSError(_EIO)

    def _sample(self, index: int) -> None:
        """Both ports in one transfer."""
        ports = self._ports
        self._i2c.readfrom_mem_into(self._addresses[index], _GPIO, ports)
        if ports[0] & _MARK or not ports[1] & _MARK:
            raise OSError(_EIO)
        at = _DOORS_EACH * index
        mine = _INPUTS << at & self._all
        reeds = self._reeds & ~mine | ports[0] << at & mine
        latches = self._latches & ~mine | ports[1] << at & mine
        if reeds != self._reeds or latches != self._latches:
            self._check(index)
            self._reeds = reeds
            self._latches = latches
        self._unread &= ~mine
        self._misses[index] = 0

    def _miss(self, index: int) -> None:
        self._misses[index] += 1
        self._unread |= _INPUTS << _DOORS_EACH * index & self._all
