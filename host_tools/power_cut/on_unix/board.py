# mypy: ignore-errors
"""A board of rotary locks without pins, and the cabinet before it. Time moves when told."""

import random

TAKES, PUTS, LOOKS = range(3)  # what somebody is about to do behind a door
_BOLT_MS = 30  # from current on to bolt free
_NOON_S = 12 * 3600
_DATE = (4, 0x18, 0x11, 0x26)  # 2026-11-18, as the clock chip holds it
_ALARMS = 7  # the first of seven registers
_CONTROL = b"\x1c\x08\x00\x00\x00"


class Cabinet:
    """What is true, whatever the station believes. closed, locked: masks of doors; inside: doors
    with a parcel; old_codes: by door, of the parcel taken last; errand: (door or 0,
    what somebody does there); now: ms since the story began, power or not; alarms: what the clock
    chip's battery keeps beside the time.
    """

    def __init__(self, doors):
        self.closed = self.locked = (1 << doors) - 1
        self.inside = set()
        self.old_codes = {}
        self.errand = (0, LOOKS)
        self.now = 0
        self.alarms = bytes(7)

    def copy(self):
        other = Cabinet(0)
        other.closed, other.locked, other.now = self.closed, self.locked, self.now
        other.inside = set(self.inside)
        other.old_codes = dict(self.old_codes)
        other.errand = self.errand
        other.alarms = self.alarms
        return other

    def state(self):
        """What can change while people are at work."""
        return self.closed, self.locked, len(self.inside), self.errand

    def unlatch(self, door):
        if self.closed >> (door - 1) & 1:
            self.locked &= ~(1 << (door - 1))

    def pull(self, door):
        """True when the door gave way."""
        bit = 1 << (door - 1)
        if self.locked & bit:
            return False
        self.closed &= ~bit
        return True

    def is_somebody_about_to_pull(self):
        """The bolt is free and the door still shut: what becomes of it is not decided."""
        door = self.errand[0]
        return door and self.closed >> (door - 1) & 1 and not self.locked >> (door - 1) & 1

    def do_errand(self):
        """Whoever is there does not mind the dark. False when the door does not give way."""
        door, errand = self.errand
        if not door or not self.pull(door):
            return False
        if errand == TAKES:
            self.inside.discard(door)
        elif errand == PUTS:
            self.inside.add(door)
        return True

    def push(self, door):
        self.closed |= 1 << (door - 1)
        self.locked |= 1 << (door - 1)


class Parts:
    """ports.Hal, all in one. pulsed(door): called when current flows."""

    accepts_demo_keys = True
    radio_shares_heap = False
    service_jumper = False
    limit_ms = 200

    def __init__(self, cabinet, pulsed):
        self.cabinet = cabinet
        self.now = 0
        self._pulsed = pulsed
        self._on = 0
        self._free_at = self._until = 0
        self.restarted = False
        self.contacts = self.coils = self.keys = self.i2c = self.signals = self.link = (
            self.system
        ) = self

    def pass_time(self, ms):
        self.now += ms
        self.cabinet.now += ms
        if self._on and self.now >= self._free_at:
            self.cabinet.unlatch(self._on)
        if self.now >= self._until:
            self._on = 0

    def reeds(self):
        return self.cabinet.closed

    def latches(self):
        return self.cabinet.locked

    def unread(self):
        return 0

    def fire(self, mask, on_ms):
        door = 1
        while not mask >> (door - 1) & 1:
            door += 1
        self._on, self._free_at, self._until = door, self.now + _BOLT_MS, self.now + on_ms
        self._pulsed(door)

    def busy(self):
        return self._on != 0

    def abort(self):
        self._on = 0

    def any_down(self):
        return False

    def columns(self, row):
        return 0

    def help_down(self):
        return False

    def writeto(self, addr, buf):
        pass

    def writeto_mem(self, addr, memaddr, buf):
        if memaddr == _ALARMS:
            self.cabinet.alarms = bytes(buf)

    def readfrom_mem_into(self, addr, memaddr, buf):
        day_s = _NOON_S + self.cabinet.now // 1000
        time = (day_s % 60, day_s // 60 % 60, day_s // 3600)
        registers = bytes([n // 10 << 4 | n % 10 for n in time]) + bytes(_DATE)
        registers += self.cabinet.alarms + _CONTROL
        buf[:] = registers[memaddr : memaddr + len(buf)]

    def lamps(self, red, green):
        pass

    def beep(self, on):
        pass

    def configure(self, wifi):
        pass

    def join(self):
        raise OSError("no radio")

    def is_up(self):
        return False

    def rssi_dbm(self):
        return 0

    def ticks_ms(self):
        return self.now

    def feed(self):
        pass

    def restart(self):
        self.restarted = True

    def reset_cause(self):
        return "power"

    def random(self, n):
        return bytes([random.getrandbits(8) for _ in range(n)])  # follows from the seed

    def free_heap(self):
        return 0
