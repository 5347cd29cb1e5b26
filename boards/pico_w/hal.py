"""Raspberry Pi Pico W: locker.ports on RP2040 pins, PIO, I2C and the CYW43 radio. See make()."""

import gc
import os
import time

import machine
import network
import rp2
from locker.drivers.pins import PinMatrix, PinSignals, analog_pins, fitted, gather, runs
from locker.drivers.ticker import Ticker
from locker.drivers.train import rests_for
from locker.drivers.wlan import WlanLink
from machine import Pin, mem32
from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from typing import Any

    from locker.ports import CoilPort, ContactPort

    # The names that rp2.asm_pio() gives to the body of a program.
    from rp2.asm_pio_rp2040 import (
        in_,
        isr,
        jmp,
        label,
        mov,
        null,
        out,
        pins,
        pull,
        set,
        wrap,
        wrap_target,
        x,
        x_dec,
        y,
        y_dec,
    )

_GPIO_IN = const(0xD0000004)
_PIO0_CTRL_SET = const(0x50202000)
_PIO0_CTRL_CLEAR = const(0x50203000)
_PIO0_FSTAT = const(0x50200004)
_PIO0_TXF0 = const(0x50200010)
_SM0_EXECCTRL = const(0x502000CC)
_SM0_SHIFTCTRL_XOR = const(0x502010D0)
_SM0_ADDR = const(0x502000D4)
_SM0_INSTR = const(0x502000D8)
_SM0_SETTINGS = (0x502000C8, 0x502000CC, 0x502000D0, 0x502000DC)  # SM1's lie 0x18 further on
_SM1 = const(0x18)
_SM0_ON = const(1)
_SM0_RESTART = const(0x110)  # with its clock divider
_SM0_TX_EMPTY = const(0x1000000)
_JOIN_RX = const(0x80000000)  # either change empties the FIFO
_SCRATCH0 = const(0x4005800C)  # of the watchdog: lost at power-on only; the boot ROM uses 4 to 7
_RESTART_MARK = const(0x1057)
_WATCHDOG_MS = const(4_000)
_I2C_TIMEOUT_US = const(10_000)
_SUPPLY_MV = const(3_300)  # the converter measures by it
_EBUSY = const(16)  # the image's errno module has no such name

_TICK_BITS = const(12)
_COIL_BITS = const(3)
_FIFO_DEPTH = const(4)
_OFF = const(12)  # the instruction of _program() that switches off; 0 waits for the next word


def _program(rests: int, coils: int) -> "Any":
    """One pulse for each word put: coil in bits 0..2 (0 = first pin), ticks in bits 3..14.

    On for ticks + 2, then off for at least rests times as long before the next word is looked at.
    A word names one coil, twelve bits hold no longer pulse than the limit, and nothing in a word
    shortens the off-time: what a program gone wild puts keeps one coil, limit and duty.
    """

    @rp2.asm_pio(
        out_init=(rp2.PIO.OUT_LOW,) * coils,  # type: ignore[arg-type]
        sideset_init=rp2.PIO.OUT_LOW,
        out_shiftdir=rp2.PIO.SHIFT_RIGHT,
    )
    def pulse() -> None:
        wrap_target()
        pull().side(0)
        out(y, _COIL_BITS).side(0)
        set(x, 1).side(0)
        mov(isr, x).side(0)
        jmp("count").side(0)
        label("shift")
        in_(null, 1).side(0)
        label("count")
        jmp(y_dec, "shift").side(0)
        mov(y, isr).side(0)
        out(x, _TICK_BITS).side(0)
        mov(isr, x).side(0)
        mov(pins, y).side(1)
        label("on")
        jmp(x_dec, "on").side(1)
        mov(pins, null).side(0)
        set(y, rests - 1).side(0)
        label("rest")
        mov(x, isr).side(0)
        label("off")
        jmp(x_dec, "off").side(0)
        jmp(y_dec, "rest").side(0)
        wrap()

    return pulse


class Coils:
    """ports.CoilPort: state machine 0 drives the coils, and the enable as its side-set pin.

    A soft reset stops every state machine that rp2.StateMachine has handed out, its pins as they
    are, some 30 ms before boot.py can put them right. So rp2 sets up number 1, which never runs;
    number 0 gets the same settings and is started behind rp2's back: it ends its pulse itself.
    """

    def __init__(self, config: "dict[str, Any]", coil_pins: "list[int]") -> None:
        self.limit_ms = config["limit_ms"]
        self._masks = [1 << index for index in range(len(coil_pins))]
        # The longest pulse that 12 bits can hold lasts limit_ms.
        self._ticks_hz = -(-((1 << _TICK_BITS) + 1) * 1000 // self.limit_ms)
        self._pins_low = rp2.asm_pio_encode("mov(pins, null).side(0)", 1)
        self._drop_word = rp2.asm_pio_encode("pull(noblock).side(0)", 1)
        mem32[_PIO0_CTRL_CLEAR] = _SM0_ON  # it may still be in a pulse from before a soft reset
        rp2.StateMachine(
            1,
            _program(rests_for(config["duty_percent"]), len(coil_pins)),
            freq=self._ticks_hz,
            out_base=Pin(coil_pins[0]),
            sideset_base=Pin(config["enable"]),
        )
        self._origin = self._take_over()
        self._go_off = self._origin + _OFF  # "jmp(_OFF).side(0)" is the bare address

    def fire(self, mask: int, on_ms: int) -> None:
        if mask not in self._masks:
            raise ValueError("coil mask")
        if not 1 <= on_ms <= self.limit_ms:
            raise ValueError("on_ms")
        if self._word_waits() or self._place():
            raise OSError(_EBUSY)
        ticks = on_ms * self._ticks_hz // 1000 - 2
        mem32[_PIO0_TXF0] = ticks << _COIL_BITS | self._masks.index(mask)

    def busy(self) -> bool:
        """On, or about to be; False in the off-time."""
        return self._word_waits() or 0 < self._place() <= _OFF

    def abort(self) -> None:
        """Off now. The machine goes on, in the off-time: stopped it would hold its pins."""
        mem32[_PIO0_CTRL_CLEAR] = _SM0_ON
        mem32[_SM0_INSTR] = self._pins_low
        for _ in range(_FIFO_DEPTH):
            mem32[_SM0_INSTR] = self._drop_word
        if self._place():
            mem32[_SM0_INSTR] = self._go_off
        mem32[_PIO0_CTRL_SET] = _SM0_ON

    def _take_over(self) -> int:
        """Start state machine 0 with the settings of number 1; where the program was loaded."""
        for address in _SM0_SETTINGS:
            mem32[address] = mem32[address + _SM1]
        for _ in range(2):
            mem32[_SM0_SHIFTCTRL_XOR] = _JOIN_RX
        origin: int = mem32[_SM0_EXECCTRL] >> 7 & 31  # wrap bottom
        mem32[_PIO0_CTRL_SET] = _SM0_RESTART
        mem32[_SM0_INSTR] = self._pins_low
        mem32[_SM0_INSTR] = origin
        mem32[_PIO0_CTRL_SET] = _SM0_ON
        return origin

    def _word_waits(self) -> bool:
        return not mem32[_PIO0_FSTAT] & _SM0_TX_EMPTY

    def _place(self) -> int:
        """The instruction that the state machine is at, counted from the program's first."""
        place: int = mem32[_SM0_ADDR] - self._origin
        return place


class Contacts:
    """ports.ContactPort: one register read a call."""

    def __init__(self, config: "dict[str, Any]", doors: "list[dict[str, Any]]") -> None:
        reeds = [door.get("reed") for door in doors]
        latches = [door.get("latch") for door in doors]
        twins = [door.get("reed2") for door in doors]
        for pin in reeds + latches + twins:
            if pin is not None and config.get("pull") == "none":
                Pin(pin, Pin.IN)
            elif pin is not None:
                Pin(pin, Pin.IN, Pin.PULL_UP)
        self._reeds = runs(reeds)
        self._latches = runs(latches)
        self._reeds2 = runs(twins)
        self._reeds_low = fitted(reeds) if config["reed_closed"] == "low" else 0
        self._reeds2_low = fitted(twins) if config["reed_closed"] == "low" else 0
        self._latches_low = fitted(latches) if config["latch_locked"] == "low" else 0

    def reeds(self) -> int:
        return gather(mem32[_GPIO_IN], self._reeds) ^ self._reeds_low

    def latches(self) -> int:
        return gather(mem32[_GPIO_IN], self._latches) ^ self._latches_low

    def reeds2(self) -> int:
        """Only doors that have a second reed."""
        return gather(mem32[_GPIO_IN], self._reeds2) ^ self._reeds2_low

    def unread(self) -> int:
        return 0


class Analog:
    """ports.AnalogPort. pins: GPIO by name."""

    def __init__(self, pins: "dict[str, int]") -> None:
        self._inputs = {name: machine.ADC(Pin(pin)) for name, pin in pins.items()}

    def millivolts(self, name: str) -> int:
        return self._inputs[name].read_u16() * _SUPPLY_MV >> 16


class System:
    """ports.SystemPort. service_jumper: it was set at start, so the watchdog stays off."""

    def __init__(self, service_jumper: bool) -> None:
        self.service_jumper = service_jumper
        self._watchdog: "machine.WDT | None" = None
        self._restart_asked = mem32[_SCRATCH0] == _RESTART_MARK
        mem32[_SCRATCH0] = 0

    def ticks_ms(self) -> int:
        return time.ticks_ms()  # type: ignore[return-value]  # opaque in the stubs

    def feed(self) -> None:
        if self._watchdog:
            self._watchdog.feed()
        elif not self.service_jumper:
            self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)

    def restart(self) -> None:
        """machine.reset() reads as a watchdog reset on this chip: the mark tells the two apart."""
        mem32[_SCRATCH0] = _RESTART_MARK
        machine.reset()

    def reset_cause(self) -> str:
        if self._restart_asked:
            return "soft"
        return "watchdog" if machine.reset_cause() == machine.WDT_RESET else "power"

    def random(self, n: int) -> bytes:
        data: bytes = os.urandom(n)
        return data

    def free_heap(self) -> int:
        return gc.mem_free()


class PicoWHal:
    """ports.Hal; coils and contacts may be others than pins of the chip."""

    def __init__(
        self, board: "dict[str, Any]", coils: "CoilPort", contacts: "ContactPort"
    ) -> None:
        keypad = board["keypad"]
        bus = board["i2c"]
        lamps = board["signals"]
        self.coils = coils
        self.contacts = contacts
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
        self.analog = Analog(analog_pins(board))
        self.flash = rp2.Flash()
        self.rtc = machine.RTC()
        self.every = Ticker(machine.Timer(-1), time).every
        self.accepts_demo_keys = False
        self.radio_shares_heap = False


def make(board: "dict[str, Any]") -> PicoWHal:
    """Set up every pin of a board.json that core.board.check() has passed."""
    doors = board["doors"]
    coils = Coils(board["coils"], [door["coil"] for door in doors])
    return PicoWHal(board, coils, Contacts(board["contacts"], doors))


def _start_wlan(country: str) -> network.WLAN:
    if country:
        network.country(country)
    return network.WLAN(network.STA_IF)
