from locker.drivers.mcp23017 import ExpanderContacts
from ports import FakeBus

IODIR, GPPU, GPIO = 0x00, 0x0C, 0x12
RETRY_POLLS = 33


class FakeMcp:
    """Registers of an MCP23017 with IOCON.BANK = 0; an input without a pull-up reads 0."""

    def __init__(self, address):
        self.address = address
        self.present = True
        self.pulled_down = [0, 0]  # by closed contacts, per port
        self.power_on()

    def power_on(self):
        self.registers = bytearray(22)
        self.registers[IODIR : IODIR + 2] = b"\xff\xff"

    def write_registers(self, start, data):
        self.registers[start : start + len(data)] = data

    def read_registers(self, start, count):
        for port in (0, 1):
            inputs = self.registers[IODIR + port] & self.registers[GPPU + port]
            self.registers[GPIO + port] = inputs & ~self.pulled_down[port] & 0xFF
        return self.registers[start : start + count]


def make(doors=24, lows=None):
    chips = [FakeMcp(0x20 + index) for index in range((doors + 6) // 7)]
    bus = FakeBus()
    for chip in chips:
        bus.devices[chip.address] = chip
    every = (1 << doors) - 1
    addresses = [chip.address for chip in chips]
    contacts = ExpanderContacts(bus, addresses, doors, lows or (every, every))
    return chips, bus, contacts


def poll(contacts, times=RETRY_POLLS):
    for _ in range(times):
        contacts.reeds()


def close(chips, port, door):
    chips[(door - 1) // 7].pulled_down[port] |= 1 << (door - 1) % 7


def test_all_is_unread_until_each_expander_has_answered():
    _, _, contacts = make()
    assert contacts.unread == 0xFFFFFF
    poll(contacts, 4)
    assert contacts.unread == 0


def test_each_contact_is_its_doors():
    for door in range(1, 25):
        chips, _, contacts = make()
        close(chips, 0, door)
        poll(contacts)
        assert (contacts.reeds(), contacts.latches()) == (1 << (door - 1), 0)
        close(chips, 1, door)
        assert (contacts.reeds(), contacts.latches()) == (1 << (door - 1), 1 << (door - 1))


def test_contacts_that_open_when_closed_or_locked():
    chips, _, contacts = make(8, (0xFF, 0x00))
    close(chips, 1, 8)
    poll(contacts)
    assert (contacts.reeds(), contacts.latches()) == (0, 0x7F)


def test_inputs_above_the_last_door_give_no_bits():
    chips, _, contacts = make(22, (0, 0))
    poll(contacts)
    assert contacts.reeds() == contacts.latches() == (1 << 22) - 1


def test_both_ports_come_in_one_transfer():
    _, bus, contacts = make()
    poll(contacts)
    contacts.reeds()
    del bus.transfers[:]
    contacts.latches()
    assert bus.transfers == []
    poll(contacts, 64)
    assert bus.transfers == [4] * (64 * 4 + 64 // 8)


def test_the_pins_that_can_only_be_outputs_stay_low_and_the_rest_are_inputs():
    chips, _, contacts = make()
    poll(contacts)
    for chip in chips:
        assert chip.registers[IODIR : IODIR + 2] == b"\x7f\x7f"
        assert chip.registers[0x14:0x16] == b"\x00\x00"  # OLAT


def test_one_missed_answer_changes_nothing():
    chips, _, contacts = make()
    close(chips, 0, 10)
    poll(contacts)
    chips[1].present = False
    poll(contacts, 2)
    assert contacts.unread == 0 and contacts.reeds() >> 9 & 1
    chips[1].present = True


def test_three_missed_answers_make_its_doors_unread_and_no_others():
    chips, _, contacts = make()
    close(chips, 0, 1)
    poll(contacts)
    chips[1].present = False
    poll(contacts, 3)
    assert contacts.unread == 0x7F << 7
    assert contacts.reeds() & 0x7F == 1
    chips[3].present = False
    poll(contacts, 3)
    assert contacts.unread == 0x7F << 7 | 0x7 << 21


def test_a_lost_expander_is_tried_seldom_and_comes_back():
    chips, bus, contacts = make()
    poll(contacts)
    chips[0].present = False
    poll(contacts, 3)
    before = len(bus.transfers)
    poll(contacts, 32)
    assert len(bus.transfers) - before <= 3 * 32 + 4 + 1
    chips[0].present = True
    chips[0].power_on()
    close(chips, 0, 2)
    poll(contacts)
    assert contacts.unread == 0 and contacts.reeds() == 2


def test_an_expander_that_was_reset_unseen_is_found_and_set_up_again():
    for index in range(4):
        chips, _, contacts = make()
        poll(contacts)
        chips[index].power_on()
        seen = 0
        for _ in range(32):
            contacts.reeds()
            seen |= contacts.unread
        assert seen == (0x7F << 7 * index) & 0xFFFFFF
        poll(contacts)
        assert contacts.unread == 0 and contacts.reeds() == 0


def test_a_bus_that_is_dead_from_the_start_raises_nothing():
    chips, _, contacts = make()
    for chip in chips:
        chip.present = False
    poll(contacts, 300)
    assert contacts.unread == 0xFFFFFF
