"""The panel does its work when there is some, and leaves it when there is none."""

from locker.app.panel_task import PanelTask
from locker.core import faults
from locker.core.session import Session
from locker.drivers.display import Display
from locker.drivers.keypad import Keypad
from locker.drivers.signals import Signals
from ports import FakeBus, FakeLcd, FakeMatrix, FakeSignals


class FakeStation:
    """As much of a station as the panel asks for."""

    class bank:
        doors = ()

    class health:
        worst = 0

    def __init__(self):
        self.session = Session("test")
        self.news = True
        self.noted = {}

    def note_health(self, fault, bad, now):
        self.noted[fault] = bad


class Rig:
    """A panel on a 20x4 display, run step by step."""

    def __init__(self, now=0):
        self.station = FakeStation()
        self.lcd = FakeLcd()
        self.matrix = FakeMatrix()
        self.port = FakeSignals()
        self.bus = FakeBus(lcd=self.lcd)
        display = Display(self.bus, self.lcd.address, 20, 4, 0)
        self.keypad = Keypad(self.matrix)
        self.panel = PanelTask(self.station, self.keypad, display, Signals(self.port), 4, "no/")
        self.now = now

    def run(self, ms):
        end = self.now + ms
        while self.now < end:
            self.now += self.panel.step(self.now & 0x3FFFFFFF)


def test_an_idle_panel_only_reads_its_keys():
    rig = Rig()
    rig.run(1_000)
    looks = []
    refresh = rig.panel._refresh
    rig.panel._refresh = lambda now: looks.append(now) or refresh(now)
    rig.run(10_000)
    assert len(looks) <= 12, "of a thousand steps: display and lamps each ask every two seconds"
    assert rig.port.lit == (False, True)


def test_a_key_is_seen_and_heard_at_once():
    rig = Rig()
    rig.run(1_000)
    rig.matrix.down.add("4")
    rig.run(30)
    assert rig.port.sounds
    rig.run(200)
    assert "4" in "".join(rig.lcd.lines_shown())
    assert not rig.port.sounds


def typed(rig, hold_ms, step_ms):
    """Presses that are seen, of sixty that begin at another moment of the panel's period each."""
    talk = rig.station.session
    start, seen = rig.now, []
    talk.key = lambda key, now: seen.append(key)
    now = start
    for press in range(60):
        down_at = start + press * 301
        while now < down_at + 200:
            if down_at <= now < down_at + hold_ms:
                rig.matrix.down.add("4")
            else:
                rig.matrix.down.discard("4")
            rig.panel.step(now & 0x3FFFFFFF)
            now += step_ms
    return len(seen)


def test_a_timer_is_left_to_scan_until_it_falls_silent():
    rig = Rig(0x3FFFE000)  # soon the ticks wrap; no scan has been, and its 0 lies ahead
    scans = []
    scan = rig.keypad.scan
    rig.keypad.scan = lambda now: scans.append(now) or scan(now)
    rig.run(10)
    assert len(scans) == 1
    for _ in range(20):  # the timer is on time
        scan((rig.now - 3) & 0x3FFFFFFF)
        rig.run(10)
    assert len(scans) == 1
    rig.run(130)
    assert len(scans) == 13, "as often as the timer did, once it has been silent for 20 ms"
    scan((rig.now - 3) & 0x3FFFFFFF)
    rig.run(10)
    assert len(scans) == 13, "the timer is back"


def test_short_presses_are_seen_without_a_timer():
    assert typed(Rig(), 30, 10) == typed(Rig(0x3FFFE000), 40, 15) == 60
    silent = Rig()
    for _ in range(3):
        silent.keypad.scan(silent.now)
        silent.now += 10
    assert typed(silent, 40, 15) == 60


def test_news_of_the_station_changes_the_lamps_at_the_next_step():
    rig = Rig()
    rig.run(1_000)
    rig.station.health.worst = faults.RTC_SILENT
    rig.station.news = True
    rig.run(20)
    calls = rig.port.lamp_calls
    rig.run(2_000)
    assert rig.port.lamp_calls - calls >= 6, "the lamps blink though nothing else happens"
    rig.station.health.worst = 0


def test_a_display_that_falls_silent_is_noticed():
    rig = Rig()
    rig.run(1_000)
    assert rig.station.noted[faults.DISPLAY_SILENT] is False
    rig.lcd.present = False
    rig.run(2_100)
    assert rig.station.noted[faults.DISPLAY_SILENT] is True


def test_whoever_waits_for_the_display_hears_when_it_shows_all_or_fails():
    rig = Rig()
    rig.run(60)
    assert not rig.panel.is_shown
    rig.run(1_000)
    assert rig.panel.is_shown and "".join(rig.lcd.lines_shown()).strip()
    rig.panel.is_shown = False
    rig.panel.recover(rig.now)
    assert rig.panel.is_shown, "the next look may fail as well"
    unplugged = Rig()
    unplugged.lcd.present = False
    unplugged.run(1_000)
    assert unplugged.panel.is_shown
