"""HD44780 character display behind a PCF8574 I2C expander, 16x2 or 20x4.

Hitachi HD44780U data sheet: "Initializing by Instruction" (4-bit interface) and table 6 (execution
times). Expander wiring of the common backpack: P0 RS, P1 R/W, P2 E, P3 backlight, P4-P7
D4-D7. E falls with every second byte; two bytes take 180 us at 100 kHz, so the 37 us of an
instruction pass on the bus. Only the long waits of the start need the clock.

Beyond ASCII the makers' character sets differ, so letters with accents are drawn: eight of them,
codes 0 to 7, in the controller's CGRAM.
"""

from locker.core import ticks
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from locker.ports import I2CPort

_RS = const(0x01)
_E = const(0x04)
_LIGHT = const(0x08)
_SET_ADDRESS = const(0x80)
_SET_GLYPH = const(0x40)
_GLYPH_BYTES = const(8)
_UNKNOWN = b"\xff"  # what the glass shows there; no text has it

_RUN_MAX = const(10)  # 44 bytes, 4 ms at 100 kHz: the longest that one step may hold the bus
_POWER_UP_MS = const(50)
_RETRY_MS = const(5_000)
_PROBE_MS = const(2_000)
# A spike on E shifts the 4-bit interface by half a byte for good, with no error on the bus.
_RESYNC_MS = const(60_000)

_CLEAR = const(0x01)
_HOME = const(0x02)  # undoes a shift

# Start-up: (nibble or instruction, sent as one nibble only, ms to wait after it).
_START = (
    (0x3, True, 5),
    (0x3, True, 1),
    (0x3, True, 1),
    (0x2, True, 0),
    (0x28, False, 0),  # 4 bits, two (or four) lines
    (0x06, False, 0),  # cursor moves right, no shift
    (0, False, 2),  # clear or home
    (0x0C, False, 0),  # display on, no cursor
)


class Display:
    """Set the text with show(); each step() sends at most ten that differ. Never raises.

    powered: ticks by which it had its supply. ok is False from a bus error until the display has
    been started again (tried every 5 s).
    """

    def __init__(
        self, i2c: "I2CPort", address: int, columns: int, rows: int, powered: int
    ) -> None:
        self._i2c = i2c
        self._address = address
        self._columns = columns
        self._row_starts = (0x00, 0x40, columns, 0x40 + columns)[:rows]
        self._wanted = bytearray(b" " * (columns * rows))
        self._shown = bytearray(_UNKNOWN * (columns * rows))
        self._glyphs = b""
        self._drawn = 0  # bytes of them that the controller has
        self._restart(powered, _POWER_UP_MS, _CLEAR)
        self._started_at = 0
        self._probed_at = 0
        self.ok = True

    def draw(self, glyphs: bytes) -> None:
        """Set the shapes of the characters from 0 on: eight rows each, five bits a row."""
        self._glyphs = glyphs
        self._drawn = 0

    def show(self, lines: "list[str] | tuple[str, ...]") -> None:
        """Set the wanted text, cut and padded. What the display cannot print becomes "?"."""
        columns = self._columns
        least = 0 if self._glyphs else 0x20
        for row in range(len(self._row_starts)):
            text = ((lines[row] if row < len(lines) else "") + " " * columns)[:columns]
            codes = text.encode()
            # Cell by cell, 80 of them take 16 ms on a Pico W.
            if len(codes) != columns or not least <= min(codes) <= max(codes) < 0x7E:
                codes = bytes([c if least <= c < 0x7E else 0x3F for c in map(ord, text)])
            self._wanted[row * columns : (row + 1) * columns] = codes

    def step(self, now: int) -> bool:
        """Do one piece of work. True while a working display does not yet show the wanted text."""
        try:
            if self._stage < len(_START):
                self._start(now)
            elif self._drawn < len(self._glyphs):
                self._send_glyph()
            elif self._wanted != self._shown:
                self._send_run()
            else:
                self._idle(now)
        except OSError:
            self.ok = False
            self._restart(now, _RETRY_MS, _CLEAR)
        return self.ok and self._is_behind()

    def idle_ms(self, now: int) -> int:
        """How long step() has nothing to do, 0 or less: none, while no other text is wanted."""
        if self._stage < len(_START):
            return ticks.diff(self._wait_until, now)
        if self._is_behind():
            return 0
        probe_ms = _PROBE_MS - ticks.diff(now, self._probed_at)
        return min(probe_ms, _RESYNC_MS - ticks.diff(now, self._started_at))

    def _is_behind(self) -> bool:
        starting = self._stage < len(_START) or self._drawn < len(self._glyphs)
        return starting or self._wanted != self._shown

    def _restart(self, now: int, wait_ms: int, home: int) -> None:
        self._stage = 0  # index into _START
        self._home = home
        self._wait_until = ticks.add(now, wait_ms)

    def _start(self, now: int) -> None:
        if not ticks.due(now, self._wait_until):
            return
        frame, wait_ms = b"", 0
        while self._stage < len(_START) and not wait_ms:
            value, one_nibble, wait_ms = _START[self._stage]
            frame += _nibble(value, 0) if one_nibble else _byte(value or self._home, 0)
            self._stage += 1
        self._i2c.writeto(self._address, frame)
        self._wait_until = ticks.add(now, wait_ms)
        if self._stage == len(_START):
            self.ok = True
            self._started_at = self._probed_at = now
            shown = _UNKNOWN if self._home == _HOME else b" "
            self._shown = bytearray(shown * len(self._wanted))
            self._drawn = 0

    def _send_run(self) -> None:
        first = 0
        while self._wanted[first] == self._shown[first]:
            first += 1
        row, column = divmod(first, self._columns)
        end = min(first + _RUN_MAX, (row + 1) * self._columns)
        while self._wanted[end - 1] == self._shown[end - 1]:
            end -= 1
        frame = _byte(_SET_ADDRESS | (self._row_starts[row] + column), 0)
        for cell in range(first, end):
            frame += _byte(self._wanted[cell], _RS)
        self._i2c.writeto(self._address, frame)
        self._shown[first:end] = self._wanted[first:end]

    def _send_glyph(self) -> None:
        frame = _byte(_SET_GLYPH | self._drawn, 0)
        for row in self._glyphs[self._drawn : self._drawn + _GLYPH_BYTES]:
            frame += _byte(row, _RS)
        self._i2c.writeto(self._address, frame)
        self._drawn += _GLYPH_BYTES

    def _idle(self, now: int) -> None:
        if ticks.diff(now, self._started_at) >= _RESYNC_MS:
            self._restart(now, 0, _HOME)  # the text is written over: nobody sees it
        elif ticks.diff(now, self._probed_at) >= _PROBE_MS:
            self._probed_at = now
            self._i2c.writeto(self._address, bytes([_LIGHT]))


def _nibble(value: int, mode: int) -> bytes:
    """The low four bits with a pulse on E."""
    lines = value << 4 | _LIGHT | mode
    return bytes([lines | _E, lines])


def _byte(value: int, mode: int) -> bytes:
    return _nibble(value >> 4, mode) + _nibble(value & 0x0F, mode)
