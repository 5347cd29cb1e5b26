"""The emulated ESP32 at its registers, against a small gdbstub: needs no QEMU."""

import pytest

from emulator.errors import EmulatorError
from emulator.esp32 import gdb
from emulator.esp32.chip import Chip, Watched
from emulator.esp32.gdb import Gdb
from emulator.esp32.xtensa import Cpu, Form, decode
from gdb_stub import Stub, registers

PC = 0x400D_0000
REGISTER = 0x3FF4_4008
S32I_N = bytes.fromhex("8909f0")  # s32i.n a8, a9, 0
L32I = bytes.fromhex("322901")  # l32i a3, a9, 4
TIMER_CONFIG, TIMER_LOW = 0x3FF5_F070, 0x3FF5_F078
TWO_MHZ = 1 << 31 | 40 << 13


class Notes:
    """A part that writes down what happens to one register and the next."""

    def __init__(self, answer=0):
        self.answer = answer
        self.seen = []

    def watched(self):
        return (Watched(gdb.WRITE, REGISTER), Watched(gdb.READ, REGISTER + 4))

    def store(self, now_ms, address, value):
        self.seen.append((now_ms, address, value))
        return self.answer

    def load(self, now_ms, address):
        self.seen.append((now_ms, address, None))
        return self.answer


def run(stub, part, steps=1):
    times = []
    chip = Chip(Gdb(stub.theirs), times.append)
    chip.start([part])
    for _ in range(steps):
        assert chip.step(5.0)
    return times


def test_a_store_is_seen_written_and_stepped_over():
    part = Notes(0x56)
    stub = Stub(
        [registers(PC, {8: 0x55, 9: REGISTER}, windowbase=15)],
        {TIMER_CONFIG: TWO_MHZ, TIMER_LOW: 5_000},
        {PC: S32I_N},
    )
    assert run(stub, part) == [2.5]
    assert part.seen == [(2.5, REGISTER, 0x55)]
    assert stub.words[REGISTER] == 0x56  # what the part lets through
    assert stub.done[0][0] == PC + 2


def test_a_store_can_be_kept_from_the_model():
    stub = Stub([registers(PC, {9: REGISTER})], {}, {PC: S32I_N})
    run(stub, Notes(None))
    assert REGISTER not in stub.words
    assert stub.done[0][0] == PC + 2


def test_a_load_gets_what_the_part_answers():
    stub = Stub([registers(PC, {9: REGISTER})], {}, {PC: L32I})
    part = Notes(0xABCD)
    run(stub, part)
    assert part.seen == [(0.0, REGISTER + 4, None)]
    assert stub.done[0][1 + 3] == 0xABCD
    assert stub.done[0][0] == PC + 3


def test_watches_are_set_before_the_machine_runs():
    stub = Stub([registers(PC, {9: REGISTER})], {}, {PC: S32I_N})
    run(stub, Notes())
    watches = [f"Z2,{REGISTER:x},4", f"Z3,{REGISTER + 4:x},4"]
    assert stub.said[: stub.said.index("c")] == ["Qqemu.PhyMemMode:1", *watches]


def test_time_never_goes_back_when_the_chip_is_reset():
    stub = Stub([registers(PC, {9: REGISTER})] * 2, {TIMER_CONFIG: TWO_MHZ}, {PC: S32I_N})
    stub.words[TIMER_LOW] = 20_000
    times = []
    chip = Chip(Gdb(stub.theirs), times.append)
    chip.start([Notes()])
    chip.step(5.0)
    stub.words[TIMER_LOW] = 2_000
    chip.step(5.0)
    assert times == [10.0, 11.0]


def test_a_program_that_touches_nothing_is_no_stop():
    chip = Chip(Gdb(Stub([]).theirs), lambda _now_ms: None)
    chip.start([Notes()])
    assert not chip.step(0.01)


def test_an_instruction_that_is_no_word_access_ends_the_run():
    stub = Stub([registers(PC)], {}, {PC: bytes.fromhex("f01d00")})
    with pytest.raises(EmulatorError, match="no load or store"):
        run(stub, Notes())


def test_an_access_elsewhere_ends_the_run():
    stub = Stub([registers(PC, {9: 0x3FF0_0000})], {}, {PC: S32I_N})
    with pytest.raises(EmulatorError, match="nobody watches"):
        run(stub, Notes())


def test_a_debugger_that_refuses_is_reported():
    with pytest.raises(EmulatorError, match="says ''"):
        Gdb(Stub([]).theirs).ask("X1")


def test_forms_of_loads_and_stores():
    assert decode(S32I_N) == Form(True, 8, 9, 0, 2)
    assert decode(bytes.fromhex("2831f0")) == Form(False, 2, 1, 12, 2)
    assert decode(bytes.fromhex("526a03")) == Form(True, 5, 10, 12, 3)
    assert decode(L32I) == Form(False, 3, 9, 4, 3)
    assert decode(bytes.fromhex("520a03")) is None  # l8ui
    assert decode(bytes.fromhex("c02000")) is None  # memw


def test_the_last_instruction_of_a_loop_jumps_back():
    again = Cpu(registers(PC, loop=(PC - 20, PC + 2, 3))).done(Form(True, 8, 9, 0, 2))
    assert (again[0], again[67]) == (PC - 20, 2)
    over = Cpu(registers(PC, loop=(PC - 20, PC + 2, 0))).done(Form(True, 8, 9, 0, 2))
    assert (over[0], over[67]) == (PC + 2, 0)
