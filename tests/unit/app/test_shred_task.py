"""When the raw flash is looked at, and when not."""

from locker.app.shred_task import ShredTask


class Station:
    """The parts that the task asks, in one."""

    def __init__(self):
        self.hal = self.system = self.solenoid = self.vault = self.cells = self
        self.session = self
        self.is_quiet = True
        self.compartments = ()
        self.owner = 7
        self.has_retired = True
        self.is_on = False
        self.looks = 0

    def ticks_ms(self):
        return 0

    def busy(self):
        return self.is_on

    def save_door(self, compartment):
        raise AssertionError("there is no door")

    # --- the blocks ---

    def ioctl(self, what, value):
        return 4096 if what == 5 else 3

    def readblocks(self, block, buf, offset=0):
        assert not self.is_on
        self.looks += 1

    def writeblocks(self, block, buf, offset=0):
        raise AssertionError("nothing is there")


def test_nothing_is_read_or_written_while_a_coil_is_on():
    station = Station()
    task = ShredTask(station, station)
    station.is_on = True
    for now in range(0, 60_000, 1000):
        task.step(now)
    assert station.looks == 0 and station.has_retired
    station.is_on = False
    task.step(61_000)
    looked = station.looks
    assert looked
    station.is_on = True
    task.step(61_020)
    assert station.looks == looked, "nor in the middle of a look"
    station.is_on = False
    for now in range(61_040, 61_200, 20):
        task.step(now)
    assert station.looks == 3 * looked and not station.has_retired


def test_whoever_types_is_let_finish_but_not_for_ever():
    station = Station()
    task = ShredTask(station, station)
    task.step(10_100)
    looked = station.looks
    station.is_quiet = False
    for now in range(10_120, 70_000, 500):
        task.step(now)
    assert station.looks == looked
    task.step(70_200)  # a minute of keys
    assert station.looks == 2 * looked
    station.is_quiet = True
    task.step(70_220)
    assert station.looks == 3 * looked


def test_the_first_look_waits_for_the_network():
    station = Station()
    task = ShredTask(station, station)
    task.step(9_900)
    assert station.looks == 0
    task.step(10_100)
    assert station.looks


def test_after_a_failure_it_begins_again():
    station = Station()
    task = ShredTask(station, station)

    def fails(block, buf, offset=0):
        raise OSError(5)

    looks, station.readblocks = station.readblocks, fails
    assert task.step(10_100) >= 60_000 and station.has_retired
    station.readblocks = looks
    task.step(4_000_000)
    assert station.looks
