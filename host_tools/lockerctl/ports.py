"""Serial ports and what is probably on them."""

from dataclasses import dataclass
from typing import Any

from serial.tools import list_ports

# (USB vendor, product or None for all of its products): board in our words.
_BOARDS = {
    (0x2E8A, 0x0005): "pico_w (MicroPython on an RP2 board)",
    (0x2E8A, 0x0003): "an RP2040 in its boot loader (copy a .uf2)",
    (0x2E8A, 0x000F): "an RP2350 in its boot loader (copy a .uf2)",
    (0x2E8A, None): "a Raspberry Pi RP2 board",
    (0x10C4, 0xEA60): "esp32 (CP2102 bridge: DevKitC)",
    (0x1A86, 0x7523): "esp32 (CH340 bridge)",
    (0x1A86, 0x55D4): "esp32 (CH9102 bridge)",
    (0x0403, 0x6001): "an FTDI bridge",
    (0x303A, None): "an Espressif chip with native USB",
}


@dataclass(frozen=True)
class Port:
    """One port. usb: 'vvvv:pppp' in hex, '' for a port that is not on USB; guess: '' when there is
    none.
    """

    device: str
    usb: str
    serial_number: str
    description: str
    guess: str


def scan() -> list[Port]:
    """The USB serial ports of this computer, by name. Others (motherboard UARTs) are left out: no
    board of ours is on them.
    """
    found = [_port(info) for info in list_ports.comports() if info.vid is not None]
    return sorted(found, key=lambda port: port.device)


def guess(vendor: int, product: int) -> str:
    """What usually has these USB numbers; '' when nobody knows."""
    return _BOARDS.get((vendor, product)) or _BOARDS.get((vendor, None), "")


def _port(info: Any) -> Port:
    usb = f"{info.vid:04x}:{info.pid:04x}"
    return Port(
        info.device,
        usb,
        info.serial_number or "",
        info.description or "",
        guess(info.vid, info.pid),
    )
