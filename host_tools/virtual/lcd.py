"""A character display: HD44780 behind a PCF8574 I2C backpack, with nibbles and busy times.

Wiring of the common backpack: P0 RS, P1 RW, P2 E, P3 backlight, P4..P7 = D4..D7.
"""

from __future__ import annotations

from locker.core import glyphs

_RS, _RW, _E, _LIGHT = 1, 2, 4, 8
_POWER_UP_MS = 40.0
_SLOW_MS = 1.52  # clear and home
_FAST_MS = 0.037
# The first two "function set" of the initialisation by instruction want 4.1 ms and 0.1 ms.
_INIT_MS = (4.1, 0.1)
_LINE = 40
_SECOND = 0x40
_ODD = {0x5C: "¥", 0x7E: "→", 0x7F: "←", 0xDF: "°", 0xE4: "µ", 0xFF: "█"}


class Hd44780:
    """The controller chip. Instructions while it is busy are lost; ``early`` counts them.

    With ``strict`` off they are carried out all the same: for wall time, which is no witness of
    microseconds.
    """

    def __init__(self, columns: int = 20, rows: int = 4) -> None:
        self.columns, self.rows = columns, rows
        self.early = 0
        self.strict = True
        self.power_up(0.0)

    def power_up(self, now_ms: float) -> None:
        """Supply returns: 8-bit interface, display off, nothing shown."""
        self._ddram = bytearray(b" " * (2 * _LINE))
        self._cgram = bytearray(64)
        self.display_on = self.cursor_on = self.blink = False
        self.four_bit = False
        self._high: int | None = None
        self._address = self._shift = 0
        self._to_cgram = self._shifts_display = False
        self._step = 1
        self._init_ms = list(_INIT_MS)
        self._two_lines = False
        self._ready_ms = now_ms + _POWER_UP_MS
        self._glass: list[str] = []

    def strobe(self, now_ms: float, is_data: bool, nibble: int) -> None:
        """Falling edge of E with D7..D4 = nibble (0..15)."""
        if now_ms < self._ready_ms:
            self.early += 1
            if self.strict:
                return
        if not self.four_bit:
            self._execute(now_ms, is_data, nibble << 4)
        elif self._high is None:
            self._high = nibble
        else:
            value, self._high = self._high << 4 | nibble, None
            self._execute(now_ms, is_data, value)

    def lines(self) -> list[str]:
        """What a person reads.

        ``rows`` strings of ``columns`` characters, blank while the display is off.
        """
        if not self._glass:
            self._glass = [
                self._line(row) if self.display_on else " " * self.columns
                for row in range(self.rows)
            ]
        return self._glass

    def cursor(self) -> tuple[int, int] | None:
        """(row, column) of a visible cursor."""
        if not (self.display_on and (self.cursor_on or self.blink)) or self._to_cgram:
            return None
        for row in range(self.rows):
            column = (self._address & 0x3F) - self._start(row)[1] - self._shift
            if self._address >> 6 == self._start(row)[0] and 0 <= column < self.columns:
                return row, column
        return None

    def _start(self, row: int) -> tuple[int, int]:
        # Rows 2 and 3 of a four-row glass are the far halves of the two lines.
        return row % 2, self.columns if row >= 2 else 0

    def _line(self, row: int) -> str:
        half, start = self._start(row)
        if half and not self._two_lines:
            return " " * self.columns
        cells = ((start + self._shift + i) % _LINE for i in range(self.columns))
        return "".join(self._glyph(self._ddram[half * _LINE + cell]) for cell in cells)

    def _glyph(self, code: int) -> str:
        if code >= 0x10:
            return _ODD.get(code) or (chr(code) if 0x20 <= code < 0x7F else "·")
        at = code % 8 * 8  # eight characters of its own, at two places of the set
        drawn = bytes(row & 0x1F for row in self._cgram[at : at + 8])
        return glyphs.BY_ROWS.get(drawn, "▪")  # a person knows a letter by its shape

    def _execute(self, now_ms: float, is_data: bool, value: int) -> None:
        self._ready_ms = now_ms + _FAST_MS
        self._glass = []
        if is_data:
            self._store(value)
            return
        for bit, act in (
            (0x80, self._set_ddram),
            (0x40, self._set_cgram),
            (0x20, self._function_set),
            (0x10, self._move),
            (0x08, self._control),
            (0x04, self._entry_mode),
            (0x03, self._home),
        ):
            if value & bit:
                act(value)
                return

    def _store(self, value: int) -> None:
        if self._to_cgram:
            self._cgram[self._address & 0x3F] = value
            self._address = (self._address + self._step) & 0x3F
            return
        half, cell = self._address >> 6 & 1, self._address & 0x3F
        if cell < _LINE:
            self._ddram[half * _LINE + cell] = value
        self._step_address()

    def _step_address(self) -> None:
        half, cell = self._address >> 6 & 1, (self._address & 0x3F) + self._step
        if not 0 <= cell < _LINE:
            half, cell = 1 - half, cell % _LINE
        self._address = half << 6 | cell
        if self._shifts_display:
            self._shift = (self._shift + self._step) % _LINE

    def _set_ddram(self, value: int) -> None:
        self._to_cgram, self._address = False, value & 0x7F

    def _set_cgram(self, value: int) -> None:
        self._to_cgram, self._address = True, value & 0x3F

    def _function_set(self, value: int) -> None:
        eight = bool(value & 0x10)
        if eight and not self.four_bit and self._init_ms:
            self._ready_ms += self._init_ms.pop(0) - _FAST_MS
        if not eight:
            self._init_ms.clear()
        self.four_bit = not eight
        self._two_lines = bool(value & 0x08)

    def _move(self, value: int) -> None:
        step = 1 if value & 0x04 else -1
        if value & 0x08:
            self._shift = (self._shift - step) % _LINE
        else:
            self._address = (self._address + step) & 0x7F

    def _control(self, value: int) -> None:
        self.display_on = bool(value & 4)
        self.cursor_on, self.blink = bool(value & 2), bool(value & 1)

    def _entry_mode(self, value: int) -> None:
        self._step, self._shifts_display = (1 if value & 2 else -1), bool(value & 1)

    def _home(self, value: int) -> None:
        self._ready_ms += _SLOW_MS - _FAST_MS
        self._to_cgram, self._address, self._shift = False, 0, 0
        if value == 1:
            self._ddram[:] = b" " * len(self._ddram)
            self._step = 1


class Backpack:
    """PCF8574 as an I2C device: each byte is the new state of its eight pins."""

    def __init__(self, glass: Hd44780) -> None:
        self.glass = glass
        self.backlight = False
        self._pins = 0

    def start(self, now_ms: float, reading: bool) -> None:
        """A PCF8574 has no register to reset at the start of a transfer."""

    def write_byte(self, now_ms: float, value: int) -> None:
        fell = self._pins & _E and not value & _E
        # The data lines are sampled on the falling edge: a real chip wants them stable before it.
        if fell and not self._pins & _RW:
            self.glass.strobe(now_ms, bool(self._pins & _RS), self._pins >> 4)
        self._pins = value
        self.backlight = bool(value & _LIGHT)

    def read_byte(self, now_ms: float) -> int:
        return self._pins
