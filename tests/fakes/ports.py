"""Tiny stand-ins for the hardware behind locker.ports. Time moves only when a test says so.

Runs on CPython and on MicroPython.
"""


class FakeBus:
    """I2C bus with register-level devices by address. Records the bytes of each transfer."""

    def __init__(self, **devices):
        self.devices = {}
        self.transfers = []
        for device in devices.values():
            self.devices[device.address] = device

    def _device(self, addr, size):
        self.transfers.append(size + 1)
        device = self.devices.get(addr)
        if device is None or not device.present:
            raise OSError(5)
        return device

    def writeto(self, addr, buf):
        self._device(addr, len(buf)).write(bytes(buf))
        return len(buf)

    def writeto_mem(self, addr, memaddr, buf):
        self._device(addr, len(buf) + 1).write_registers(memaddr, bytes(buf))

    def readfrom_mem_into(self, addr, memaddr, buf):
        data = self._device(addr, len(buf) + 1).read_registers(memaddr, len(buf))
        buf[:] = data


class FakeLcd:
    """PCF8574 with an HD44780 in 4-bit wiring: takes a nibble at each falling edge of E."""

    def __init__(self, columns=20, rows=4, address=39):
        self.address = address
        self.present = True
        self.columns = columns
        self.rows = rows
        self.power_cycle()

    def power_cycle(self):
        """8-bit interface, display off, memory full of noise."""
        self.ram = [0xA5] * 0x80
        self.glyphs = bytearray(64)
        self.cursor = 0
        self.draws = False
        self.on = False
        self.four_bit = False
        self.half = None
        self.lines = 0
        self.instructions = []

    def write(self, data):
        for lines in data:
            if self.lines & 4 and not lines & 4:
                self._nibble(self.lines >> 4, self.lines & 1)
            self.lines = lines

    def _nibble(self, nibble, mode):
        if not self.four_bit:
            self.instructions.append(nibble << 4)
            self.four_bit = nibble == 2
        elif self.half is None:
            self.half = nibble
        else:
            value = self.half << 4 | nibble
            self.half = None
            if mode:
                if self.draws:
                    self.glyphs[self.cursor & 0x3F] = value
                else:
                    self.ram[self.cursor & 0x7F] = value
                self.cursor += 1
            else:
                self._instruct(value)

    def _instruct(self, value):
        self.instructions.append(value)
        if value & 0x80:
            self.cursor, self.draws = value & 0x7F, False
        elif value & 0x40:
            self.cursor, self.draws = value & 0x3F, True
        elif value & 0xE0 == 0x20:
            self.four_bit = not value & 0x10
        elif value & 0xF8 == 0x08:
            self.on = bool(value & 4)
        elif value & 0xFE == 0x02:
            self.cursor = 0
        elif value == 0x01:
            self.ram = [0x20] * len(self.ram)
            self.cursor, self.draws = 0, False

    def lines_shown(self):
        """What a person reads."""
        starts = (0x00, 0x40, self.columns, 0x40 + self.columns)[: self.rows]
        return ["".join([chr(c) for c in self.ram[s : s + self.columns]]) for s in starts]


class FakeDs3231:
    """Registers of a DS3231; the seconds stand still unless a test writes them."""

    def __init__(self):
        self.address = 0x68
        self.present = True
        self.registers = bytearray(19)
        self.registers[0x0E] = 0x1C
        self.registers[0x0F] = 0x88
        self.set_time(0, 0, 0, 1, 1, 0)

    def set_time(self, *fields):
        """second, minute, hour, day, month, year of the century, as the chip holds them (BCD)."""
        second, minute, hour, day, month, year = fields
        self.registers[0:7] = bytes([second, minute, hour, 1, day, month, year])

    def write_registers(self, start, data):
        self.registers[start : start + len(data)] = data

    def read_registers(self, start, count):
        return self.registers[start : start + count]


class FakeMatrix:
    """Key matrix without diodes: current finds its way through every key that is down."""

    KEYS = "123456789*0#"

    def __init__(self):
        self.down = set()

    def any_down(self):
        return bool(self.down)

    def columns(self, row):
        rows = {row}
        columns = set()
        for _ in range(4):
            for key in self.down:
                if key != "?":
                    r, c = divmod(self.KEYS.index(key), 3)
                    if r in rows or c in columns:
                        rows.add(r)
                        columns.add(c)
        return sum([1 << column for column in columns])

    def help_down(self):
        return "?" in self.down


class FakeCoils:
    """Pulse hardware: a pulse ends when the test sets the time past its end."""

    def __init__(self, limit_ms=200):
        self.limit_ms = limit_ms
        self.fired = []
        self.time = 0
        self.ends = 0
        self.broken = False
        self.aborted = 0

    def fire(self, mask, on_ms):
        if self.broken or self.busy():
            raise OSError(16)
        self.fired.append((mask, on_ms, self.time))
        self.ends = self.time + on_ms

    def busy(self):
        return self.time < self.ends

    def abort(self):
        self.aborted += 1
        self.ends = self.time


class FakeSignals:
    """Lamps and beeper with a log of every change."""

    def __init__(self):
        self.lit = None
        self.sounds = False
        self.lamp_calls = 0
        self.beep_log = []

    def lamps(self, red, green):
        self.lit = (red, green)
        self.lamp_calls += 1

    def beep(self, on):
        self.sounds = on
        self.beep_log.append(on)
