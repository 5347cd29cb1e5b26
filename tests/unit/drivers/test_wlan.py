from locker.drivers.wlan import WlanLink


class FakeWlan:
    def __init__(self):
        self.calls = []
        self.on = False
        self.associated = False

    def active(self, on=None):
        if on is None:
            return self.on
        self.on = on
        self.calls.append("active")
        return None

    def connect(self, *credentials):
        self.calls.append(credentials)

    def isconnected(self):
        return self.associated

    def status(self, what):
        if not self.associated:
            raise OSError("not associated")
        return -61


def make():
    wlan = FakeWlan()
    countries = []

    def start(country):
        countries.append(country)
        return wlan

    return WlanLink(start), wlan, countries


def wifi(ssid, password, country=""):
    return {"ssid": ssid, "password": password, "country": country}


def test_nothing_is_touched_before_the_first_join():
    link, wlan, countries = make()
    link.configure(wifi("net", "secret", "DE"))
    assert not link.is_up() and link.rssi_dbm() == 0
    assert wlan.calls == [] and countries == []


def test_radio_is_started_once():
    link, wlan, countries = make()
    link.configure(wifi("net", "secret", "DE"))
    link.join()
    link.join()
    assert wlan.calls == ["active", ("net", "secret"), ("net", "secret")]
    assert countries == ["DE"]


def test_open_network():
    link, wlan, _countries = make()
    link.configure(wifi("net", ""))
    link.join()
    assert wlan.calls == ["active", ("net",)]


def test_join_without_an_ssid_is_an_error():
    link, wlan, _countries = make()
    try:
        link.join()
    except OSError:
        assert wlan.calls == []
        return
    raise AssertionError("joined")


def test_signal_strength_is_0_while_it_is_not_known():
    link, wlan, _countries = make()
    link.configure(wifi("net", "secret"))
    link.join()
    assert link.rssi_dbm() == 0
    wlan.associated = True
    assert link.is_up() and link.rssi_dbm() == -61
