from locker.drivers.mcp23017 import ExpanderContacts, free_bus
from ports import FakeBus

IODIR, IPOL, IOCON, GPPU, GPIO, OLAT = 0x00, 0x02, 0x0A, 0x0C, 0x12, 0x14
ROUND = 65  # samples: each chip has had its turn


class FakeMcp:
    """Registers of an MCP23017; an input without a pull-up reads 0. bank: IOCON.BANK."""

    def __init__(self, address):
        self.address = address
        self.present = True
        self.says = None  # instead of the ports
        self.pulled_down = [0, 0]  # by closed contacts, per port
        self.power_on()

    def power_on(self):
        self.bank = 0
        self.registers = bytearray(22)
        self.registers[IODIR : IODIR + 2] = b"\xff\xff"

    def write_registers(self, start, data):
        if self.bank:
            assert (start, data) in ((5, b"\x00"), (0x14, b"\x7f\xff")) or start == IOCON
            self.bank = 0 if start == 5 else self.bank
        else:
            self.registers[start : start + len(data)] = data

    def read_registers(self, start, count):
        for port in (0, 1):
            direction = self.registers[IODIR + port]
            inputs = direction & self.registers[GPPU + port] & ~self.pulled_down[port]
            outputs = self.registers[OLAT + port] & ~direction
            self.registers[GPIO + port] = (inputs | outputs) & 0xFF
        if self.says is not None and start == GPIO:
            return self.says
        return self.registers[start : start + count]


class Bus(FakeBus):
    """With SDA held low nothing moves: every transfer ends in a time-out."""

    stuck = False
    connects = 0

    def connect(self):
        self.connects += 1
        return self

    def held(self):
        return self.stuck

    def _device(self, addr, size):
        if self.stuck:
            self.transfers.append(size + 1)
            raise OSError(110)
        return FakeBus._device(self, addr, size)


class Bench:
    """Expanders for so many doors, all contacts open, and what the driver makes of them."""

    def __init__(self, doors=24, lows=None):
        self.chips = [FakeMcp(0x20 + index) for index in range((doors + 6) // 7)]
        self.bus = Bus()
        for chip in self.chips:
            self.bus.devices[chip.address] = chip
        every = (1 << doors) - 1
        addresses = [chip.address for chip in self.chips]
        self.contacts = ExpanderContacts(self.bus, addresses, doors, lows or (every, every))

    def poll(self, times=ROUND):
        """The doors that were unread in any of so many samples."""
        seen = 0
        for _ in range(times):
            self.contacts.reeds()
            seen |= self.contacts.unread()
        return seen

    def transfers(self, times):
        """How many each of so many samples took."""
        counts = []
        for _ in range(times):
            del self.bus.transfers[:]
            self.contacts.reeds()
            counts.append(len(self.bus.transfers))
        return counts

    def close(self, port, door):
        self.chips[(door - 1) // 7].pulled_down[port] |= 1 << (door - 1) % 7

    def levels(self):
        """What it says when each chip has been read again."""
        self.poll(2 * len(self.chips))
        return self.sample()

    def sample(self):
        """One call."""
        return (self.contacts.reeds(), self.contacts.latches())


def ready(doors=24, lows=None):
    bench = Bench(doors, lows)
    bench.poll(200)
    assert bench.contacts.unread() == 0
    return bench


def test_all_is_unread_until_each_expander_has_answered():
    bench = Bench()
    assert bench.contacts.unread() == 0xFFFFFF
    bench.poll(1)
    assert bench.contacts.unread() == 0xFFFF80
    bench.poll(12)
    assert bench.contacts.unread() == 0


def test_each_contact_is_its_doors():
    for door in range(1, 25):
        bench = ready()
        bench.close(0, door)
        assert bench.levels() == (1 << (door - 1), 0)
        bench.close(1, door)
        assert bench.levels() == (1 << (door - 1), 1 << (door - 1))


def test_contacts_that_open_when_closed_or_locked():
    bench = ready(8, (0xFF, 0x00))
    bench.close(1, 8)
    assert bench.levels() == (0, 0x7F)


def test_inputs_above_the_last_door_give_no_bits():
    bench = ready(22, (0, 0))
    assert bench.levels() == ((1 << 22) - 1, (1 << 22) - 1)


def test_both_ports_come_in_one_transfer():
    bench = ready()
    del bench.bus.transfers[:]
    bench.contacts.latches()
    assert bench.bus.transfers == []
    bench.poll(64)  # every second; every 16 with a look at the settings, and at the ports again
    assert sorted(bench.bus.transfers) == [4] * (32 + 4) + [16] * 4


def test_nothing_but_the_marks_is_an_output():
    bench = ready()
    for chip in bench.chips:
        assert chip.registers[IODIR : IODIR + 2] == b"\x7f\x7f"
        assert chip.registers[OLAT : OLAT + 2] == b"\x7f\xff"


def test_a_missed_answer_is_told_and_the_last_level_stays():
    bench = ready()
    bench.close(0, 10)
    bench.poll(200)
    bench.chips[1].present = False
    while not bench.contacts.unread():
        bench.poll(1)
    assert bench.contacts.unread() == 0x7F << 7
    assert bench.contacts.reeds() >> 9 & 1
    bench.chips[1].present = True
    bench.poll(1)
    assert bench.contacts.unread() == 0


def test_a_dead_expander_takes_no_other_doors_with_it():
    bench = ready()
    bench.close(0, 1)
    bench.chips[1].present = False
    bench.poll(ROUND)
    assert bench.contacts.unread() == 0x7F << 7
    assert bench.contacts.reeds() & 0x7F == 1
    bench.chips[3].present = False
    bench.poll(8)
    assert bench.contacts.unread() == 0x7F << 7 | 0x7 << 21


def test_a_lost_expander_is_tried_seldom_and_comes_back():
    bench = ready()
    bench.chips[0].present = False
    bench.poll(16)
    assert sum(bench.transfers(64)) == 3 * 64 + 4 * (3 * 2 + 1)
    bench.poll(100)
    assert sum(bench.transfers(64)) == 3 * 8 + 4 * (3 * 2 + 1)
    bench.chips[0].present = True
    bench.chips[0].power_on()
    bench.close(0, 2)
    bench.poll()
    assert bench.contacts.unread() == 0 and bench.contacts.reeds() == 2


def test_an_expander_that_was_reset_never_shows_a_level_of_its_own():
    for index in range(4):
        bench = ready()  # all open; without pull-ups the inputs read 0, which is closed
        for port in (0, 1):
            bench.close(port, 7 * index + 1)
        expected = bench.levels()
        bench.chips[index].power_on()
        for _ in range(100):
            assert bench.sample() == expected
            if bench.contacts.unread():
                assert bench.contacts.unread() == (0x7F << 7 * index) & 0xFFFFFF
        assert bench.contacts.unread() == 0


def test_settings_that_change_unseen_are_found_and_put_right():
    for register in (IODIR, IODIR + 1, IPOL, IOCON, GPPU, GPPU + 1):
        bench = ready()
        before = bench.levels()
        bench.chips[2].registers[register] ^= 0x01
        seen = 0
        for _ in range(ROUND):
            assert bench.sample() == before
            seen |= bench.contacts.unread()
        assert seen == 0x7F << 14, register
        bench.poll()
        assert bench.contacts.unread() == 0 and bench.levels() == before


def test_an_expander_in_its_other_register_bank_is_brought_back():
    bench = ready()
    bench.chips[0].power_on()
    bench.chips[0].bank = 1
    assert bench.poll(2 * ROUND) == 0x7F
    assert bench.contacts.unread() == 0


def test_garbage_is_no_sample():
    for says in (b"\x00\x00", b"\xff\xff", b"\x80\x00", b"\x80\x80", b"\x12\x34", b"\xff\x7f"):
        bench = ready()
        bench.close(0, 3)
        expected = bench.levels()
        bench.chips[0].says = says
        for _ in range(100):
            assert bench.sample() == expected
        assert bench.contacts.unread() == 0x7F, says
        bench.chips[0].says = None
        bench.poll()
        assert bench.contacts.unread() == 0 and bench.levels() == expected


def test_a_bus_that_is_dead_from_the_start_raises_nothing():
    bench = Bench()
    for chip in bench.chips:
        chip.present = False
    bench.poll(300)
    assert bench.contacts.unread() == 0xFFFFFF


def test_a_bus_that_is_stuck_costs_one_time_out_a_sample_and_comes_back():
    bench = ready()
    bench.close(1, 24)
    expected = bench.levels()
    bench.bus.stuck = True
    assert max(bench.transfers(300)) == 1
    assert bench.contacts.unread() == 0xFFFFFF
    bench.bus.stuck = False
    bench.poll()
    assert bench.contacts.unread() == 0 and bench.levels() == expected


def test_the_bus_is_freed_before_a_lost_expander_is_tried():
    bench = ready()
    before = bench.bus.connects
    bench.poll(200)
    assert bench.bus.connects == before
    bench.bus.stuck = True
    bench.poll(3)
    bench.transfers(64)
    assert bench.bus.connects == before + 16


def test_one_expander_a_call_while_nothing_moves_and_all_of_them_for_a_second_after():
    bench = ready()
    assert set(bench.transfers(64)) == {0, 1, 2}
    bench.close(1, 12)
    bench.poll(8)
    counts = bench.transfers(90)
    assert min(counts) == 4 and max(counts) == 6
    bench.poll(20)
    assert set(bench.transfers(64)) == {0, 1, 2}


def test_all_are_read_when_a_pulse_is_to_come():
    bench = ready()
    bench.contacts.wake()
    assert min(bench.transfers(100)) == 4
    assert set(bench.transfers(64)) == {0, 1, 2}


class Line:
    """An open-drain pin."""

    def __init__(self, wire):
        self.wire = wire
        self.level = 1

    def value(self, level=None):
        if level is None:
            return 0 if self.wire.held else self.level
        if level != self.level:
            self.level = level
            self.wire.changed()
        return None


class StuckSlave:
    """Holds SDA low until it has seen so many falling clocks."""

    def __init__(self, clocks):
        self.left = clocks
        self.stops = 0
        self.sda, self.scl = Line(self), Line(self)
        self.last = (1, 1)

    @property
    def held(self):
        return self.left > 0

    def changed(self):
        now = (self.sda.level, self.scl.level)
        if self.last[1] and not now[1]:
            self.left -= 1
        if self.last == (0, 1) and now == (1, 1) and not self.held:
            self.stops += 1
        self.last = now


def test_a_slave_in_the_middle_of_a_byte_is_clocked_out():
    for clocks in range(10):
        slave = StuckSlave(clocks)
        free_bus(slave.sda, slave.scl)
        assert not slave.held and slave.stops == 1 and slave.last == (1, 1), clocks


def test_a_line_that_stays_low_ends_after_nine_clocks():
    slave = StuckSlave(1000)
    free_bus(slave.sda, slave.scl)
    assert slave.left == 991 and slave.last == (1, 1)
