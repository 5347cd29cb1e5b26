"""The door step of a station where nothing happens: it must not leave garbage, which is collected
in a pause of its own.
"""

import gc

from locker.app.door_task import DoorTask
from locker.core.bank import Bank
from locker.core.door import Timers
from locker.drivers.solenoid import Solenoid
from ports import FakeCoils

DOORS = 24
ALL = (1 << DOORS) - 1


class Quiet:
    """A station with nothing but doors, all shut."""

    def __init__(self, paired=0):
        self.hal = self.contacts = self.system = self
        self.bank = Bank(["rotary"] * DOORS, Timers(), paired=paired)
        self.bank.start(0, [0] * DOORS, 0)
        self.solenoid = Solenoid(FakeCoils(), DOORS, 10, 150)
        self.doors_dirty = 0
        self.fed = 0

    def reeds(self):
        return ALL

    def latches(self):
        return ALL

    def unread(self):
        return 0

    def feed(self):
        self.fed += 1

    def door_changed(self, door, state, verdict):
        self.doors_dirty |= 1 << (door - 1)


def taken():
    """Bytes of the heap in use; CPython does not tell."""
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def test_an_idle_step_allocates_nothing():
    station = Quiet()
    check(station, DoorTask(station, station, 60))


def test_nor_does_one_with_second_reeds():
    station = Quiet(paired=ALL)
    task = DoorTask(station, station, 60)
    task.watch_twins(station.reeds)
    check(station, task)


def check(station, task):
    now = 0
    while now < 10_000:
        now += 10
        task.step(now)
    gc.collect()
    before = taken()
    task.step(now + 10)
    task.step(now + 20)
    assert taken() == before
    assert station.fed == 1002
