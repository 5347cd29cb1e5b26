"""ESP32-DevKitC (38 pins): locker.ports on ESP32 pins, RMT, I2C and Wi-Fi. See make()."""

import gc
import os
import time

import esp
import esp32
import machine
import network
from locker.drivers.pins import PinMatrix, PinSignals, analog_pins, fitted, gather, runs
from locker.drivers.ticker import Ticker
from locker.drivers.train import rests_for, train
from locker.drivers.wlan import WlanLink
from machine import Pin, mem32
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

_GPIO_IN = const(0x3FF4403C)  # GPIO 0..31
_GPIO_IN1 = const(0x3FF44040)  # GPIO 32..39
_RESTART_MARK = b"latchwork restart"  # in RTC memory, which every reset but power-on keeps
_WATCHDOG_MS = const(4_000)
_I2C_TIMEOUT_US = const(10_000)
_CLOCK_DIVIDER = const(255)
_TICKS_HZ = const(313_725)  # 80 MHz / 255
_EBUSY = const(16)
_MARKER_LIMIT = const(16)
_NETWORK_BYTES = const(14_336)  # of which 4 KB were left at the worst moment: see README.md
_PLENTY_BYTES = const(262_144)  # no block inside the chip is as large: there is PSRAM
_AREA_OVERHEAD = const(32)  # of a heap area, its tables take a 42nd part
_FENCE_LONG = const(32)  # 20 halvings: from any memory down to what is needed
_FENCE_SHORT = const(12)  # more than a heap block: an area with one used block counts as empty


class Coils:
    """ports.CoilPort: an RMT channel for each coil and one for the series enable.

    A coil's train ends with its off-time, so a program that fires for ever keeps the duty. No pin
    here is ever a plain high output: neither a panic nor esp_restart() would take it back.
    """

    def __init__(self, config: "dict[str, Any]", coil_pins: "list[int]") -> None:
        self.limit_ms = config["limit_ms"]
        self._rests = rests_for(config["duty_percent"])
        self._pins = [config["enable"]] + coil_pins
        self._masks = [1 << index for index in range(len(coil_pins))]
        train(self.limit_ms, self._rests, _TICKS_HZ)  # fails here, not at a door
        self._channels = self._connect()
        self._cut = False

    def fire(self, mask: int, on_ms: int) -> None:
        if mask not in self._masks:
            raise ValueError("coil mask")
        if not 1 <= on_ms <= self.limit_ms:
            raise ValueError("on_ms")
        if not self._all_done():
            raise OSError(_EBUSY)
        if self._cut:
            self._reconnect()
        coil = self._channels[1 + self._masks.index(mask)]
        pulse, enable = train(on_ms, self._rests, _TICKS_HZ), train(on_ms, 0, _TICKS_HZ)
        # Current flows while both are on: what lies between these two lines is missing from it.
        coil.write_pulses(*pulse)
        self._channels[0].write_pulses(*enable)

    def busy(self) -> bool:
        """The enable's train has no off-time, so it ends with the pulse."""
        return not self._cut and not self._channels[0].wait_done()

    def abort(self) -> None:
        """Take every pad away from the RMT. Trains run out unseen: stopping a long one panics."""
        self._cut = True
        for pin in self._pins:
            Pin(pin, Pin.OUT, value=0)

    def _connect(self) -> "list[esp32.RMT]":
        return [
            esp32.RMT(channel, pin=Pin(pin), clock_div=_CLOCK_DIVIDER, idle_level=False)
            for channel, pin in enumerate(self._pins)
        ]

    def _reconnect(self) -> None:
        for channel in self._channels:
            channel.deinit()
        self._channels = self._connect()
        self._cut = False

    def _all_done(self) -> bool:
        """write_pulses() would block while its channel sends."""
        return all([channel.wait_done() for channel in self._channels])


class Contacts:
    """ports.ContactPort: two register reads a call, as the pins lie in two registers."""

    def __init__(self, config: "dict[str, Any]", doors: "list[dict[str, Any]]") -> None:
        reeds = [door.get("reed") for door in doors]
        latches = [door.get("latch") for door in doors]
        twins = [door.get("reed2") for door in doors]
        for pin in reeds + latches + twins:
            if pin is not None and config.get("pull") == "none":
                Pin(pin, Pin.IN)
            elif pin is not None:
                Pin(pin, Pin.IN, Pin.PULL_UP)
        self._reeds = (runs(reeds), runs(reeds, 32))
        self._latches = (runs(latches), runs(latches, 32))
        self._reeds2 = (runs(twins), runs(twins, 32))
        self._reeds_low = fitted(reeds) if config["reed_closed"] == "low" else 0
        self._reeds2_low = fitted(twins) if config["reed_closed"] == "low" else 0
        self._latches_low = fitted(latches) if config["latch_locked"] == "low" else 0

    def reeds(self) -> int:
        low, high = self._reeds
        return (gather(mem32[_GPIO_IN], low) | gather(mem32[_GPIO_IN1], high)) ^ self._reeds_low

    def latches(self) -> int:
        low, high = self._latches
        return (gather(mem32[_GPIO_IN], low) | gather(mem32[_GPIO_IN1], high)) ^ self._latches_low

    def reeds2(self) -> int:
        """Only doors that have a second reed."""
        low, high = self._reeds2
        return (gather(mem32[_GPIO_IN], low) | gather(mem32[_GPIO_IN1], high)) ^ self._reeds2_low

    def unread(self) -> int:
        return 0


class Analog:
    """ports.AnalogPort, corrected by the chip's own calibration. pins: GPIO by name."""

    def __init__(self, pins: "dict[str, int]") -> None:
        self._inputs = {
            name: machine.ADC(Pin(pin), atten=machine.ADC.ATTN_11DB) for name, pin in pins.items()
        }

    def millivolts(self, name: str) -> int:
        return self._inputs[name].read_uv() // 1000


class System:
    """ports.SystemPort. service_jumper: it was set at start, so the watchdog stays off."""

    def __init__(self, service_jumper: bool) -> None:
        self.service_jumper = service_jumper
        self._watchdog: "machine.WDT | None" = None
        memory = machine.RTC().memory
        self._restart_asked = memory() == _RESTART_MARK
        memory(b"")

    def ticks_ms(self) -> int:
        return time.ticks_ms()  # type: ignore[return-value]  # opaque in the stubs

    def feed(self) -> None:
        if self._watchdog:
            self._watchdog.feed()
        elif not self.service_jumper:
            self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)

    def restart(self) -> None:
        """The mark tells our restart from a panic: both read as a hard reset on this chip."""
        machine.RTC().memory(_RESTART_MARK)
        machine.reset()

    def reset_cause(self) -> str:
        if self._restart_asked:
            return "soft"
        causes = {
            machine.PWRON_RESET: "power",  # brown-out included
            machine.WDT_RESET: "watchdog",
            machine.SOFT_RESET: "soft",
        }
        return causes.get(machine.reset_cause(), "other")

    def random(self, n: int) -> bytes:
        data: bytes = os.urandom(n)
        return data

    def free_heap(self) -> int:
        return gc.mem_free()


class NvsMarker:
    """ports.MarkerPort in the flash partition "nvs", which no file system touches."""

    _KEY = "marker"

    def __init__(self) -> None:
        self._nvs = esp32.NVS("latchwork")

    def read(self) -> bytes:
        data = bytearray(_MARKER_LIMIT)
        try:
            length = self._nvs.get_blob(self._KEY, data)
        except OSError:  # never written
            return b""
        return bytes(data[:length])

    def write(self, data: bytes) -> bool:
        try:
            self._nvs.set_blob(self._KEY, data)
            self._nvs.commit()
        except OSError:
            return False
        return self.read() == data


class Esp32Hal:
    """ports.Hal."""

    def __init__(self, board: "dict[str, Any]") -> None:
        doors = board["doors"]
        keypad = board["keypad"]
        bus = board["i2c"]
        lamps = board["signals"]
        self.coils = Coils(board["coils"], [door["coil"] for door in doors])
        self.contacts = Contacts(board["contacts"], doors)
        self.keys = PinMatrix(
            [Pin(pin, Pin.OPEN_DRAIN, value=1) for pin in keypad["rows"]],
            [Pin(pin, Pin.IN, Pin.PULL_UP) for pin in keypad["columns"]],
            Pin(keypad["help"], Pin.IN, Pin.PULL_UP),
        )
        self.i2c = machine.I2C(
            bus.get("id", 0),
            sda=Pin(bus["sda"]),
            scl=Pin(bus["scl"]),
            freq=bus["hz"],
            timeout=_I2C_TIMEOUT_US,
        )
        self.signals = PinSignals(
            Pin(lamps["red"], Pin.OUT, value=0),
            Pin(lamps["green"], Pin.OUT, value=0),
            Pin(lamps["beeper"], Pin.OUT, value=0),
        )
        self.link = WlanLink(_start_wlan)
        self.system = System(bool(board.get("service_jumper")) and self.keys.jumper_set())
        self.marker = NvsMarker()
        self.analog = Analog(analog_pins(board))
        self.flash = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0]
        self.rtc = machine.RTC()
        self.every = Ticker(machine.Timer(0), time).every
        self.accepts_demo_keys = False
        self.radio_shares_heap = True
        self.fence: "list[None]" = []


def make(board: "dict[str, Any]") -> Esp32Hal:
    """Set up every pin of a board.json that core.board.check() has passed, and start the radio:
    its memory is what MicroPython's heap would have grown into a moment later.
    """
    esp.osdebug(0, esp.LOG_NONE)  # a line of the log takes memory, and without any it aborts
    hal = Esp32Hal(board)
    try:
        network.WLAN(network.STA_IF).active(True)
    except OSError as error:  # doors need no radio; joining tries again
        print("radio:", error)
    hal.fence = _fence()
    return hal


def _fence() -> "list[None]":
    """Have MicroPython's heap grow once, now, by all memory but what the network needs for its
    packets: left to itself it takes that too, and no answer of a DHCP server finds room. What is
    returned has to be kept: an empty area is given back.
    """
    largest = max([region[2] for region in esp32.idf_heap_info(esp32.HEAP_DATA)])
    if largest > _PLENTY_BYTES:
        return []
    wanted = largest - _NETWORK_BYTES
    fence: "list[None]" = [None] * max((wanted - wanted // _AREA_OVERHEAD) // 4, 1)
    del fence[_FENCE_LONG:]
    while len(fence) > _FENCE_SHORT:
        fence.pop()  # each gives back half of the room
    return fence


def _start_wlan(country: str) -> network.WLAN:
    if country:
        network.country(country)
    return network.WLAN(network.STA_IF)
