"""The models of 74HC595 and MCP23017, against what their datasheets say."""

from emulator.expanders import Mcp23017, ShiftRegisters
from virtual.i2c import I2CBus

IODIR, GPPU, GPIO, OLAT = 0x00, 0x0C, 0x12, 0x14


def bus_with(closed=(0, 0)):
    chip = Mcp23017(lambda _now_ms: closed)
    bus = I2CBus(400_000)
    bus.devices[0x20] = chip
    return chip, bus


def test_an_expander_powers_up_with_inputs_only():
    _, bus = bus_with()
    assert bus.read(0, 0x20, IODIR, 22) == b"\xff\xff" + bytes(20)


def test_registers_follow_one_another_and_begin_again_after_the_last():
    chip, bus = bus_with()
    bus.write(0, 0x20, bytes((0x15, 1, 2, 3)))
    assert (chip.registers[0x15], chip.registers[0], chip.registers[1]) == (1, 2, 3)
    assert bus.read(0, 0x20, 0x15, 3) == bytes((1, 2, 3))


def test_a_port_shows_pull_ups_contacts_and_outputs():
    _, bus = bus_with(closed=(0b0101, 0))
    bus.write(0, 0x20, bytes((IODIR, 0x7F, 0x7F)))
    bus.write(0, 0x20, bytes((OLAT, 0x7F, 0xFF)))
    assert bus.read(0, 0x20, GPIO, 2) == b"\x00\x80"  # floating inputs read low here
    bus.write(0, 0x20, bytes((GPPU, 0x7F, 0x0F)))
    assert bus.read(0, 0x20, GPIO, 2) == bytes((0x7F & ~0b0101, 0x8F))


def test_a_supply_that_was_away_takes_the_settings():
    chip, bus = bus_with()
    bus.write(0, 0x20, bytes((GPPU, 0x7F)))
    chip.power_up()
    assert bus.read(0, 0x20, GPPU, 1) == b"\x00"


def test_a_chain_shows_at_its_end_what_went_in_eight_clocks_a_chip_ago():
    chain = ShiftRegisters(2)
    sent = 0b1010_0110_0011_0101
    for place in range(15, -1, -1):
        chain.shift(bool(sent >> place & 1))
    assert chain.stored != sent
    chain.store()
    assert chain.stored == sent
    back = 0
    for _ in range(16):
        back = back << 1 | chain.back
        chain.shift(False)
    assert back == sent and chain.stored == sent
    chain.store()
    assert chain.stored == 0


def test_a_cut_wire_at_the_end_reads_low():
    chain = ShiftRegisters(1)
    for _ in range(8):
        chain.shift(True)
    assert chain.back
    chain.cut = True
    assert not chain.back
