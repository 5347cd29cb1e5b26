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
        self._wifi = {"ssid": ""}

    def configure(self, wifi: "dict[str, str]") -> None:
        """The access point of the next join(), as in station.json: ssid; password, empty for an
        open network; country, two letters, for the channels and the power that the law allows
        there, empty for the image's cautious default, read at the first join() only.
        """
        self._wifi = wifi

    def join(self) -> None:
        """Begin to associate. OSError without an ssid, or when the radio refuses.

        The first call starts the radio and takes up to a second (838 ms measured on the Pico W's
        image): a maintenance operation.
        """
        ssid = self._wifi["ssid"]
        if not ssid:
            raise OSError("wifi: no ssid")
        if self._wlan is None:
            self._wlan = self._start(self._wifi["country"])
        if not self._wlan.active():
            self._wlan.active(True)
        password = self._wifi["password"]
        if password:
            self._wlan.connect(ssid, password)
        else:
            self._wlan.connect(ssid)

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
