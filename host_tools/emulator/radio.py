"""The Pico W's radio, its network confined to this computer.

One guest address leads to one port on 127.0.0.1; every other connection is refused and noted, and
so is every datagram but DHCP. The emulator's own relays to real DNS servers and destinations are
never made: the bridge below is put together from its parts without them. ``sealed()`` is a second
lock: no socket of this process reaches another computer.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rp2040py.external.cyw43 import Cyw43439, net
from rp2040py.external.cyw43.bus import GSPIBus
from rp2040py.external.cyw43.nat import GATEWAY_IP, ArpResponder, DhcpServer, TcpReflector

from .errors import EmulatorError

if TYPE_CHECKING:
    from rp2040py.rp2040 import RP2040

SSID = "RP2040PY-GUEST"  # the emulator's access point, an open one
BROKER_ADDRESS = ".".join(str(part) for part in GATEWAY_IP)
LOOPBACK = "127.0.0.1"

_CREDIT = 8
_SEQUENCE_AT = 4  # of a frame's SDPCM header


@dataclass
class Gate:
    """Who may go where. refused, dropped: (address, port) of each TCP connection, each datagram.

    connected: how often the broker was reached.
    """

    guest_port: int
    host_port: int
    connected: int = 0
    refused: list[tuple[str, int]] = field(default_factory=list)
    dropped: list[tuple[str, int]] = field(default_factory=list)

    async def connect(
        self, address: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the one allowed place; ConnectionRefusedError for any other."""
        if (address, port) != (BROKER_ADDRESS, self.guest_port):
            self.refused.append((address, port))
            raise ConnectionRefusedError(f"{address}:{port} is outside")
        self.connected += 1
        return await asyncio.open_connection(LOOPBACK, self.host_port)


class Radio(Cyw43439):
    """The chip model on a bus that keeps its credits, behind the gate."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.bus: GSPIBus = _Bus()
        self._gate = gate

    def attach(self, rp2040: RP2040) -> None:
        """As the model does it, but for the way out. EmulatorError when that way is not ours."""
        super().attach(rp2040)
        if not hasattr(self.bus, "nat_bridge"):
            raise EmulatorError("this rp2040py keeps its network elsewhere: not started")
        self.bus.nat_bridge = _Bridge(rp2040, self.bus.queue_rx_ethernet_frame, self._gate)  # type: ignore[assignment]


class _Bridge:
    """ARP and DHCP answered here, TCP through the gate, nothing else."""

    def __init__(self, rp2040: RP2040, send: Callable[[bytes], None], gate: Gate) -> None:
        self._arp = ArpResponder()
        self._dhcp = DhcpServer()
        self._tcp = TcpReflector(rp2040, send, connect_fn=gate.connect)
        self._send = send
        self._gate = gate

    def reset(self) -> None:
        """The guest left the access point."""
        self._tcp.reset()

    def handle_outbound_ethernet_frame(self, frame: bytes) -> None:
        """Called by the bus for each frame of the guest."""
        eth = net.parse_ethernet(frame)
        if eth is None:
            return
        reply = self._arp.maybe_handle(eth) or self._dhcp.maybe_handle(eth)
        if reply is not None:
            self._send(reply)
            return
        ip = net.parse_ipv4(eth.payload) if eth.ethertype == net.ETHERTYPE_IPV4 else None
        if ip is not None and ip.proto == net.IP_PROTO_TCP:
            self._tcp.maybe_handle(eth, ip)
        elif ip is not None:
            self._note_dropped(ip)

    def _note_dropped(self, ip: net.Ipv4Packet) -> None:
        datagram = net.parse_udp(ip.payload) if ip.proto == net.IP_PROTO_UDP else None
        to = ".".join(str(part) for part in ip.dst_ip)
        self._gate.dropped.append((to, datagram.dst_port if datagram else 0))


class _Bus(GSPIBus):
    """The model counts its credits up with every frame towards the guest and never looks at what
    the guest sent, so that Wi-Fi stalls after some 250 frames: here the credit follows the guest.
    """

    def __init__(self) -> None:
        self._sent = 0
        super().__init__()

    @property
    def _bus_data_credit(self) -> int:
        return (self._sent + _CREDIT) & 0xFF

    @_bus_data_credit.setter
    def _bus_data_credit(self, _value: int) -> None:
        """The model's own count is not used."""

    def power_off(self) -> None:
        """The chip starts over, and so does the guest's numbering."""
        super().power_off()
        self._sent = 0

    def _write_wlan(self, data: bytes) -> None:
        if len(data) > _SEQUENCE_AT:
            self._sent = data[_SEQUENCE_AT]
        super()._write_wlan(data)


_sealing: list[bool] = []


@contextlib.contextmanager
def sealed() -> Iterator[None]:
    """Inside, a socket that shall reach another computer raises PermissionError."""
    if not _sealing:
        sys.addaudithook(_look_at_sockets)
    _sealing.append(True)
    try:
        yield
    finally:
        _sealing[-1] = False


def _look_at_sockets(event: str, arguments: tuple[Any, ...]) -> None:
    if _sealing[-1:] != [True]:
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        _allow(arguments[1])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _allow((arguments[0],))


def _allow(address: Any) -> None:
    # Unix sockets have a path instead of a pair; None: the address was given at connect().
    if isinstance(address, tuple) and address[0] not in (LOOPBACK, "localhost", None):
        raise PermissionError(f"an emulated board may not reach {address[0]}")
