"""Door contacts on MCP23017 I2C expanders, seven doors each: reeds on GPA0-6, latches on GPB0-6.

Microchip DS20001952D: GPA7 and GPB7 are output only, because an input that changes there while it
is read can corrupt SDA. They are driven low here and stay unconnected. Nothing else is ever an
output: the chip has no output-enable, and it holds its outputs through our resets.
"""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import I2CPort

DOORS_EACH = const(7)
_INPUTS = const(0x7F)
# Registers with IOCON.BANK = 0, as after power-on: port A and B lie side by side.
_IODIR = const(0x00)
_GPPU = const(0x0C)
_GPIO = const(0x12)
_SETTINGS = ((_IODIR, b"\x7f\x7f"), (_GPPU, b"\x7f\x7f"))

_MISSES_MAX = const(3)  # 30 ms without an answer: longer than one spike on the bus
_RETRY_EVERY = const(32)  # polls: an expander that is lost costs one time-out in 320 ms
_CHECK_EVERY = const(8)  # polls: each of four is asked every 320 ms whether it was reset


class ExpanderContacts:
    """ports.ContactPort. reeds() reads everything once; latches() belongs to the same sample.

    unread: mask of doors whose contacts are not known, all at first. Their bits hold the last
    sample and mean nothing. Neither call raises or takes longer than one transfer an expander, one
    check and one set-up.
    """

    def __init__(self, i2c: "I2CPort", addresses: "list[int]", lows: "tuple[int, int]") -> None:
        """addresses: one for each seven doors. lows: masks of the reeds that are low when closed,
        and of the latches that are low when locked.
        """
        self._i2c = i2c
        self._addresses = addresses
        self._reeds_low, self._latches_low = lows
        self._reeds = 0
        self._latches = 0
        self._misses = [_MISSES_MAX] * len(addresses)
        self._polls = -1
        self._ports = bytearray(2)
        self.unread = (1 << DOORS_EACH * len(addresses)) - 1

    def reeds(self) -> int:
        self._poll()
        return self._reeds ^ self._reeds_low

    def latches(self) -> int:
        return self._latches ^ self._latches_low

    def _poll(self) -> None:
        self._polls = (self._polls + 1) % (_CHECK_EVERY * _RETRY_EVERY)
        checked = self._polls // _CHECK_EVERY if self._polls % _CHECK_EVERY == 0 else -1
        for index in range(len(self._addresses)):
            if self._misses[index] < _MISSES_MAX:
                self._step(index, checked >= 0 and checked % len(self._addresses) == index)
            elif self._polls % _RETRY_EVERY == index:
                self._revive(index)

    def _step(self, index: int, check: bool) -> None:
        try:
            if check and not self._is_set_up(index):
                self._lose(index)
                return
            self._sample(index)
        except OSError:
            self._misses[index] += 1
            if self._misses[index] >= _MISSES_MAX:
                self._lose(index)

    def _revive(self, index: int) -> None:
        try:
            for register, data in _SETTINGS:
                self._i2c.writeto_mem(self._addresses[index], register, data)
            self._sample(index)
        except OSError:
            pass  # it stays unread until the next try

    def _is_set_up(self, index: int) -> bool:
        """False after a reset of the expander: its inputs have lost their pull-ups."""
        self._i2c.readfrom_mem_into(self._addresses[index], _GPPU, self._ports)
        return self._ports == _SETTINGS[1][1]

    def _sample(self, index: int) -> None:
        """Both ports in one transfer."""
        self._i2c.readfrom_mem_into(self._addresses[index], _GPIO, self._ports)
        at = DOORS_EACH * index
        others = ~(_INPUTS << at)
        self._reeds = self._reeds & others | (self._ports[0] & _INPUTS) << at
        self._latches = self._latches & others | (self._ports[1] & _INPUTS) << at
        self.unread &= others
        self._misses[index] = 0

    def _lose(self, index: int) -> None:
        self._misses[index] = _MISSES_MAX
        self.unread |= _INPUTS << DOORS_EACH * index
