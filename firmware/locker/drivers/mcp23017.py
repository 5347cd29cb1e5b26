"""Door contacts on MCP23017 I2C expanders, seven doors each: reeds on GPA0-6, latches on GPB0-6.

Microchip DS20001952D: GPA7 and GPB7 are output only, because an input that changes there while it
is read can corrupt SDA. They are driven low here and stay unconnected. Nothing else is ever an
output: the chip has no output-enable, and it holds its outputs through our resets.
"""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import I2CPort

_DOORS_EACH = const(7)
_INPUTS = const(0x7F)
# Registers with IOCON.BANK = 0, as after power-on: port A and B lie side by side.
_IODIR = const(0x00)
_GPPU = const(0x0C)
_GPIO = const(0x12)
_SET_UP = b"\x7f\x7f"  # of IODIR (inputs) and of GPPU (pull-ups)

_MISSES_MAX = const(3)  # 30 ms without an answer: more than one spike on the bus
_RETRY_EVERY = const(32)  # polls: an expander that is lost costs one time-out in 320 ms
_CHECK_EVERY = const(8)  # polls: each of four is asked every 320 ms whether it was reset


class ExpanderContacts:
    """ports.ContactPort. reeds() reads everything once; latches() belongs to the same sample.

    unread: mask of doors whose contacts are not known, all at first. Their bits hold the last
    sample and mean nothing. Neither call raises. reeds() takes one transfer an expander and one
    more; three more where a lost expander is tried again.
    """

    def __init__(
        self, i2c: "I2CPort", addresses: "list[int]", doors: int, lows: "tuple[int, int]"
    ) -> None:
        """addresses: one for each seven doors. lows: masks of the reeds that are low when closed,
        and of the latches that are low when locked.
        """
        self._i2c = i2c
        self._addresses = addresses
        self._all = (1 << doors) - 1
        self._reeds_low, self._latches_low = lows
        self._reeds = 0
        self._latches = 0
        self._misses = [_MISSES_MAX] * len(addresses)
        self._polls = -1
        self._ports = bytearray(2)
        self.unread = self._all

    def reeds(self) -> int:
        self._poll()
        return self._reeds ^ self._reeds_low

    def latches(self) -> int:
        return self._latches ^ self._latches_low

    def _poll(self) -> None:
        count = len(self._addresses)
        self._polls = (self._polls + 1) % (_CHECK_EVERY * _RETRY_EVERY)
        for index in range(count):
            if self._misses[index] >= _MISSES_MAX:
                if self._polls % _RETRY_EVERY == index:
                    self._revive(index)
            elif self._polls % (_CHECK_EVERY * count) == _CHECK_EVERY * index:
                self._check(index)
            else:
                self._read(index)

    def _read(self, index: int) -> None:
        try:
            self._sample(index)
        except OSError:
            self._miss(index)

    def _check(self, index: int) -> None:
        """Read, and see whether the expander was reset: its inputs have no pull-ups then."""
        try:
            self._i2c.readfrom_mem_into(self._addresses[index], _GPPU, self._ports)
            if self._ports == _SET_UP:
                self._sample(index)
            else:
                self._lose(index)
        except OSError:
            self._miss(index)

    def _revive(self, index: int) -> None:
        try:
            for register in (_IODIR, _GPPU):
                self._i2c.writeto_mem(self._addresses[index], register, _SET_UP)
            self._sample(index)
        except OSError:
            pass  # unread until the next try

    def _sample(self, index: int) -> None:
        """Both ports in one transfer."""
        self._i2c.readfrom_mem_into(self._addresses[index], _GPIO, self._ports)
        at = _DOORS_EACH * index
        mine = _INPUTS << at & self._all
        self._reeds = self._reeds & ~mine | self._ports[0] << at & mine
        self._latches = self._latches & ~mine | self._ports[1] << at & mine
        self.unread &= ~mine
        self._misses[index] = 0

    def _miss(self, index: int) -> None:
        self._misses[index] += 1
        if self._misses[index] >= _MISSES_MAX:
            self._lose(index)

    def _lose(self, index: int) -> None:
        self._misses[index] = _MISSES_MAX
        self.unread |= _INPUTS << _DOORS_EACH * index & self._all
