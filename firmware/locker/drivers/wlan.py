"""A network.WLAN station interface as a ports.LinkPort."""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class WlanLink:
    """join() starts, is_up() tells. Nothing here waits for the access point."""

    def __init__(self, start: "Callable[[str], Any]") -> None:
        """start: makes the interface for a country code; called once, by the first join()."""
        self._start = start
        self._wlan: "Any" = None
        self._ssid = ""
        self._password = ""
        self._country = ""

    def configure(self, ssid: str, password: str, country: str = "") -> None:
        """The access point of the next join(). An empty password: an open network.

        country: two letters, for the channels and the power that the law allows there; empty: the
        image's cautious default. Read at the first join() only.
        """
        self._ssid = ssid
        self._password = password
        self._country = country

    def join(self) -> None:
        """Begin to associate. OSError without an ssid, or when the radio refuses.

        The first call starts the radio and takes up to a second (838 ms measured on the Pico W's
        image): a maintenance operation.
        """
        if not self._ssid:
            raise OSError("wifi: no ssid")
        if self._wlan is None:
            self._wlan = self._start(self._country)
        if not self._wlan.active():
            self._wlan.active(True)
        if self._password:
            self._wlan.connect(self._ssid, self._password)
        else:
            self._wlan.connect(self._ssid)

    def is_up(self) -> bool:
        """Associated, and with an address."""
        return self._wlan is not None and bool(self._wlan.isconnected())

    def rssi_dbm(self) -> int:
        """0 when unknown: the ESP32 raises while it is not associated."""
        if self._wlan is None:
            return 0
        try:
            return int(self._wlan.status("rssi"))
        except OSError:
            return 0
