"""Pins, pulse trains, I2C, flash image and command line of the emulated ESP32: need no QEMU."""

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from emulator.errors import EmulatorError
from emulator.esp32 import flash, qemu, relay, rmt
from emulator.esp32.caches import Caches
from emulator.esp32.twowire import TwoWire
from emulator.esp32.wiring import Wiring
from locker.drivers.train import rests_for, train
from virtual.bench import Bench
from virtual.layout import from_board

BOARD = Path(__file__).parents[2] / "boards" / "esp32"
CONFIG = json.loads((BOARD / "board.json").read_text())
OUT_SET, OUT1_SET, OUT1_CLEAR = (0x3FF4_4000 + at for at in (0x08, 0x14, 0x18))
ENABLE_SET, ENABLE1_SET, IN, IN1 = (0x3FF4_4000 + at for at in (0x24, 0x30, 0x3C, 0x40))
MATRIX = 0x3FF4_4530
DIV_255 = 255 | 1 << 24
FROM_APB = 1 << 17
START = 1


def ram_of(durations, levels):
    halves = [ticks | level << 15 for ticks, level in zip(durations, levels, strict=True)] + [0]
    halves += [0] * (128 - len(halves))
    return [low | high << 16 for low, high in zip(halves[::2], halves[1::2], strict=True)]


class Wired:
    """A bench on an ESP32's registers. words: what the chip's memory holds."""

    def __init__(self):
        self.words = {}
        self.bench = Bench(from_board(BOARD), 0, 1_800_000_000)
        self.wiring = Wiring(self.bench, CONFIG, self.read)
        self.pins, self.trains, self.two_wire = self.wiring.parts()

    def read(self, address, count):
        return [self.words.get(address + 4 * at, 0) for at in range(count)]

    def fire(self, now_ms, channel, on_ms, rests):
        conf0 = 0x3FF5_6020 + 8 * channel
        self.words[conf0] = DIV_255
        for at, word in enumerate(ram_of(*train(on_ms, rests, 313_725))):
            self.words[0x3FF5_6800 + 256 * channel + 4 * at] = word
        self.trains.store(now_ms, conf0 + 4, FROM_APB | START)


def bit(w, now_ms, pin):
    return w.pins.load(now_ms, IN1 if pin >= 32 else IN) >> pin % 32 & 1


def test_contacts_and_keys_are_read_at_the_pins():
    w = Wired()
    w.pins.store(0.0, ENABLE_SET, 1 << 25 | 1 << 26 | 1 << 27)
    w.pins.store(0.0, ENABLE1_SET, 1 << 1)
    w.pins.store(0.0, OUT_SET, 1 << 25 | 1 << 26 | 1 << 27)
    w.pins.store(0.0, OUT1_SET, 1 << 1)
    assert not w.pins.load(0.0, IN1) & 0b10011100  # shut and locked: GPIO 34, 35, 36, 39 low
    assert [bit(w, 0.0, pin) for pin in (13, 16, 17)] == [1, 1, 1]
    w.bench.keypad.press(0.0, "0")
    w.wiring.advance(50.0)
    assert bit(w, 50.0, 13) == 1  # its row is not pulled yet
    w.pins.store(50.0, OUT1_CLEAR, 1 << 1)
    assert (bit(w, 50.0, 13), bit(w, 50.0, 16)) == (0, 1)
    w.pins.store(50.0, OUT1_SET, 1 << 1)
    assert bit(w, 50.0, 13) == 1
    w.bench.fault(2, "reed_stuck_off")
    assert bit(w, 50.0, 36) == 1


def test_the_first_scan_is_noticed():
    w = Wired()
    w.pins.store(7.0, ENABLE_SET, 1 << 25)
    assert w.wiring.scanned_ms == 7.0


def test_a_train_on_both_channels_is_one_pulse_of_its_length():
    w = Wired()
    for channel, pin in enumerate((23, 18, 19)):
        w.pins.store(0.0, MATRIX + 4 * pin, rmt.FIRST_SIGNAL + channel)
    w.fire(100.0, 1, 60, rests_for(10))
    w.wiring.advance(110.0)
    assert not w.bench.cabinet.pulses  # the series enable is still off
    w.fire(110.0, 0, 40, 0)
    w.wiring.advance(1000.0)
    [pulse] = w.bench.cabinet.pulses
    assert pulse.door == 1
    assert pulse.start_ms == 110.0
    assert pulse.end_ms == pytest.approx(150.0, abs=0.01)


def test_an_abort_takes_the_pad_away():
    w = Wired()
    for channel, pin in enumerate((23, 18, 19)):
        w.pins.store(0.0, MATRIX + 4 * pin, rmt.FIRST_SIGNAL + channel)
    w.fire(0.0, 2, 60, 9)
    w.fire(0.0, 0, 60, 0)
    w.wiring.advance(20.0)
    w.pins.store(20.0, MATRIX + 4 * 23, 0x100)
    w.wiring.advance(100.0)
    [pulse] = w.bench.cabinet.pulses
    assert (pulse.door, pulse.end_ms) == (2, 20.0)


def test_a_coil_on_a_signal_that_is_no_rmt_channel_ends_the_run():
    w = Wired()
    with pytest.raises(EmulatorError, match="GPIO 18"):
        w.pins.store(0.0, MATRIX + 4 * 18, 71)


@pytest.mark.parametrize("on_ms", [1, 60, 200])
def test_the_drivers_trains_are_read_back(on_ms):
    durations, levels = train(on_ms, rests_for(10), 313_725)
    assert rmt.segments(ram_of(durations, levels)) == list(zip(durations, levels, strict=True))


def test_a_train_without_an_end_is_refused():
    with pytest.raises(EmulatorError, match="without an end"):
        rmt.segments([0x8001_8001] * 64)


@pytest.mark.parametrize(
    ("conf0", "conf1"),
    [(255, FROM_APB | 1 << 6), (255, FROM_APB | 1 << 18), (255 | 1 << 28, FROM_APB), (255, 0)],
    ids=["repeats", "rests high", "carrier", "slow clock"],
)
def test_a_channel_that_would_not_send_once_and_rest_low_is_refused(conf0, conf1):
    with pytest.raises(EmulatorError, match="rest low"):
        rmt.edges(0, 0.0, (conf0, conf1), ram_of([100], [True]))


def commands(*pairs):
    return {0x3FF5_3058 + 4 * at: what << 11 | count for at, (what, count) in enumerate(pairs)}


def transfer(w, two_wire, now_ms, data, *pairs):
    for byte in data:
        two_wire.store(now_ms, 0x6001_301C, byte)
    w.words.update(commands(*pairs))
    two_wire.store(now_ms, 0x3FF5_3004, 1 << 5)


def test_the_clock_is_read_over_i2c():
    w = Wired()
    pairs = ((0, 0), (1, 2), (0, 0), (1, 1), (2, 2), (2, 1), (3, 0))
    transfer(w, w.two_wire, 0.0, bytes([0x68 << 1, 0x04, 0x68 << 1 | 1]), *pairs)
    assert [w.two_wire.load(1.0, 0x3FF5_301C) for _ in range(3)] == [0x15, 0x01, 0x27]


def test_a_transfer_in_two_pieces_goes_on():
    w = Wired()
    transfer(w, w.two_wire, 0.0, bytes([39 << 1, 0x08]), (0, 0), (1, 2), (4, 0))
    assert w.bench.backpack.backlight
    transfer(w, w.two_wire, 1.0, bytes([0x00]), (1, 1), (3, 0))
    assert not w.bench.backpack.backlight


def test_an_address_that_nobody_has_ends_the_run():
    w = Wired()
    two_wire = TwoWire(w.bench.bus, w.read)
    with pytest.raises(EmulatorError, match="0x20"):
        transfer(w, two_wire, 0.0, bytes([0x40]), (0, 0), (1, 1), (3, 0))


CACHE, MAP = 0x3FF0_0040, 0x3FF1_0000


class FakeChip:
    """A chip that stands at an instruction. words: its memory, a function's first where there are
    two; pc: in the ROM to begin with.
    """

    FUNCTION = 0x4009_8250

    def __init__(self):
        self.pc = 0x4000_9AD0
        self.words = {CACHE: 0x28, self.FUNCTION - 0x10: 0x0000_4136, self.FUNCTION: 0x1200_4136}
        self.written = []
        self.patched = []

    def read(self, first, count):
        return [self.words.get(first + 4 * at, 0) for at in range(count)]

    def write(self, address, value):
        self.written.append((address, value))

    def patch(self, address, code):
        self.patched.append((address, code))


def test_a_cache_stays_on_while_the_flash_is_read():
    chip = FakeChip()
    caches = Caches(chip)
    assert caches.store(0.0, CACHE, 0x28) == 0x28
    assert caches.store(0.0, CACHE, 0x20) is None
    assert caches.store(0.0, CACHE, 0x28) == 0x28
    assert chip.written == chip.patched == []


def test_the_function_of_the_image_that_switches_a_cache_returns_at_once_from_then_on():
    chip = FakeChip()
    caches = Caches(chip)
    chip.pc = chip.FUNCTION + 0x6C
    assert caches.store(0.0, CACHE, 0x20) is None
    assert chip.patched == [(chip.FUNCTION + 3, b"\x1d\xf0")], "the nearest, behind its entry"
    assert caches.store(0.0, CACHE, 0x28) == 0x28
    assert len(chip.patched) == 1
    chip.pc = 0x4008_5000
    with pytest.raises(EmulatorError, match="in no function"):
        caches.store(0.0, CACHE, 0x20)


def test_what_is_mapped_when_nobody_switches_any_more_is_fetched_anew():
    chip = FakeChip()
    caches = Caches(chip)
    chip.pc = chip.FUNCTION + 0x6C
    caches.store(0.0, CACHE, 0x20)
    caches.store(0.0, CACHE, 0x28)
    assert caches.store(0.0, MAP + 4, 7) is None
    assert chip.written == [(MAP + 4, 7), (CACHE, 0x20), (CACHE, 0x28)]


def test_a_cache_that_maps_something_new_is_turned_off_and_on():
    chip = FakeChip()
    caches = Caches(chip)
    assert caches.store(0.0, CACHE, 0x20) is None
    assert caches.store(0.0, MAP + 4, 7) == 7
    assert caches.store(0.0, CACHE + 0x18, 0x28) == 0x28  # the other CPU's: its map is as it was
    assert caches.store(0.0, CACHE, 0x28) == 0x28
    assert chip.written == [(CACHE, 0x20)]
    assert caches.store(0.0, CACHE, 0x20) is None


def test_a_flush_is_passed_on():
    assert Caches(FakeChip()).store(0.0, CACHE, 0x30) == 0x30


def image_with(*partitions):
    entries = b"".join(
        struct.pack("<HBBII16sI", 0x50AA, 1, 2, offset, size, label, 0)
        for label, offset, size in partitions
    )
    return bytes(0x7000) + entries.ljust(0x1000, b"\xff")


def test_files_lie_in_their_partition_or_in_what_is_left():
    named = image_with((b"factory", 0x10000, 0x180000), (b"vfs", 0x200000, 0x100000))
    area = flash.files_area(named, 0x400000)
    assert (area.start, area.end, area.program_bytes) == (0x200000, 0x300000, 32)
    unnamed = image_with((b"nvs", 0x9000, 0x6000), (b"factory", 0x10000, 0x1F0000))
    area = flash.files_area(unnamed, 0x400000)
    assert (area.start, area.end) == (0x200000, 0x400000)


def test_a_whole_flash_is_put_together():
    image = image_with((b"factory", 0x10000, 0x1F0000))
    whole = flash.compose(image, b"files", 0x400000)
    assert len(whole) == 0x400000
    assert whole[0x1000 : 0x1000 + len(image)] == image
    assert whole[0x200000:0x200006] == b"files\xff"


def test_what_is_no_image_or_does_not_fit_is_refused():
    with pytest.raises(EmulatorError, match="no partition table"):
        flash.files_area(bytes(0x9000), 0x400000)
    image = image_with((b"factory", 0x10000, 0x1F0000))
    with pytest.raises(EmulatorError, match="do not fit"):
        flash.compose(image, bytes(0x200001), 0x400000)


def test_the_guest_reaches_one_port_of_this_computer(tmp_path):
    place = tmp_path / "a,b"
    line = qemu.command(tmp_path / "qemu", place, 1883, 4321)
    net = line[line.index("-nic") + 1].replace(",,", "\0").split(",")
    assert "restrict=on" in net
    assert [word for word in net if "fwd" in word] == [
        f"guestfwd=tcp:192.168.4.100:1883-cmd:{sys.executable} -IS {relay.__file__} 4321"
    ]
    assert line.count("-nic") == 1
    assert not {"-netdev", "-net", "-device", "-chardev"} & set(line)
    assert line[line.index("-gdb") + 1] == f"unix:{tmp_path}/a,,b/gdb,server=on,wait=off"


def program(folder, machines, name=qemu.PROGRAM):
    file = folder / name
    file.write_text(f"#!/bin/sh\necho 'Supported machines are:\n{machines}'\n")
    file.chmod(0o755)
    return file


def test_a_qemu_is_found_by_the_setting_and_on_the_path(tmp_path):
    named = program(tmp_path, "esp32-picsimlab   Espressif", "mine")
    assert qemu.find({qemu.SETTING: str(named), "PATH": ""}) == named
    on_path = program(tmp_path, "esp32-picsimlab   Espressif")
    assert qemu.find({"PATH": str(tmp_path)}) == on_path


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(EmulatorError, match="no qemu-system-xtensa on the PATH"):
        qemu.find({"PATH": str(tmp_path)})
    with pytest.raises(EmulatorError, match="names 'nothing'"):
        qemu.find({qemu.SETTING: "nothing", "PATH": str(tmp_path)})
    program(tmp_path, "esp32   Espressif")
    with pytest.raises(EmulatorError, match="no machine"):
        qemu.find({"PATH": str(tmp_path)})


def test_without_a_qemu_the_command_says_so(tmp_path):
    command = [sys.executable, "-c", "from lockerctl.cli import app; app()"]
    done = subprocess.run(
        [*command, "emulate", "--board", "esp32", "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": str(tmp_path), qemu.SETTING: ""},
    )
    assert done.returncode == 8
    assert "qemu-system-xtensa" in done.stdout + done.stderr


def test_a_machine_that_does_not_start_is_reported(tmp_path):
    (tmp_path / "log").touch()
    command = ["/bin/sh", "-c", "echo cannot do that; exit 1"]
    with (
        pytest.raises(EmulatorError, match="cannot do that"),
        qemu.running(command, tmp_path),
    ):
        raise AssertionError("it runs")


def test_the_relay_carries_both_ways():
    server = socket.create_server((relay.LOOPBACK, 0))
    process = subprocess.Popen(
        [sys.executable, "-IS", relay.__file__, str(server.getsockname()[1])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    there, _ = server.accept()
    echo = threading.Thread(target=lambda: there.sendall(there.recv(100).upper()))
    echo.start()
    process.stdin.write(b"ping")
    process.stdin.flush()
    assert process.stdout.read(4) == b"PING"
    echo.join()
    there.close()
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()
    server.close()
